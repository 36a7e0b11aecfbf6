"""What every test stands on: a plain terminal of 80 columns, and the command line run in a directory of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Lab = Callable[..., subprocess.CompletedProcess[str]]

TERMINAL_VARIABLES = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "CI", "PYTHONWARNINGS")


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TERMINAL_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """Return a function that runs ``sigmoid-lab`` in a process of its own, in the test's directory."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sigmoid_lab", *arguments],
            cwd=tmp_path,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return a config that trains in a moment: two groups of three networks."""
    path = tmp_path / "tiny.yaml"
    path.write_text(
        "name: tiny\n"
        "data: {kind: blobs, samples: 64}\n"
        "network: {kind: deep, depth: 2, width: 8}\n"
        "training: {steps: 6, batch_size: 16}\n"
        "measure: {every: 3}\n"
        "seeds: 3\n"
        "seed: 5\n"
        "compare:\n"
        "  network.activation: [sigmoid, relu]\n",
        encoding="utf-8",
    )
    return path
