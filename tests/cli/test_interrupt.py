"""Ctrl-C, on a real process: it ends soon, says what is kept, and keeps it."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from support.faults import workers_of
from support.processes import descendants, told_of
from support.runs import SETTINGS, TRAIN_AND_STOP, facts, overrides, stopped_in_the_middle, wait_for_a_finished_stack
from support.runs import start as start_command
from support.waiting import hear, wait_until
from typer.testing import CliRunner

from sigmoid_lab import train
from sigmoid_lab.cli import app
from sigmoid_lab.errors import LabError
from sigmoid_lab.questions.runs import list_runs, show


def test_ctrl_c_before_anything_is_finished_leaves_no_run(config: Path) -> None:
    process = start(config, "--set", "training.steps=10000000", "--set", "measure.every=1000")
    wait_until(lambda: list(config.parent.glob("runs/2*/results.sqlite")), process)
    time.sleep(1.0)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "no run is kept" in errors
    assert list((config.parent / "runs").iterdir()) == []


def start(config: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sigmoid_lab", "train", str(config), *arguments],
        cwd=config.parent,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C reaches the whole foreground group, workers too
    )


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_a_run_keeps_what_was_finished_and_exits_130(config: Path, workers: str) -> None:
    compare = "compare={training.steps: [6, 10000000]}"
    process = start(config, "--set", compare, "--workers", workers)
    hear(process, "step 6 of 6")
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output == ""
    assert "Traceback" not in errors
    assert "what was finished is kept; go on with: sigmoid-lab train --resume runs/" in errors
    (row,) = list_runs(config.parent / "runs").rows
    assert (row.status, row.networks) == ("partial", 3)
    finished, begun = show(config.parent / "runs", "latest").groups
    assert (finished.settings, finished.networks) == ({"training.steps": 6}, 3)
    assert begun.networks == 0


def test_ctrl_c_while_workers_start_says_what_is_kept_and_nothing_else(config: Path) -> None:
    process = start(config, "--set", "training.steps=10000000", "--workers", "2")
    wait_until(lambda: list(config.parent.glob("runs/2*/results.sqlite")), process)
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.splitlines() == ["no stack of networks was finished yet, so no run is kept", "interrupted"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_while_numpy_and_torch_are_loaded_ends_the_training(config: Path, number: signal.Signals) -> None:
    process = start(config, "--set", "training.steps=10000000")
    wait_until(lambda: "_multiarray_umath" in told_of(process.pid, "maps"), process)
    os.killpg(process.pid, number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors


def test_ctrl_c_ends_workers_that_were_stopped(config: Path) -> None:
    process = start(config, "--set", "compare={training.steps: [6, 10000000]}", "--workers", "2")
    wait_for_a_finished_stack(process)
    workers = workers_of(process.pid)
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    assert workers
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "what was finished is kept" in errors


def test_ctrl_c_a_second_time_takes_nothing_away(config: Path) -> None:
    process = start(config, "--set", "compare={training.steps: [6, 10000000]}")
    wait_for_a_finished_stack(process)
    for _ in range(3):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.02)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "what was finished is kept" in errors


def test_ctrl_c_while_the_answer_is_printed_says_that_the_run_is_complete(config: Path) -> None:
    process = start(config, "--set", "training.steps=400", "--set", "measure.every=1", "--json")
    hear(process, "{", process.stdout)  # the rest is more than a pipe holds
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the run is complete; see it with: sigmoid-lab runs show runs/" in errors
    assert list_runs(config.parent / "runs").rows[0].status == "complete"


def test_a_training_whose_progress_nobody_reads_any_more_goes_on(config: Path) -> None:
    process = start(config, "--set", "compare={training.steps: [3, 400]}", "--json")
    assert process.stderr is not None
    process.stderr.close()
    answer, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(answer)["networks"] == 6


def test_an_interrupted_training_is_no_success_where_nobody_reads_why(config: Path) -> None:
    process = start(config, "--set", "compare={training.steps: [6, 10000000]}")
    wait_for_a_finished_stack(process)
    assert process.stderr is not None
    process.stderr.close()
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 130


@pytest.mark.parametrize("reader", ["cat", "true"])
def test_a_training_of_which_a_part_failed_is_no_success_whoever_reads_its_answer(config: Path, reader: str) -> None:
    """Four gigabytes of addresses have room for the narrow network alone."""
    wide = ["--set", "compare={network.width: [8, 12000]}", "--set", "seeds=1", "--workers", "1", "--json"]
    line = f'ulimit -v 4000000; "$@" | {reader}; exit ${{PIPESTATUS[0]}}'
    command = [sys.executable, "-m", "sigmoid_lab", "train", str(config), *wide]
    process = subprocess.run(
        ["bash", "-c", line, "bash", *command],
        cwd=config.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert process.returncode == 4, process.stderr
    assert "seed 5: failed: ran out of memory" in process.stderr
    if reader == "cat":
        assert "ran out of memory" in json.loads(process.stdout)["failed"][0]["cause"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_training_goes_on_where_stderr_takes_no_more(config: Path) -> None:
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            [sys.executable, "-m", "sigmoid_lab", "train", str(config), "--json"],
            cwd=config.parent,
            stdout=subprocess.PIPE,
            stderr=full,
            check=False,
            timeout=120,
        )
    assert process.returncode == 0
    assert json.loads(process.stdout)["networks"] == 6


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_nothing_is_deleted_where_nobody_can_be_asked(config: Path) -> None:
    train(config, runs=config.parent / "runs")
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            [sys.executable, "-m", "sigmoid_lab", "runs", "delete", "latest"],
            cwd=config.parent,
            input=b"y\n",
            stderr=full,
            check=False,
            timeout=120,
        )
    assert process.returncode == 2
    assert len(list_runs(config.parent / "runs").rows) == 1


def test_a_training_in_a_scripts_background_leaves_ctrl_c_to_the_foreground(config: Path) -> None:
    """Bash has what is in the background ignore Ctrl-C."""
    script = ("bash", "-c", '"$@" & wait $!', "bash", *TRAIN_AND_STOP)
    process = start_command(config.parent, config.name, *overrides(SETTINGS), "--workers", "1", command=script)
    (training,) = wait_until(lambda: descendants(process.pid), process)
    with stopped_in_the_middle(process, training):
        (row,) = list_runs(config.parent / "runs").rows
        assert row.status == "partial"
        os.kill(training, signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    (row,) = list_runs(config.parent / "runs").rows
    assert row.status == "complete"


@pytest.mark.parametrize("edited", ["seed: 4", "seed: ["])
def test_an_experiment_that_is_edited_while_it_is_trained_changes_nothing(edited: str, config: Path) -> None:
    """The first stack takes long, as the edit has to come before that is saved."""
    settings = ("compare={training.steps: [20000, 6]}", "measure.every=20000")
    process = start(config, *overrides(settings), "--workers", "1")
    (found,) = wait_until(lambda: list(config.parent.glob("runs/2*/experiment.yaml")), process)
    os.kill(process.pid, signal.SIGSTOP)
    found.write_text(found.read_text(encoding="utf-8").replace("seed: 5", edited), encoding="utf-8")
    assert facts(found.parent)["networks"] == []
    os.kill(process.pid, signal.SIGCONT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    seeds = [(network, seed) for network, _, _, seed, *_ in facts(found.parent)["networks"]]
    assert seeds == [(0, 5), (1, 6), (2, 7), (3, 5), (4, 6), (5, 7)]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (AttributeError("module 'numpy' has no attribute 'multiply'"), ""),
        (LabError("numpy: cannot be loaded"), "numpy: cannot be loaded\n"),
    ],
)
def test_what_breaks_or_is_refused_because_an_interrupt_was_swallowed_is_an_interruption(
    fault: Exception, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swallow(*_: object) -> None:
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        raise fault

    monkeypatch.setattr("sigmoid_lab.questions.table.table", swallow)
    found = CliRunner().invoke(app, ["table"])
    assert (found.exit_code, found.stderr) == (130, f"{told}interrupted\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_python_winds_down_changes_no_end(number: signal.Signals) -> None:
    script = (
        f"import atexit, os, sys; atexit.register(os.kill, os.getpid(), {number:d})\n"
        "sys.argv[1:] = ['table', '--csv']\n"
        "from sigmoid_lab.cli import run; run()"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout.startswith("activation,")


@pytest.mark.parametrize(
    "command", ["table --csv", "stability --at 0 --csv", "config schema", "compare-depth --layers 2 --seeds 2 --json"]
)
def test_a_closed_pipe_is_no_error(command: str, tmp_path: Path) -> None:
    process = subprocess.run(
        f"{sys.executable} -m sigmoid_lab {command} | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert process.stdout.count("\n") == 1
    assert process.stderr == ""


def test_a_table_whose_reader_has_left_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        process = subprocess.run(
            [sys.executable, "-m", "sigmoid_lab", "table"],
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )
    assert (process.returncode, process.stderr) == (0, "")


def test_a_closed_stdout_is_an_error_of_one_line() -> None:
    process = subprocess.run(
        f"{sys.executable} -m sigmoid_lab table >&-",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert process.returncode == 2
    assert process.stderr == "stdout: is closed, so there is nowhere to put the answer\n"


def test_an_answer_that_cannot_be_written_is_an_error_of_one_line() -> None:
    process = subprocess.run(
        f"{sys.executable} -m sigmoid_lab table > /dev/full",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert process.returncode == 2
    assert process.stderr == "stdout: the answer could not be written (No space left on device)\n"


def test_a_terminal_without_unicode_shows_question_marks() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "sigmoid_lab", "table"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (process.returncode, process.stderr) == (0, "")
    assert "0.6666" not in process.stdout
    assert "0.1192" in process.stdout


def test_ctrl_c_in_a_whole_scan_prints_what_was_tried_and_exits_130() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sigmoid_lab", "stability", "--exhaustive", "float32", "-i", "torch", "--json"],
        env={**os.environ, "FORCE_COLOR": "1"},  # shows the bar, by which the scan's beginning is known
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    hear(process, "torch, float32")
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    answer = json.loads(output)
    *short, partial = answer["worst"]
    assert answer["interrupted"]
    assert [row["inputs"] for row in short] == [63_488, 65_280]
    assert (partial["dtype"], partial["finite_inputs"]) == ("float32", 4_278_190_080)
    assert 0 < partial["inputs"] < partial["finite_inputs"]
