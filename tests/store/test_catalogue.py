from pathlib import Path

import pytest

from sigmoid_lab import LabError, train
from sigmoid_lab.store.catalogue import delete, find, runs_in


@pytest.fixture
def runs(config: Path, tmp_path: Path) -> tuple[Path, Path, Path]:
    """Return a folder, and its two runs, older first."""
    folder = tmp_path / "runs"
    older, newer = (Path(train(config, [f"name={name}"], folder).run) for name in ("zebra", "aardvark"))
    return folder, older, newer


def test_runs_are_listed_oldest_first(runs: tuple[Path, Path, Path]) -> None:
    folder, older, newer = runs
    assert list(runs_in(folder)) == [older, newer]


def test_a_missing_folder_holds_no_runs(tmp_path: Path) -> None:
    assert list(runs_in(tmp_path / "nowhere")) == []


def test_a_run_is_found_by_path_name_prefix_and_latest(runs: tuple[Path, Path, Path]) -> None:
    folder, older, newer = runs
    assert find(folder, str(older)) == older
    assert find(folder, older.name) == older
    assert find(folder, older.name[:-1]) == older
    assert find(folder, "latest") == newer


def test_an_ambiguous_prefix_names_the_runs_that_it_fits(runs: tuple[Path, Path, Path]) -> None:
    folder, older, newer = runs
    with pytest.raises(LabError) as caught:
        find(folder, "20")
    assert older.name in str(caught.value)
    assert newer.name in str(caught.value)


@pytest.mark.parametrize("name", ["", "nope", "..", "/"])
def test_an_unknown_run_is_an_error(runs: tuple[Path, Path, Path], name: str) -> None:
    with pytest.raises(LabError):
        find(runs[0], name)


def test_an_empty_folder_says_how_to_make_a_run(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="sigmoid-lab train CONFIG"):
        find(tmp_path, "latest")


def test_a_deleted_run_leaves_nothing(runs: tuple[Path, Path, Path]) -> None:
    folder, older, newer = runs
    delete(older)
    assert list(folder.iterdir()) == [newer]


def test_a_link_is_not_followed_to_a_run_elsewhere(runs: tuple[Path, Path, Path], tmp_path: Path) -> None:
    folder, older, _ = runs
    older.rename(tmp_path / "elsewhere")
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LabError, match=r"link: is a link; `sigmoid-lab runs delete .*elsewhere` deletes the run"):
        delete(find(folder, "link"))
    assert (tmp_path / "elsewhere" / "results.sqlite").exists()


def test_a_run_that_lost_its_results_is_still_seen(runs: tuple[Path, Path, Path]) -> None:
    folder, older, newer = runs
    (older / "results.sqlite").unlink()
    assert list(runs_in(folder)) == [older, newer]


@pytest.mark.parametrize("file", ["results.sqlite", "experiment.yaml"])
def test_a_run_that_lost_a_file_can_be_deleted_and_is_not_the_latest(runs: tuple[Path, Path, Path], file: str) -> None:
    folder, older, newer = runs
    (newer / file).unlink()
    assert find(folder, "latest") == older
    delete(find(folder, newer.name))
    assert list(folder.iterdir()) == [older]


def test_only_a_run_directory_is_deleted(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(LabError, match="is no run directory"):
        delete(tmp_path)
    assert (tmp_path / "precious.txt").exists()
