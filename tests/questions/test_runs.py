from pathlib import Path

import pytest

from sigmoid_lab import LabError, train
from sigmoid_lab.questions.runs import compare, list_runs, show
from sigmoid_lab.results.train import TrainAnswer

COMPARE = "compare={network.activation: [sigmoid, relu], network.depth: [1, 2]}"


@pytest.fixture
def answer(config: Path, tmp_path: Path) -> TrainAnswer:
    return train(config, [COMPARE], tmp_path / "runs")


def test_show_answers_what_train_answered(answer: TrainAnswer, tmp_path: Path) -> None:
    assert show(tmp_path / "runs", "latest").groups == answer.groups


def test_where_selects_groups(answer: TrainAnswer, tmp_path: Path) -> None:
    shown = show(tmp_path / "runs", "latest", ["network.activation=relu", "depth=2"])
    assert [group.settings for group in shown.groups] == [{"network.activation": "relu", "network.depth": 2}]


def test_group_by_pools_over_everything_else(answer: TrainAnswer, tmp_path: Path) -> None:
    shown = show(tmp_path / "runs", "latest", group_by="activation")
    assert [(group.settings, group.networks) for group in shown.groups] == [
        ({"network.activation": "sigmoid"}, 6),
        ({"network.activation": "relu"}, 6),
    ]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (["activation"], "write --where KEY=VALUE"),
        (["activation=tanh"], "no group has activation=tanh"),
        (["activaton=relu"], "'activaton' is no compared key; did you mean"),
    ],
)
def test_a_selection_that_fits_nothing_is_an_error(
    answer: TrainAnswer, tmp_path: Path, where: list[str], message: str
) -> None:
    with pytest.raises(LabError, match=message):
        show(tmp_path / "runs", "latest", where)


def test_list_tells_name_status_and_networks(answer: TrainAnswer, tmp_path: Path) -> None:
    (row,) = list_runs(tmp_path / "runs").rows
    assert (row.run, row.name, row.status, row.networks) == (Path(answer.run).name, "tiny", "complete", 12)


def test_a_run_that_cannot_be_read_is_listed_and_hides_no_other(answer: TrainAnswer, tmp_path: Path) -> None:
    broken = tmp_path / "runs" / "20990101-000000-broken-ffff"
    broken.mkdir()
    (broken / "results.sqlite").write_bytes(b"nothing" * 200)
    rows = {row.run: row for row in list_runs(tmp_path / "runs").rows}
    assert rows[broken.name].status == "failed"
    assert rows[Path(answer.run).name].status == "complete"


def test_runs_are_compared_group_by_group(answer: TrainAnswer, config: Path, tmp_path: Path) -> None:
    other = train(config, runs=tmp_path / "runs")
    compared = compare(tmp_path / "runs", [Path(answer.run).name, Path(other.run).name])
    assert [row.group for row in compared.groups] == [*answer.groups, *other.groups]
    assert [row.run for row in compared.groups] == [Path(answer.run).name] * 4 + [Path(other.run).name] * 2
