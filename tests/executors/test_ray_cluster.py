"""A Ray cluster, a real one: the same results as here, and what is killed costs nothing."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import HTTPServer, SimpleHTTPRequestHandler
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from unittest.mock import patch

import pytest
from support.processes import addresses_listened_on, commands, descendants, users_of
from support.ray_nodes import HEAD, Nodes, nodes
from support.runs import (
    SETTINGS,
    TRAIN_AND_STOP,
    assert_equal_runs,
    overrides,
    start,
    stopped_in_the_middle,
    wait_for_a_finished_stack,
)
from support.stacks import FOR_SECONDS, assert_equal, broken, by_stack, plan_for
from support.waiting import wait_until

from sigmoid_lab import train
from sigmoid_lab.config.schema import Csv
from sigmoid_lab.errors import LabError
from sigmoid_lab.executors import here, ray_cluster
from sigmoid_lab.plan import Stack
from sigmoid_lab.questions.runs import list_runs
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult, StackRetry

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'sigmoid-lab[ray]'")


SILENCE = 15.0
"""Seconds that no worker takes to start, however busy the machine: one that is given up before starts for ever."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Nodes]:
    """Return a cluster of two machines that this process is connected to."""
    with nodes("127.0.0.3") as running, ray_cluster.connected(running.address):
        yield running


def test_results_are_bit_for_bit_those_of_this_process(cluster: Nodes) -> None:
    plan = plan_for(compare={"network.activation": ["sigmoid", "relu", "tanh"], "loss": ["mse", "max-form"]})
    found = by_stack(list(ray_cluster.run(plan, plan.stacks(), lambda _: None)))
    expected = by_stack(list(here.run(plan.stacks(), lambda _: None)))
    assert sorted(found) == sorted(expected) == list(range(6))
    for stack, result in expected.items():
        assert_equal(found[stack], result)


def test_a_worker_that_is_killed_loses_nothing(cluster: Nodes) -> None:
    plan, killed = plan_for(**FOR_SECONDS), set[int]()

    def kill(progress: Progress) -> None:
        busy = cluster.busy_workers() - killed
        if progress.stack == 0 and len(killed) < 2:
            killed.update(busy)
            for pid in busy:
                os.kill(pid, signal.SIGKILL)

    found = by_stack(list(ray_cluster.run(plan, plan.stacks(), kill)))
    assert killed
    for result in here.run(plan.stacks(), lambda _: None):
        assert isinstance(result, StackResult)
        assert_equal(found[result.stack], result)


def test_a_stack_that_fails_every_time_is_reported_and_costs_itself_alone(cluster: Nodes) -> None:
    plan = plan_for(compare={"loss": ["mse", "max-form"]})
    failing = broken(7)
    assert failing.table is not None
    assert isinstance(failing.group.settings.data, Csv)
    plan.tables[failing.group.settings.data] = failing.table
    results = list(ray_cluster.run(plan, [*plan.stacks(), failing], lambda _: None))
    (failure,) = (result for result in results if isinstance(result, StackFailure))
    assert (failure.stack, failure.seeds) == (7, (7, 8))
    assert "Traceback" in failure.cause
    assert failure.cause.endswith("(3 attempts)")
    assert sorted(by_stack(results)) == [0, 1]


class SignalsOnce:
    """Sends a signal to the processes that are found at a progress of stack 0, the first at which there are any."""

    def __init__(self, find: Callable[[], set[int]], number: signal.Signals) -> None:
        self.find, self.number = find, number
        self.hit: set[int] = set()

    def __call__(self, progress: Progress) -> None:
        if progress.stack == 0 and not self.hit:
            self.hit |= self.find()
            for pid in self.hit:
                os.kill(pid, self.number)


def test_a_stack_that_makes_no_progress_is_run_again_elsewhere(cluster: Nodes) -> None:
    plan, stop = plan_for(**FOR_SECONDS), SignalsOnce(cluster.busy_workers, signal.SIGSTOP)
    try:
        found = by_stack(list(ray_cluster.run(plan, plan.stacks(), stop, stall_seconds=SILENCE)))
    finally:
        for pid in stop.hit:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    assert stop.hit
    assert sorted(found) == [0, 1, 2]


def test_what_tells_nothing_at_all_is_handed_out_again(cluster: Nodes) -> None:
    plan, stopped = plan_for(compare={"loss": ["mse", "max-form"]}), set[int]()
    told: list[StackRetry] = []

    def stacks() -> Iterator[Stack]:
        stopped.update(cluster.idle_workers())
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        yield from plan.stacks()

    list(ray_cluster.run(plan, plan.stacks(), lambda _: None))  # its workers stay, and wait for the next tasks
    found = by_stack(list(ray_cluster.run(plan, stacks(), lambda _: None, SILENCE, told.append)))
    assert stopped
    assert sorted(found) == [0, 1]
    assert {(retry.cause, retry.attempt) for retry in told} == {("nothing was heard of it for 15 seconds", None)}


def test_a_board_that_is_killed_loses_nothing(cluster: Nodes) -> None:
    plan, kill = plan_for(**FOR_SECONDS), SignalsOnce(cluster.boards, signal.SIGKILL)
    found = by_stack(list(ray_cluster.run(plan, plan.stacks(), kill)))
    assert kill.hit
    assert sorted(found) == [0, 1, 2]


def test_a_board_that_is_silent_gets_another_process_and_no_task_is_blamed(cluster: Nodes) -> None:
    plan, stop = plan_for(**FOR_SECONDS), SignalsOnce(cluster.boards, signal.SIGSTOP)
    with patch.object(ray_cluster, "SECONDS_FOR_THE_BOARD", SILENCE), patch.object(here, "failure") as blamed:
        found = by_stack(list(ray_cluster.run(plan, plan.stacks(), stop, stall_seconds=SILENCE)))
    assert stop.hit
    assert sorted(found) == [0, 1, 2]
    blamed.assert_not_called()
    wait_until(lambda: not stop.hit & commands().keys())


def test_a_program_that_is_connected_already_keeps_its_connection(cluster: Nodes) -> None:
    import ray

    with pytest.raises(LabError, match="connected to a Ray cluster already"):
        train(Path("absent.yaml"), ray=cluster.address)
    assert ray.is_initialized()


def test_what_no_machine_can_hold_is_refused(cluster: Nodes) -> None:
    with pytest.raises(
        LabError, match=r"--ray: a stack of 2 networks needs 1 CPU, 1 GPU, .* machines have \d+ CPU, 0 GPU"
    ):
        ray_cluster.refuse_what_cannot_run(plan_for(device="cuda"))
    with pytest.raises(LabError, match=r"--ray: a stack of 1 networks needs 1 CPU, 0 GPU, [\d.e+]+ GB"):
        ray_cluster.refuse_what_cannot_run(plan_for(network={"widths": [65_536] * 10}))
    ray_cluster.refuse_what_cannot_run(plan_for())


def test_a_whole_machine_that_is_killed_loses_nothing(cluster: Nodes, config: Path, tmp_path: Path) -> None:
    cluster.start("127.0.0.4")
    process = start(config.parent, str(config), *overrides(SETTINGS), "--ray", cluster.address, command=TRAIN_AND_STOP)
    with stopped_in_the_middle(process):
        cluster.kill("127.0.0.4")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    whole = train(config, SETTINGS, tmp_path / "whole")
    (row,) = list_runs(config.parent / "runs").rows
    assert_equal_runs(config.parent / "runs" / row.run, Path(whole.run))


@pytest.mark.long
def test_a_run_of_which_no_machine_is_left_ends_with_a_line(config: Path) -> None:
    with nodes("127.0.0.5", head_cpus=0) as cluster:
        arguments = (str(config), *overrides(SETTINGS), "--ray", cluster.address, "--stall", "5")
        process = start(config.parent, *arguments, command=TRAIN_AND_STOP)
        with stopped_in_the_middle(process):
            cluster.kill("127.0.0.5")
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 4
    assert "the cluster's machines have 0 CPU" in errors
    assert "Traceback" not in errors
    (row,) = list_runs(config.parent / "runs").rows
    assert row.networks


@pytest.mark.long
def test_a_cluster_whose_head_is_gone_is_told_in_a_line_and_what_was_finished_is_kept(config: Path) -> None:
    settings = ("compare={training.steps: [3, 10000000]}", "measure={every: 1000}")
    with nodes("127.0.0.5") as cluster:
        process = start(config.parent, str(config), *overrides(settings), "--ray", cluster.address)
        wait_for_a_finished_stack(process)
        cluster.end()
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 4, errors
    assert "--ray: the cluster was lost (" in errors
    assert "go on with: sigmoid-lab train --resume" in errors.splitlines()[-1]


def test_a_cluster_that_tests_started_leaves_no_process_behind() -> None:
    with nodes() as cluster:
        assert users_of(cluster.folder)
    wait_until(lambda: not users_of(cluster.folder), seconds=10.0)


def test_a_local_cluster_listens_on_loopback_alone_and_ends_with_its_driver(config: Path) -> None:
    long = ("compare={training.steps: [3, 1000000]}", "measure={every: 1000000}")
    process = start(config.parent, str(config), *overrides(long), "--ray", "local")
    wait_for_a_finished_stack(process)
    of_the_cluster = descendants(process.pid)
    (raylet,) = (command for command in of_the_cluster.values() if "raylet/raylet " in command)
    (folder,) = re.findall(r"/\S*/ray-\w+(?=/ray/)", raylet)[:1]
    mode = Path(folder).stat().st_mode & 0o777
    found = addresses_listened_on([process.pid, *of_the_cluster])
    os.kill(process.pid, signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "go on with: sigmoid-lab train --resume" in errors
    assert found == {"127.0.0.1"}
    assert mode == 0o700
    assert not commands().keys() & of_the_cluster.keys()


def test_a_cluster_that_is_lost_is_told_in_a_line_and_what_was_finished_is_kept(config: Path) -> None:
    settings = ("compare={training.steps: [3, 10000000]}", "measure={every: 1000}")
    process = start(config.parent, str(config), *overrides(settings), "--ray", "local")
    wait_for_a_finished_stack(process)
    (raylet,) = (pid for pid, command in descendants(process.pid).items() if "raylet/raylet " in command)
    os.kill(raylet, signal.SIGKILL)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 4, errors
    assert "Traceback" not in errors
    assert "--ray: the cluster was lost (" in errors
    assert "go on with: sigmoid-lab train --resume" in errors.splitlines()[-1]
    (row,) = list_runs(config.parent / "runs").rows
    assert (row.status, row.networks) == ("partial", 3)


def test_an_address_without_a_cluster_is_refused() -> None:
    with socket.socket() as bound:
        bound.bind((HEAD, 0))
        address = f"{HEAD}:{bound.getsockname()[1]}"
        with pytest.raises(LabError, match=f"--ray {address}: no cluster answers .*Connection refused"):
            train(Path("absent.yaml"), ray=address)


def test_what_answers_otherwise_than_a_head_is_refused() -> None:
    with HTTPServer((HEAD, 0), SimpleHTTPRequestHandler) as server:
        address = f"{HEAD}:{server.server_port}"
        answering = Thread(target=server.handle_request)
        answering.start()
        with pytest.raises(LabError, match=f"--ray {address}: no cluster answers .*no Ray head"):
            train(Path("absent.yaml"), ray=address)
        answering.join()


def test_what_listens_and_never_answers_is_refused() -> None:
    with socket.create_server((HEAD, 0)) as mute, patch.object(ray_cluster, "SECONDS_TO_CONNECT", 1.0):
        address = f"{HEAD}:{mute.getsockname()[1]}"
        with pytest.raises(LabError, match=f"--ray {address}: no cluster answers .*timed out"):
            train(Path("absent.yaml"), ray=address)


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
def test_a_host_that_cannot_be_looked_up_is_refused(host: str) -> None:
    with pytest.raises(LabError, match=f"--ray {host}:80: no cluster answers .*label"):
        train(Path("absent.yaml"), ray=f"{host}:80")


def test_who_does_not_know_the_token_is_refused_with_what_is_needed(config: Path) -> None:
    with nodes() as cluster, patch.dict(os.environ, {"RAY_AUTH_TOKEN": "0" * 64}):
        process = start(config.parent, str(config), "--ray", cluster.address)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 2
    *_, told = errors.splitlines()  # Ray's own warnings come before
    assert told.startswith(f"--ray {cluster.address}: cannot be used (")
    assert "RAY_AUTH_TOKEN" in told


def test_machines_without_this_package_are_refused_with_what_is_needed(config: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['sigmoid_lab'] = None")
    with nodes(PYTHONPATH=str(tmp_path)) as cluster:
        process = start(config.parent, str(config), "--ray", cluster.address, PYTHONPATH="")
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 2, errors
    assert "Traceback" not in errors
    *_, told = errors.splitlines()
    assert told.startswith("--ray: no stack can run there (ModuleNotFoundError: ")
    assert "need the same version of sigmoid-lab" in told


@pytest.mark.parametrize("address", ["", "somewhere", "host:port", ":"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(LabError, match="write HOST:PORT of a cluster's head, or local"):
        train(Path("absent.yaml"), ray=address)


@pytest.mark.parametrize("other", ["--workers=2", "--dry-run"])
def test_options_that_contradict_a_cluster_are_refused(other: str, config: Path) -> None:
    process = start(config.parent, str(config), "--ray", "local", other)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.startswith(("--ray and --workers: ", "--dry-run: "))


def test_without_ray_it_is_said_how_to_get_it(config: Path) -> None:
    code = "import sys; sys.modules['ray'] = None; from sigmoid_lab.__main__ import main; main()"
    process = subprocess.run(
        [sys.executable, "-c", code, "train", str(config), "--ray", "local"],
        cwd=config.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.splitlines() == [
        "connecting to Ray (local)",
        "--ray: Ray is not installed here; pip install 'sigmoid-lab[ray]'",
    ]
