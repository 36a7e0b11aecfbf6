"""What shells are told, asked as bash, zsh and fish ask."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sigmoid_lab

SHELLS = pytest.mark.parametrize("shell", ["bash", "zsh"])


def answered(
    shell: str, line: str, folder: Path, fish: str = "get-args", action: str = "complete"
) -> "subprocess.CompletedProcess[str]":
    """Return what a shell is answered when it asks for the last word of a line."""
    asked = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": fish},
    }[shell]
    return subprocess.run(
        [Path(sys.executable).parent / "sigmoid-lab"],
        cwd=folder,
        env={**os.environ, **asked, "_SIGMOID_LAB_COMPLETE": f"{action}_{shell}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def offered(shell: str, line: str, folder: Path) -> list[str]:
    """Return the words offered for the last one of a line."""
    process = answered(shell, line, folder)
    assert process.stderr == ""
    if shell != "zsh":
        return [line.partition("\t")[0] for line in process.stdout.splitlines() if line]
    return [word.replace("\\", "") for word in re.findall(r'(?<!:)"([^"]+)"', process.stdout)]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_commands_are_offered(shell: str, tmp_path: Path) -> None:
    assert offered(shell, "sigmoid-lab com", tmp_path) == ["compare-depth"]
    assert offered(shell, "sigmoid-lab runs ex", tmp_path) == ["export"]


@SHELLS
def test_activations_are_offered(shell: str, tmp_path: Path) -> None:
    assert offered(shell, "sigmoid-lab table --activation si", tmp_path) == ["sigmoid", "silu"]
    assert offered(shell, "sigmoid-lab compare-depth -a sel", tmp_path) == ["selu"]


@SHELLS
def test_configs_are_offered_also_those_in_folders(shell: str, tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    for name in ("configs/one.yaml", "configs/notes.txt", "two.yml"):
        (tmp_path / name).touch()
    assert offered(shell, "sigmoid-lab train con", tmp_path) == ["configs/one.yaml"]
    assert offered(shell, "sigmoid-lab config check ", tmp_path) == ["configs/one.yaml", "two.yml"]
    assert offered(shell, "sigmoid-lab train ./conf", tmp_path) == ["./configs/one.yaml"]
    assert offered(shell, f"sigmoid-lab train {tmp_path}/t", tmp_path.parent) == [f"{tmp_path}/two.yml"]


@SHELLS
def test_runs_are_offered_the_newest_first(shell: str, config: Path) -> None:
    first, second = (Path(sigmoid_lab.train(config, runs=config.parent / "runs").run).name for _ in range(2))
    assert offered(shell, "sigmoid-lab report ", config.parent) == ["latest", second, first]
    assert offered(shell, f"sigmoid-lab runs show {first[:-1]}", config.parent) == [first]
    assert offered(shell, "sigmoid-lab report runs/2", config.parent) == [f"runs/{second}", f"runs/{first}"]


@SHELLS
def test_runs_of_another_folder_are_offered_where_it_is_named(shell: str, config: Path) -> None:
    run = Path(sigmoid_lab.train(config, runs=config.parent / "others").run).name
    assert offered(shell, "sigmoid-lab runs show --runs others 2", config.parent) == [run]
    assert offered(shell, "sigmoid-lab runs show ", config.parent) == []


def test_settings_of_a_config_are_offered(tmp_path: Path) -> None:
    assert offered("bash", "sigmoid-lab train x.yaml --set network.act", tmp_path) == ["network.activation="]
    assert offered("bash", "sigmoid-lab train x.yaml --set see", tmp_path) == ["seeds=", "seed="]
    assert "optimizer.learning_rate=" in offered("bash", "sigmoid-lab config check x.yaml --set opt", tmp_path)


def test_what_a_run_compares_is_offered_to_choose_groups_by(config: Path) -> None:
    sigmoid_lab.train(config, runs=config.parent / "runs")
    pairs = ["network.activation=sigmoid", "network.activation=relu"]
    assert offered("bash", "sigmoid-lab runs show latest --where net", config.parent) == pairs
    assert offered("bash", "sigmoid-lab report latest --where ", config.parent) == pairs
    assert offered("bash", "sigmoid-lab report latest --group-by ", config.parent) == ["network.activation"]


def test_groups_of_a_run_that_cannot_be_read_are_not_offered(config: Path) -> None:
    run = Path(sigmoid_lab.train(config, runs=config.parent / "runs").run)
    (run / "results.sqlite").write_bytes(b"nothing" * 200)
    assert offered("bash", "sigmoid-lab runs show latest --where ", config.parent) == []
    assert offered("bash", "sigmoid-lab runs show nope --where ", config.parent) == []
    assert offered("bash", "sigmoid-lab runs show --where ", config.parent) == []


def test_a_path_that_cannot_be_looked_at_holds_nothing_to_offer(tmp_path: Path) -> None:
    too_long = "x" * 300
    assert offered("bash", f"sigmoid-lab train {too_long}/c", tmp_path) == []
    assert offered("bash", f"sigmoid-lab report {too_long}/2", tmp_path) == []
    assert offered("bash", f"sigmoid-lab report {too_long} --where ", tmp_path) == []


def test_where_nothing_is_offered_shells_offer_files(tmp_path: Path) -> None:
    assert answered("zsh", "sigmoid-lab train x", tmp_path).stdout.strip() == "_files"
    assert answered("fish", "sigmoid-lab train x", tmp_path, "is-args").returncode == 1
    assert answered("fish", "sigmoid-lab tra", tmp_path, "is-args").returncode == 0
    assert answered("bash", "sigmoid-lab train x", tmp_path).stdout.strip() == ""
    assert "complete -o default -F" in answered("bash", "", tmp_path, action="source").stdout


@SHELLS
def test_words_of_options_are_offered(shell: str, tmp_path: Path) -> None:
    assert offered(shell, "sigmoid-lab compare-depth --init ortho", tmp_path) == ["orthogonal"]
    assert offered(shell, "sigmoid-lab compare-depth --loss max", tmp_path) == ["max-form"]
    assert offered(shell, "sigmoid-lab runs show latest --by test_l", tmp_path) == ["test_loss"]
    assert offered(shell, "sigmoid-lab config new moo", tmp_path) == ["moons"]
