"""Trainings in processes of their own that can be killed, and whether two runs hold the same."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from support.processes import state
from support.waiting import hear, wait_until

SETTINGS = ("compare={training.steps: [3, 4, 1500, 1501]}", "measure={every: 1000}", "seeds=20")
"""Four stacks of twenty networks, two of them finished in a moment."""

TRAIN = (sys.executable, "-m", "sigmoid_lab", "train")

_STOPS = """
import os, signal, sys
from sigmoid_lab.__main__ import main

write = sys.stderr.write

def write_and_stop(text):
    written = write(text)
    if "step" in text:
        sys.stderr.write = write
        os.kill(os.getpid(), signal.SIGSTOP)
    return written

sys.stderr.write = write_and_stop
main()
"""
TRAIN_AND_STOP = (sys.executable, "-c", _STOPS, "train")
"""A training that stops as soon as it has told of a finished stack, the next one in work, until SIGCONT comes.

However long a test takes to hear of it on a busy machine, the training is not over.
"""


def start(folder: Path, *arguments: str, command: Sequence[str] = TRAIN, **environment: str) -> subprocess.Popen[str]:
    """Start a training in a folder, as the leader of a process group, with more in its environment."""
    return subprocess.Popen(
        [*command, *arguments],
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
    hear(process, "step")


@contextmanager
def stopped_in_the_middle(process: subprocess.Popen[str], training: int | None = None) -> Iterator[None]:
    """Hold a training still in the block that stops by itself once something is finished and not everything.

    It has an id of its own where it is not the process that was started, but a child of that.
    """
    pid = process.pid if training is None else training
    wait_until(lambda: state(pid) == "T", process)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


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
