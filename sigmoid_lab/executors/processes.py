"""Stacks run in worker processes of one thread each, so that cores never wait for each other.

The driver hands out one stack at a time and alone writes what comes back; results come as they finish, and each is
what the engine gives in this process.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Set
from contextlib import ExitStack, suppress
from math import inf
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from sigmoid_lab.errors import PartlyFailedError
from sigmoid_lab.executors import forkserver, here
from sigmoid_lab.executors.queue import ATTEMPTS, OnRetry, Queue
from sigmoid_lab.executors.shared_file import SharedFile
from sigmoid_lab.plan import Stack
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult

SECONDS_BETWEEN_PROGRESS = 0.1
LOOKS_A_STALL = 20
"""How often a driver that hears nothing looks up before it takes a worker for stalled."""

LONGEST_WAIT_SECONDS = 60.0
SECONDS_TO_START = 60.0
"""How long a worker may take to say that it is there."""

SECONDS_TO_END = 5.0
"""How long to wait to be told that a process that was killed has ended."""

READY = "ready"
"""A worker's word that it can take a stack, and the driver's that there is one; what it gave lies where it took it."""

Message = Progress | StackResult | StackFailure


def run(
    stacks: Iterable[Stack],
    on_progress: Callable[[Progress], None],
    workers: int,
    stall_seconds: float = inf,
    on_retry: OnRetry = lambda _: None,
) -> Generator[StackResult | StackFailure]:
    """Yield each stack's result as it finishes on one of ``workers`` processes, or as many as can be started.

    A worker that dies, or tells of no progress for ``stall_seconds``, is replaced and its stack run again; one that
    fails in every attempt is reported as failed. Raises PartlyFailedError where no worker can be started.
    """
    queue, busy = Queue(stacks, on_retry), set[_Worker]()
    try:
        for _ in range(workers):
            _employ(None, queue, busy)
        while busy:
            for worker, message in _news(busy, stall_seconds):
                if isinstance(message, Progress):
                    on_progress(message)
                    continue
                told = queue.settle(message)
                busy.remove(worker)
                _employ(worker, queue, busy)
                if told is not None:
                    yield told
    finally:
        for worker in busy:
            worker.end()


def _news(busy: Set[_Worker], stall_seconds: float) -> Iterator[tuple[_Worker, Message]]:
    """Wait a moment; yield what workers tell, and the failures of those that died or were silent for too long.

    Only time that was waited counts: a driver that was stopped, or wrote to a slow disk, heard nobody.
    """
    at_most = min(stall_seconds / LOOKS_A_STALL, LONGEST_WAIT_SECONDS)
    began = time.monotonic()
    telling = set(wait([worker.connection for worker in busy], at_most))
    waited = min(time.monotonic() - began, at_most)
    for worker in busy:
        worker.silent += waited
    for worker in [worker for worker in busy if worker.connection in telling]:
        worker.silent = 0.0
        yield worker, worker.heard()
    for worker in [worker for worker in busy if worker.silent >= stall_seconds]:
        worker.end()
        yield worker, here.failure(worker.stack, f"no progress for {stall_seconds:g} seconds")


def _another(busy: Set[_Worker]) -> _Worker | None:
    """Start a worker, or none where that fails and others are at work."""
    try:
        return _Worker.started()
    except PartlyFailedError:
        if busy:
            return None
        raise


def _employ(worker: _Worker | None, queue: Queue, busy: set[_Worker]) -> None:
    """Give the next stack to a worker, or to another where it is none or has ended; end it where no stack is left."""
    stack = queue.next()
    if stack is None:
        if worker is not None:
            worker.end()
        return
    if worker is None or worker.ended:
        worker = _another(busy)
    if worker is None:
        queue.put_back(stack)
        return
    busy.add(worker)
    worker.give(stack)


class _Worker:
    """A process, the stack that it has, and for how long it was silent.

    What goes through the connection is small: nobody waits for one that stops in the middle of it.
    """

    stack: Stack

    def __init__(self, process: BaseProcess, connection: Connection, shared: SharedFile) -> None:
        self.process, self.connection, self.shared = process, connection, shared
        self.silent = 0.0
        self.ended = False

    @classmethod
    def started(cls) -> _Worker:
        """Start a worker; raise PartlyFailedError where that fails a few times."""
        cause = ""
        for _ in range(ATTEMPTS):
            try:
                return cls(*_fork())
            except (EOFError, OSError) as error:
                cause = str(error)
        raise PartlyFailedError(
            f"no worker process can be started ({cause}; {ATTEMPTS} attempts); a script that trains on several workers "
            'guards what it does with `if __name__ == "__main__":`'
        )

    def give(self, stack: Stack) -> None:
        """Let the worker run a stack; that it died before shows when it is heard."""
        self.stack, self.silent = stack, 0.0
        self.shared.put(stack)
        with suppress(OSError):
            self.connection.send(READY)

    def heard(self) -> Message:
        """Return what the worker tells, or that its stack failed because it died."""
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            return here.failure(self.stack, _death(self.end()))
        return message if isinstance(message, Progress) else self.shared.take()

    def end(self) -> int | None:
        """End the process, however it is; return its exit code, once its end is told."""
        if self.ended:
            return None
        self.ended = True
        self.process.kill()
        self.process.join(SECONDS_TO_END)
        exit_code = self.process.exitcode
        if not self._hung_up() and self.process.pid is not None:  # it lives: a server that died told of its end
            os.kill(self.process.pid, signal.SIGKILL)
        self.connection.close()
        self.shared.close()
        if exit_code is not None:
            self.process.close()
        return exit_code

    def _hung_up(self) -> bool:
        """Return whether the process's end of the connection is closed, or is so soon."""
        with suppress(EOFError, OSError):
            while self.connection.poll(SECONDS_TO_END):
                self.connection.recv()
            return False
        return True


def _fork() -> tuple[BaseProcess, Connection, SharedFile]:
    """Start a process that runs stacks; return it once it is ready; raise EOFError or OSError where it never is."""
    context = forkserver.started()
    with ExitStack() as on_failure:
        connection, theirs = context.Pipe()
        on_failure.callback(connection.close)
        with theirs:
            shared = SharedFile()
            on_failure.callback(shared.close)
            process = context.Process(target=_work, args=(theirs, shared), daemon=True)
            process.start()
        on_failure.callback(process.kill)
        _hear_that_it_is_ready(connection)
        on_failure.pop_all()
    return process, connection, shared


def _hear_that_it_is_ready(connection: Connection) -> None:
    if not connection.poll(SECONDS_TO_START):
        raise TimeoutError(f"the last one said nothing for {SECONDS_TO_START:g} seconds")
    try:
        connection.recv()
    except EOFError:
        raise EOFError("the last one ended before it was ready") from None


def _death(exit_code: int | None) -> str:
    """Say what ended a worker; a negative exit code is a signal's number, and null that its end was not told."""
    if exit_code is None:
        return "its worker process was lost"
    if exit_code == -signal.SIGKILL:
        return "its worker process was killed (SIGKILL, which the system also sends where memory runs out)"
    return f"its worker process died ({signal.Signals(-exit_code).name if exit_code < 0 else f'exit code {exit_code}'})"


def _work(connection: Connection, shared: SharedFile) -> None:
    """Run, in a worker, every stack that comes."""
    told = 0.0

    def tell(progress: Progress) -> None:
        nonlocal told
        if time.monotonic() - told > SECONDS_BETWEEN_PROGRESS or progress.step == progress.steps:
            told = time.monotonic()
            connection.send(progress)

    try:
        connection.send(READY)
        while connection.recv():
            for result in here.run([shared.take()], tell):
                shared.put(result)
                connection.send(READY)
    except (EOFError, OSError):
        return  # the driver is gone
