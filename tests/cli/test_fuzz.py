"""Every command with options that hypothesis makes up: an exit code of the contract, and never a traceback."""

from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.fuzz import bounded
from typer.testing import CliRunner

from sigmoid_lab import train
from sigmoid_lab.cli import app

SMALL: dict[str, list[str]] = {
    "table": [],
    "compare-depth": ["--layers", "1", "--seeds", "2", "--width", "4"],
    "train": ["tiny.yaml"],
    "stability": ["--at", "0", "-i", "torch"],
    "claims": ["half-at-zero"],
    "theory": ["--layers", "2"],
    "gates": ["--steps", "2", "--hidden", "2", "--seeds", "2"],
    "doctor": ["model.py:case"],
    "runs list": [],
    "runs show": ["latest"],
    "runs compare": ["latest", "latest"],
    "runs export": ["latest", "out"],
    "runs delete": ["absent"],
    "report": ["latest"],
    "config new": ["moons"],
    "config check": ["tiny.yaml"],
    "config schema": [],
}
"""Arguments that keep each command's work small."""
LONG_WORK = {"--exhaustive", "--train", "--prove", "--workers", "--ray", "--dry-run", "--help", "--width", "--yes"}
"""Options that start long work, processes or clusters, or delete."""
NUMBERS = ("0", "1", "2", "-1", "1e-3", "nan", "inf", "-inf", "1e999", "0,1")
NAMES = ("sigmoid", "relu", "he", "float16", "cpu", "cuda", "loss", "network.activation=relu", "network.depth=2", "a=b")
ODD = ("", ",", "=", "[1", "{", "--", "..", "/", "/dev/null", "\ufffd", "é", "latest", "tiny.yaml", "x" * 5000)
VALUES = st.sampled_from((*NUMBERS, *NAMES, *ODD)) | st.text(st.characters(exclude_characters="\0"), max_size=8)


def commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(app)
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        children = getattr(command, "commands", None) or {"": command}
        found |= {f"{name} {child}".strip(): below for child, below in children.items()}
    return found


COMMANDS = commands()


@st.composite
def options(draw: st.DrawFn, command: str) -> list[str]:
    """Draw up to three options of a command, each with a value if it takes one."""
    taken = [option for option in COMMANDS[command].params if option.param_type_name == "option"]
    words: list[str] = []
    for option in draw(st.lists(st.sampled_from(taken), max_size=3)):
        name = draw(st.sampled_from(option.opts))
        if not LONG_WORK & set(option.opts):
            words += [name] if option.is_flag else [f"{name}={draw(VALUES)}" if name.startswith("--") else name]
    return words


def test_every_command_is_tried() -> None:
    assert SMALL.keys() == COMMANDS.keys()


@pytest.mark.parametrize("command", SMALL)
@pytest.mark.parametrize("examples", [20, pytest.param(600, marks=pytest.mark.long)])
def test_options_end_in_an_exit_code_of_the_contract(
    command: str, examples: int, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    train(config, runs=tmp_path / "runs")
    (tmp_path / "model.py").write_text("def case():\n    return {}\n", encoding="utf-8")

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(options(command))
    def holds(words: list[str]) -> None:
        with bounded():
            result = CliRunner().invoke(app, [*command.split(), *SMALL[command], *words])
        fault = None if isinstance(result.exception, SystemExit) else result.exception
        assert fault is None, (words, fault)
        assert result.exit_code in {0, 2, 3, 4}
        assert result.exit_code != 2 or result.stdout == ""

    holds()
