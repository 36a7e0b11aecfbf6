"""Nothing loads before it is needed: checked in processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROBE = """
import json, sys
from sigmoid_lab.cli import app
try:
    app(sys.argv[1:])
except SystemExit as stop:
    assert not stop.code, stop.code
finally:
    print("\\n" + json.dumps([name for name in ("torch", "numpy", "pydantic", "rich", "sympy") if name in sys.modules]))
"""


def loaded(*arguments: str, folder: Path) -> set[str]:
    process = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        cwd=folder,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(process.stdout.splitlines()[-1]))


def test_help_loads_neither_torch_nor_numpy_nor_pydantic(tmp_path: Path) -> None:
    assert loaded("--help", folder=tmp_path) <= {"rich"}


@pytest.mark.parametrize(
    "command",
    ["table", "compare-depth", "train", "stability", "claims", "theory", "gates", "doctor", "report", "runs", "config"],
)
def test_help_of_a_command_loads_neither_torch_nor_numpy(command: str, tmp_path: Path) -> None:
    assert not loaded(command, "--help", folder=tmp_path) & {"torch", "numpy"}


@pytest.mark.parametrize(
    "command",
    [
        ("runs", "list"),
        ("runs", "show", "latest"),
        ("runs", "compare", "latest", "latest"),
        ("runs", "export", "latest", "out"),
        ("report", "latest"),
        ("runs", "delete", "latest", "--yes"),
        ("config", "check", "tiny.yaml"),
        ("config", "schema"),
        ("config", "new", "moons"),
    ],
)
def test_runs_report_and_config_never_load_torch(command: tuple[str, ...], config: Path) -> None:
    from sigmoid_lab import train

    train(config, runs=config.parent / "runs")
    assert "torch" not in loaded(*command, folder=config.parent)


@pytest.mark.parametrize(
    "command",
    [
        ("table",),
        ("compare-depth", "--layers", "1", "--seeds", "2"),
        ("stability", "--at", "0"),
        ("claims", "log-sum-exp"),
        ("gates", "--steps", "2", "--hidden", "2", "--seeds", "2"),
    ],
)
def test_torch_is_loaded_without_its_symbolic_algebra(command: tuple[str, ...], tmp_path: Path) -> None:
    found = loaded(*command, folder=tmp_path)
    assert "torch" in found
    assert "sympy" not in found


def test_training_loads_no_symbolic_algebra(config: Path) -> None:
    assert "sympy" not in loaded("train", "tiny.yaml", "--set", "optimizer.kind=adam", folder=config.parent)


@pytest.mark.parametrize("options", [(), ("--init", "he", "--layers", "3"), ("--critical",)])
def test_theory_loads_neither_torch_nor_pydantic(options: tuple[str, ...], tmp_path: Path) -> None:
    assert not loaded("theory", *options, folder=tmp_path) & {"torch", "pydantic"}


def test_importing_the_package_loads_nothing(tmp_path: Path) -> None:
    code = "import sys, sigmoid_lab; print(any(m in sys.modules for m in ('torch', 'numpy', 'pydantic', 'typer')))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert process.stdout == "False\n"


def test_python_m_is_the_command(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "sigmoid_lab", "--help"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "Usage: python -m sigmoid_lab [OPTIONS] COMMAND" in process.stdout
