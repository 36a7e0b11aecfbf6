"""What shells are told, asked as bash and zsh ask."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sigmoid_lab

SHELLS = pytest.mark.parametrize("shell", ["bash", "zsh"])


def offered(shell: str, line: str, folder: Path) -> list[str]:
    """Return the words offered for the last one of a line."""
    asked = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
    }[shell]
    process = subprocess.run(
        [Path(sys.executable).parent / "sigmoid-lab"],
        cwd=folder,
        env={**os.environ, **asked, "_SIGMOID_LAB_COMPLETE": f"complete_{shell}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert process.stderr == ""
    if shell == "bash":
        return process.stdout.split()
    return [word.replace("\\", "") for word in re.findall(r'(?<!:)"([^"]+)"', process.stdout)]


@SHELLS
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


@SHELLS
def test_runs_are_offered_the_newest_first(shell: str, config: Path) -> None:
    first, second = (Path(sigmoid_lab.train(config, runs=config.parent / "runs").run).name for _ in range(2))
    assert offered(shell, "sigmoid-lab report ", config.parent) == ["latest", second, first]
    assert offered(shell, f"sigmoid-lab runs show {first[:-1]}", config.parent) == [first]


@SHELLS
def test_runs_of_another_folder_are_offered_where_it_is_named(shell: str, config: Path) -> None:
    run = Path(sigmoid_lab.train(config, runs=config.parent / "others").run).name
    assert offered(shell, "sigmoid-lab runs show --runs others 2", config.parent) == [run]
    assert offered(shell, "sigmoid-lab runs show ", config.parent) == []


@SHELLS
def test_words_of_options_are_offered(shell: str, tmp_path: Path) -> None:
    assert offered(shell, "sigmoid-lab compare-depth --init ortho", tmp_path) == ["orthogonal"]
    assert offered(shell, "sigmoid-lab compare-depth --loss max", tmp_path) == ["max-form"]
    assert offered(shell, "sigmoid-lab config new moo", tmp_path) == ["moons"]
