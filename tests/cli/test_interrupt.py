"""Ctrl-C, on a real process: it ends soon, says what is kept, and keeps it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sigmoid_lab.questions.runs import list_runs, show


def start(config: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sigmoid_lab", "train", str(config), *arguments],
        cwd=config.parent,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_ends_within_seconds_keeps_what_was_finished_and_exits_130(config: Path) -> None:
    compare = "compare={training.steps: [6, 10000000]}"
    process = start(config, "--set", compare)
    assert process.stderr is not None
    first = process.stderr.readline()
    assert "step 6 of 6" in first
    interrupted = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert time.monotonic() - interrupted < 5.0
    assert process.returncode == 130
    assert output == ""
    assert "Traceback" not in errors
    assert "what was finished is kept: sigmoid-lab runs show runs/" in errors
    (row,) = list_runs(config.parent / "runs").rows
    assert (row.status, row.networks) == ("partial", 3)
    (group,) = show(config.parent / "runs", "latest").groups
    assert group.settings == {"training.steps": 6}


def test_a_closed_pipe_is_no_error(config: Path) -> None:
    process = subprocess.run(
        f"{sys.executable} -m sigmoid_lab table --csv | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert process.stdout == "activation,z,value,derivative,share_of_max_slope\n"
    assert process.stderr == ""
