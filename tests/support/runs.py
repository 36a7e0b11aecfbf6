"""Trainings in processes of their own that can be killed, and whether two runs hold the same."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

SETTINGS = ("compare={training.steps: [3, 4, 1500, 1501]}", "measure={every: 1000}", "seeds=20")
"""Four stacks of twenty networks, two of them finished in a moment."""


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start ``train`` in a folder, as the leader of a process group, with more in its environment."""
    return subprocess.Popen(
        [sys.executable, "-m", "sigmoid_lab", "train", *arguments],
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def overrides(settings: tuple[str, ...]) -> list[str]:
    return [part for setting in settings for part in ("--set", setting)]


def wait_for_a_finished_stack(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    while "step" not in (line := process.stderr.readline()):
        assert process.poll() is None, line + process.stderr.read()


def facts(run: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row that a trial leaves, but for times."""
    with closing(sqlite3.connect(run / "results.sqlite")) as connection:
        tables = ("networks", "measurements", "layers", "groups")
        found = {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables}
        return found | {"stacks": connection.execute("SELECT id, group_id, seeds FROM stacks ORDER BY id").fetchall()}


def assert_equal_runs(some: Path, other: Path) -> None:
    assert facts(some) == facts(other)
    files = sorted((some / "networks").iterdir())
    assert [file.name for file in files] == sorted(file.name for file in (other / "networks").iterdir())
    for file in files:
        mine, theirs = load_file(file), load_file(other / "networks" / file.name)
        assert mine.keys() == theirs.keys()
        assert all(np.array_equal(mine[name], theirs[name]) for name in mine)
