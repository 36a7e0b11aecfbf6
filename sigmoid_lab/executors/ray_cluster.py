"""Stacks run as tasks on a Ray cluster: the same function of the same values, on whatever machine has room.

A bounded number is in flight; results come back as they finish, and the driver alone writes them.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from sigmoid_lab.engine.devices import environment as environment_here
from sigmoid_lab.environment import Environment
from sigmoid_lab.errors import LabError, PartlyFailedError
from sigmoid_lab.executors import here
from sigmoid_lab.executors.queue import OnRetry, Queue
from sigmoid_lab.plan import Group, Plan, Stack
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult
from sigmoid_lab.vocabulary import DeviceName

LOCAL = "local"
LOOPBACK = "127.0.0.1"
LOOPBACK_ALONE = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""The variable by which, where it is 0, Ray listens on no address but loopback."""
ENDS_WITHOUT_A_HEAD = "RAY_gcs_rpc_server_reconnect_timeout_s"
"""The variable that says after how many seconds without the cluster's head Ray ends this program, without a word."""
SECONDS_WITHOUT_A_HEAD = 30.0
"""How long a head may be gone until the cluster is taken for lost."""
IN_FLIGHT_A_CPU = 2
"""Stacks handed out for each processor of the cluster, so that none waits for the driver."""
SECONDS_BETWEEN_PROGRESS = 0.5
"""How often tasks tell of progress, and the driver looks for it and for machines that came or went."""
SECONDS_TO_CONNECT = 10.0
SECONDS_FOR_THE_BOARD = 60.0
"""How long the board may take to answer before it gets another process; Ray lets one take as long to start."""
SETTINGS = 4
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, SETTINGS, 0, 0, 0, 0, 0))
"""How a client opens HTTP/2, and so gRPC, which Ray speaks; a frame of settings is the answer, too (RFC 9113, 3.4)."""


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Connect to the cluster at HOST:PORT, or start one on this machine alone for ``local``, while the block runs.

    Raises LabError without Ray, and where no cluster answers.
    """
    if address == LOCAL:
        _keep_to_yourself()
    else:
        os.environ.setdefault(ENDS_WITHOUT_A_HEAD, "86400")  # a local cluster's own processes would read it, and stay
    try:
        import ray
    except ImportError:
        raise LabError("--ray: Ray is not installed here; pip install 'sigmoid-lab[ray]'") from None
    with ExitStack() as ends:
        if address == LOCAL:
            folder = ends.enter_context(TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True))
            inner = Path(folder) / "ray"  # Ray lets everybody into its folder; nobody else comes as far
            where = {"_node_ip_address": LOOPBACK, "include_dashboard": False, "_temp_dir": str(inner)}
        else:
            _refuse_silence(address)
            where = {}
        if ray.is_initialized():
            raise LabError("--ray: this program is connected to a Ray cluster already; call ray.shutdown() first")
        ends.callback(ray.shutdown)
        on_sigterm = signal.getsignal(signal.SIGTERM)
        try:
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **where)
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, on_sigterm)  # Ray's own handler ends the process at once
        except (OSError, RuntimeError, ValueError) as error:
            raise LabError(
                f"--ray {address}: cannot be used ({_telling_line(error)}); a cluster that asks for a token needs "
                "RAY_AUTH_MODE=token and its RAY_AUTH_TOKEN here too"
            ) from None
        yield


def _keep_to_yourself() -> None:
    """Settle, in the environment from which Ray reads it on import, that a local cluster is nobody else's."""
    if sys.modules.get("ray") is not None and os.environ.get(LOOPBACK_ALONE) != "0":
        raise LabError(f"--ray {LOCAL}: Ray was imported before, and would listen on every address; import it later")
    os.environ.setdefault(LOOPBACK_ALONE, "0")
    os.environ.pop(ENDS_WITHOUT_A_HEAD, None)
    os.environ.setdefault("RAY_AUTH_MODE", "token")
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # Ray would keep one in the home directory
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")


def _refuse_silence(address: str) -> None:
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        raise LabError(f"--ray {address}: write HOST:PORT of a cluster's head, or local")
    try:
        with socket.create_connection((host, int(port)), SECONDS_TO_CONNECT) as connection:
            _greet(connection)
    except (OSError, OverflowError, UnicodeError) as error:  # the last for a host that DNS could not spell
        raise LabError(f"--ray {address}: no cluster answers ({error}); `ray start --head` starts one") from None


def _greet(connection: socket.socket) -> None:
    """Raise OSError where the other side does not answer as gRPC does: Ray would try for a quarter of an hour."""
    if os.environ.get("RAY_USE_TLS", "0") != "0":
        return  # such a head answers only to who shows a certificate
    connection.sendall(GREETING)
    with connection.makefile("rb") as answer:
        if answer.read(4)[3:] != bytes((SETTINGS,)):
            raise ConnectionError("what listens there is no Ray head")


def refuse_what_cannot_run(plan: Plan) -> None:
    """Raise LabError for stacks that no machine of the cluster can hold: Ray would let them wait for ever."""
    import ray

    machines = [machine["Resources"] for machine in ray.nodes() if machine["Alive"]]
    for group in plan.groups:
        needed = _needs(plan, group)
        if not any(all(has.get(name, 0) >= amount for name, amount in needed.items()) for has in machines):
            raise LabError(
                f"--ray: a stack of {min(plan.experiment.seeds, plan.stack_size(group))} networks needs "
                f"{_told(needed)}, and the cluster's machines have {'; '.join(map(_told, machines)) or 'nothing'}"
            )


def _needs(plan: Plan, group: Group) -> dict[str, int]:
    gpu = {"GPU": 1} if group.settings.device == "cuda" else {}
    return {"CPU": 1, **gpu, "memory": plan.stack_bytes(group)}


def _told(resources: Mapping[str, float]) -> str:
    memory = f"{resources.get('memory', 0) / 1e9:.3g} GB"
    return f"{resources.get('CPU', 0):g} CPU, {resources.get('GPU', 0):g} GPU, {memory}"


def environment(device: DeviceName) -> Environment:
    """Describe a machine of the cluster, with the device that stacks run on; raise LabError where none can tell."""
    import ray

    task = ray.remote(environment_here).options(num_gpus=int(device == "cuda")).remote(device)
    try:
        return cast("Environment", ray.get(task))
    except ray.exceptions.RayError as error:
        raise LabError(
            f"--ray: no stack can run there ({_telling_line(error)}); the cluster's machines need the same version of "
            "sigmoid-lab as this one, and all that it needs"
        ) from None


def run(
    plan: Plan,
    stacks: Iterable[Stack],
    on_progress: Callable[[Progress], None],
    stall_seconds: float = inf,
    on_retry: OnRetry = lambda _: None,
) -> Generator[StackResult | StackFailure]:
    """Yield each stack's result as it finishes somewhere on the cluster.

    What is lost with a worker or a machine, or tells of no progress for ``stall_seconds``, is run again; a stack that
    fails in every attempt is reported as failed. Raises PartlyFailedError where nothing is heard for so long, and no
    machine is left that could hold what waits, and where the cluster itself is lost.
    """
    from ray.exceptions import RayError

    queue = Queue(stacks, on_retry)
    try:
        flights = _Flights(plan, on_progress, stall_seconds)
        while True:
            for _ in range(flights.room()):
                if (stack := queue.next()) is not None:
                    flights.start(stack)
            if not flights.stacks:
                return
            for result in flights.landed():
                told = queue.settle(result)
                if told is not None:
                    yield told
            for stack in reversed(flights.unheard()):
                queue.hand_out_again(stack, f"nothing was heard of it for {stall_seconds:g} seconds")
    except RayError as error:
        raise PartlyFailedError(f"--ray: the cluster was lost ({_telling_line(error)})") from None


class _Flights:
    """Stacks on the cluster by the reference of what they will give, and when each told of progress last.

    The time is what was spent waiting: a driver that was stopped, or wrote to a slow disk, heard nobody.
    """

    def __init__(self, plan: Plan, on_progress: Callable[[Progress], None], stall_seconds: float) -> None:
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        self.ray = ray
        self.plan, self.on_progress, self.stall_seconds = plan, on_progress, stall_seconds
        self.stacks: dict[Any, Stack] = {}
        self.heard: dict[Any, float] = {}
        self.waited = self.news = 0.0
        self.head_seen, self.cpus = time.monotonic(), 1.0
        self.work = ray.remote(_work)
        beside_the_driver = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        self.board = (
            ray.remote(_Board)
            .options(num_cpus=0, scheduling_strategy=beside_the_driver, max_restarts=-1, max_task_retries=-1)
            .remote()
        )
        self._look()

    def room(self) -> int:
        """Return how many stacks more the cluster, with the machines that it has now, is to be handed."""
        return max(1, int(IN_FLIGHT_A_CPU * self.cpus)) - len(self.stacks)

    def start(self, stack: Stack) -> None:
        """Hand a stack to the cluster; attempts are counted by the driver, so Ray makes none of its own."""
        needs = _needs(self.plan, stack.group)
        task = self.work.options(
            num_cpus=needs["CPU"], num_gpus=needs.get("GPU", 0), memory=needs["memory"], max_retries=0
        )
        self.stacks[task.remote(stack, self.board)] = stack

    def landed(self) -> list[StackResult | StackFailure]:
        """Wait a moment; return what came back, or is given up."""
        began = time.monotonic()
        ready, _ = self.ray.wait(list(self.stacks), timeout=SECONDS_BETWEEN_PROGRESS)
        self.waited += min(time.monotonic() - began, SECONDS_BETWEEN_PROGRESS)
        results = [self._result(reference) for reference in ready]
        failed = any(isinstance(result, StackFailure) for result in results)
        if failed or time.monotonic() - self.looked > SECONDS_BETWEEN_PROGRESS:
            self._look()
        if results:
            self.news = self.waited
        return results + [self._given_up(reference) for reference in self._stalled()]

    def _result(self, reference: Any) -> StackResult | StackFailure:
        stack = self._forget(reference)
        try:
            last, result = self.ray.get(reference)
        except self.ray.exceptions.RayError as error:
            return here.failure(stack, f"its Ray task was lost: {_telling_line(error)}")
        if last is not None:
            self.on_progress(last)
        return cast("StackResult | StackFailure", result)

    def _look(self) -> None:
        """Learn how far the stacks in flight are, and how many processors the cluster has."""
        self.looked = time.monotonic()
        if not self._sees_the_head():
            return
        self.cpus = self.ray.cluster_resources().get("CPU", 1.0)
        references = {stack.index: reference for reference, stack in self.stacks.items()}
        for progress in self._told():
            if progress.stack in references:
                self.heard[references[progress.stack]] = self.news = self.waited
                self.on_progress(progress)

    def _sees_the_head(self) -> bool:
        """Return whether the head is there, without which Ray's own calls do not return; it may be started again."""
        host, _, port = self.ray.get_runtime_context().gcs_address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), SECONDS_TO_CONNECT).close()
        except OSError as error:
            if time.monotonic() - self.head_seen > SECONDS_WITHOUT_A_HEAD:
                raise PartlyFailedError(f"--ray: the cluster was lost ({error})") from None
            return False
        self.head_seen = time.monotonic()
        return True

    def _told(self) -> list[Progress]:
        """Return what is new on the board; a silent one gets another process, to which Ray brings what was written."""
        try:
            return cast("list[Progress]", self.ray.get(self.board.take.remote(), timeout=SECONDS_FOR_THE_BOARD))
        except self.ray.exceptions.GetTimeoutError:
            self.ray.kill(self.board, no_restart=False)
            return []

    def unheard(self) -> list[Stack]:
        """Return the stacks that told nothing yet, called back, where nothing at all was heard for so long.

        They may wait for others' tasks to end. Raises PartlyFailedError where they would wait in vain.
        """
        if self.news >= self.waited - self.stall_seconds:
            return []
        self._refuse_to_wait_in_vain()
        return [self._called_back(reference) for reference in [*self.stacks] if reference not in self.heard]

    def _stalled(self) -> list[Any]:
        return [reference for reference, heard in self.heard.items() if heard < self.waited - self.stall_seconds]

    def _refuse_to_wait_in_vain(self) -> None:
        self.news = self.waited
        try:
            refuse_what_cannot_run(self.plan)
        except LabError as error:
            raise PartlyFailedError(str(error)) from None

    def _given_up(self, reference: Any) -> StackFailure:
        return here.failure(self._called_back(reference), f"no progress for {self.stall_seconds:g} seconds")

    def _called_back(self, reference: Any) -> Stack:
        self.ray.cancel(reference, force=True)
        return self._forget(reference)

    def _forget(self, reference: Any) -> Stack:
        self.heard.pop(reference, None)
        return self.stacks.pop(reference)


class _Board:
    """An actor on which tasks write how far they are, and from which the driver reads."""

    def __init__(self) -> None:
        self.latest: dict[int, Progress] = {}

    def tell(self, progress: Progress) -> None:
        """Write where a stack is."""
        self.latest[progress.stack] = progress

    def take(self) -> list[Progress]:
        """Return what is new."""
        told, self.latest = list(self.latest.values()), {}
        return told


def _work(stack: Stack, board: Any) -> tuple[Progress | None, StackResult | StackFailure]:
    """Run a stack in one of the cluster's workers; return where it came to last, which the board may tell too late."""
    last, told = None, time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal last, told
        last = progress
        if time.monotonic() - told > SECONDS_BETWEEN_PROGRESS:
            told = time.monotonic()
            board.tell.remote(progress)

    board.tell.remote(Progress(stack.index, stack.group.index, len(stack.seeds), 0, 0, None, None))
    (result,) = here.run([stack], tell)
    return last, result


def _telling_line(error: Exception) -> str:
    """Return the last line of what failed in a task, which is told with its traceback, and the first of all else."""
    from ray.exceptions import RayTaskError

    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[-1 if isinstance(error, RayTaskError) else 0]
