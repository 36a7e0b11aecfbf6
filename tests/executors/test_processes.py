"""Worker processes, real ones: the same results as here, and a worker that dies costs its own stack alone."""

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.processes import commands, parent
from support.runs import overrides
from support.stacks import FOR_SECONDS, LONG, assert_equal, broken, by_stack, plan_for

from sigmoid_lab.executors import here, processes, worker
from sigmoid_lab.executors.queue import ATTEMPTS
from sigmoid_lab.executors.run import worker_count
from sigmoid_lab.executors.shared_file import SharedFile
from sigmoid_lab.plan import Stack, Table
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult, StackRetry

ENDLESS = LONG | {"compare": {"training.steps": [10_000_000, 3, 4]}}


def test_results_are_bit_for_bit_those_of_this_process() -> None:
    plan = plan_for(compare={"network.activation": ["sigmoid", "relu", "tanh"], "loss": ["mse", "max-form"]})
    found = by_stack(list(processes.run(plan.stacks(), lambda _: None, 2)))
    expected = by_stack(list(here.run(plan.stacks(), lambda _: None)))
    assert sorted(found) == sorted(expected) == list(range(6))
    for stack, result in expected.items():
        assert_equal(found[stack], result)


def test_progress_comes_to_the_driver() -> None:
    told: list[Progress] = []
    list(processes.run(plan_for().stacks(), told.append, 1))
    assert told[-1].step == told[-1].steps == 3


class Signals:
    """Sends a signal to the only worker that is at work on stack 0, at its first progress, at most so often."""

    def __init__(self, number: int, times: int) -> None:
        self.number, self.times = number, times
        self.hit: list[int] = []

    def __call__(self, progress: Progress) -> None:
        workers = [child.pid for child in multiprocessing.active_children() if child.pid]
        if progress.stack == 0 and len(self.hit) < self.times and len(workers) == 1 and workers[0] not in self.hit:
            self.hit.append(workers[0])
            os.kill(workers[0], self.number)


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost() -> None:
    plan = plan_for(**FOR_SECONDS)
    kill, retries = Signals(signal.SIGKILL, 2), list[StackRetry]()
    found = by_stack(list(processes.run(plan.stacks(), kill, 1, on_retry=retries.append)))
    assert len(kill.hit) == 2
    assert [(retry.stack, retry.attempt) for retry in retries] == [(0, 2), (0, 3)]
    for result in here.run(plan.stacks(), lambda _: None):
        assert isinstance(result, StackResult)
        assert_equal(found[result.stack], result)


def test_a_stack_whose_workers_are_always_killed_is_reported_and_costs_itself_alone() -> None:
    kill = Signals(signal.SIGKILL, 100)
    results = list(processes.run(plan_for(**ENDLESS).stacks(), kill, 1))
    (failure,) = (result for result in results if isinstance(result, StackFailure))
    assert (failure.stack, failure.seeds) == (0, (0, 1))
    assert (
        failure.cause
        == "its worker process was killed (SIGKILL, which the system also sends where memory runs out) (3 attempts)"
    )
    assert sorted(by_stack(results)) == [1, 2]
    assert len(kill.hit) == 3


def test_workers_that_were_replaced_leave_no_file_open() -> None:
    open_files: list[int] = []

    class Counting(Signals):
        def __call__(self, progress: Progress) -> None:
            open_files.append(len([*Path("/proc/self/fd").iterdir()]))
            super().__call__(progress)

    list(processes.run(plan_for(**ENDLESS).stacks(), Counting(signal.SIGKILL, 100), 1))
    assert len(set(open_files[1:])) == 1


def test_a_worker_is_not_blamed_for_a_driver_that_does_not_listen() -> None:
    workers: set[int | None] = set()

    def sleep(progress: Progress) -> None:
        if not workers:
            time.sleep(3.0)
        workers.update(child.pid for child in multiprocessing.active_children())

    found = by_stack(list(processes.run(plan_for(**LONG).stacks(), sleep, 1, stall_seconds=1.5)))
    assert sorted(found) == [0, 1, 2]
    assert len(workers) == 1


def test_a_worker_that_makes_no_progress_is_replaced() -> None:
    stop = Signals(signal.SIGSTOP, 1)
    found = by_stack(list(processes.run(plan_for(**FOR_SECONDS).stacks(), stop, 1, stall_seconds=6.0)))
    assert len(stop.hit) == 1
    assert sorted(found) == [0, 1, 2]


def test_a_stack_that_never_makes_progress_is_reported() -> None:
    results = list(processes.run(plan_for(**ENDLESS).stacks(), Signals(signal.SIGSTOP, 100), 1, stall_seconds=3.0))
    (failure,) = (result for result in results if isinstance(result, StackFailure))
    assert failure.cause == "no progress for 3 seconds (3 attempts)"


def test_a_stack_that_fails_is_told_with_its_cause() -> None:
    (failure,) = processes.run([broken()], lambda _: None, 1)
    assert isinstance(failure, StackFailure)
    assert "Traceback" in failure.cause
    assert failure.cause.splitlines()[-1].startswith("ValueError: ")
    assert failure.cause.endswith(" (3 attempts)")


def test_a_script_that_does_not_guard_its_start_is_told_so_and_leaves_no_run(config: Path) -> None:
    script = config.parent / "script.py"
    script.write_text(f"import sigmoid_lab\nsigmoid_lab.train({config.name!r}, workers=2)\n", encoding="utf-8")
    process = subprocess.run(
        [sys.executable, script.name], cwd=config.parent, capture_output=True, text=True, check=False, timeout=120
    )
    assert (
        "PartlyFailedError: no worker process can be started (the last one ended before it was ready; 3 attempts)"
        in process.stderr
    )
    assert '`if __name__ == "__main__":`' in process.stderr
    assert list((config.parent / "runs").iterdir()) == []


def test_places_that_no_worker_can_be_started_for_are_given_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_for(compare={"training.steps": list(range(1, 11))})
    fork, tried = worker._fork, list[int]()

    def first_two() -> Any:
        tried.append(len(tried))
        if len(tried) > 2:
            raise OSError("no more processes")
        return fork()

    monkeypatch.setattr(worker, "_fork", first_two)
    assert len(by_stack(list(processes.run(plan.stacks(), lambda _: None, 10)))) == 10
    assert len(tried) == 2 + ATTEMPTS


def test_what_was_heard_is_told_before_anything_else_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    give = worker.Worker.give

    def interrupted(worker: Any, stack: Stack) -> None:
        given.append(stack.index)
        if len(given) == 2:
            raise KeyboardInterrupt
        give(worker, stack)

    monkeypatch.setattr(worker.Worker, "give", interrupted)
    told = processes.run(plan_for(compare={"training.steps": [3, 4]}).stacks(), lambda _: None, 1)
    assert next(told).stack == 0
    with pytest.raises(KeyboardInterrupt):
        next(told)
    assert multiprocessing.active_children() == []


def test_a_result_that_finds_no_room_here_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    take, refused, retries = SharedFile.take, list[SharedFile](), list[StackRetry]()

    def take_but_once(shared: SharedFile) -> Any:
        if not refused:
            refused.append(shared)
            raise MemoryError
        return take(shared)

    monkeypatch.setattr(SharedFile, "take", take_but_once)
    found = by_stack(list(processes.run(plan_for().stacks(), lambda _: None, 1, on_retry=retries.append)))
    assert sorted(found) == [0]
    assert [retry.cause for retry in retries] == ["ran out of memory where its result was to be taken"]


def test_a_stack_that_finds_no_room_on_its_way_costs_itself_alone() -> None:
    (stack,) = plan_for().stacks()
    large = replace(broken(7), table=Table(np.zeros((10_000, 10)), np.zeros((10_000, 1))))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        results = list(processes.run([large, stack], lambda _: None, 1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    (failure,) = (result for result in results if isinstance(result, StackFailure))
    assert "could not be handed from process to process ([Errno 27] File too large)" in failure.cause
    assert sorted(by_stack(results)) == [0]


def test_memory_that_runs_out_on_the_way_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    (stack,), put = plan_for().stacks(), SharedFile.put

    def refuse_stacks(shared: SharedFile, value: object) -> None:
        if hasattr(value, "table"):
            raise MemoryError
        put(shared, value)

    monkeypatch.setattr(SharedFile, "put", refuse_stacks)
    (failure,) = processes.run([stack], lambda _: None, 1)
    assert isinstance(failure, StackFailure)
    assert failure.cause == "could not be handed from process to process (out of memory) (3 attempts)"


@pytest.mark.parametrize(
    ("exit_code", "told"),
    [(-11, "died (SIGSEGV)"), (-40, "died (signal 40)"), (1, "died (exit code 1)"), (255, "was lost")],
)
def test_how_a_worker_ended_is_told(exit_code: int | None, told: str) -> None:
    assert worker._death(exit_code) == f"its worker process {told}"


def test_a_worker_that_is_killed_before_it_says_a_word_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []
    hear = worker._hear_that_it_is_ready

    def kill_and_hear(connection: Connection) -> None:
        if len(killed) < 2:
            killed.extend(
                pid for child in multiprocessing.active_children() if (pid := child.pid) and pid not in killed
            )
            os.kill(killed[-1], signal.SIGKILL)
        hear(connection)

    monkeypatch.setattr(worker, "_hear_that_it_is_ready", kill_and_hear)
    assert sorted(by_stack(list(processes.run(plan_for().stacks(), lambda _: None, 1)))) == [0]
    assert len(killed) == 2


def test_a_worker_that_stops_while_it_hands_over_what_it_found_is_replaced() -> None:
    plan = plan_for(network={"depth": 2, "width": 512}, compare={"training.steps": [3, 4]})
    stopped: list[int] = []

    def stop(progress: Progress) -> None:
        if progress.step == progress.steps and not stopped:
            stopped.extend(child.pid for child in multiprocessing.active_children() if child.pid)
            os.kill(stopped[0], signal.SIGSTOP)

    found = by_stack(list(processes.run(plan.stacks(), stop, 1, stall_seconds=3.0)))
    assert stopped
    assert sorted(found) == [0, 1]


def test_a_worker_whose_fork_server_died_is_ended_too() -> None:
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if progress.stack == 0 and not killed:
            (worker,) = (child.pid for child in multiprocessing.active_children() if child.pid)
            killed.extend([parent(worker), worker])
            os.kill(killed[0], signal.SIGKILL)
            while multiprocessing.active_children():  # until the worker's end is told, though it lives
                time.sleep(0.1)
            os.kill(worker, signal.SIGSTOP)

    found = by_stack(list(processes.run(plan_for(**FOR_SECONDS).stacks(), kill, 1, stall_seconds=3.0)))
    assert sorted(found) == [0, 1, 2]
    assert [command for pid, command in commands().items() if pid in killed and command] == []  # a dead one has none


def test_there_are_as_many_workers_as_can_be_started(config: Path) -> None:
    rates = ("compare={optimizer.learning_rate: [" + ", ".join(f"0.{rate}" for rate in range(10, 50)) + "]}",)
    command = [sys.executable, "-m", "sigmoid_lab", "train", str(config), *overrides(rates), "--workers", "40"]
    process = subprocess.run(
        ["bash", "-c", 'ulimit -n 40; exec "$@"', "bash", *command],
        cwd=config.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert process.returncode == 0, process.stderr
    assert "100%" in process.stderr


def test_no_worker_outlives_a_run_that_is_left_early() -> None:
    plan = plan_for(compare={"training.steps": [3, 10_000_000]})
    results = processes.run(plan.stacks(), lambda _: None, 2)
    next(results)
    results.close()
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(("steps", "several"), [(3, False), (100_000_000, True)])
def test_processes_are_started_where_they_pay(steps: int, several: bool) -> None:
    assert (worker_count(plan_for(training={"steps": steps, "batch_size": 8}), None, 1_000) > 1) == (
        several and len(os.sched_getaffinity(0)) > 1
    )
