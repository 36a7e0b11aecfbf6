"""What every test stands on: a plain terminal of 80 columns, and a config that trains in a moment."""

import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples on every machine, however busy it is.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# A shell lets what runs in the background ignore Ctrl-C, and its children too.
signal.signal(signal.SIGINT, signal.default_int_handler)

TERMINAL_VARIABLES = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "CI", "PYTHONWARNINGS")


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TERMINAL_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


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
