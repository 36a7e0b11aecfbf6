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
"""How long a worker that was forked may take to say that it is there."""

SECONDS_TO_END = 5.0
"""How long to wait to be told that a process that was killed has ended."""

WRITTEN = "written"
"""What either side says of the file that both have open: the driver wrote a stack there, the worker what it gave."""
READY = "ready"
"""A worker's first word."""
OF_A_LOST_SERVER = 255
"""The exit code of a worker, as Python tells it, whose fork server died."""

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
        while len(busy) < workers and _employ(None, queue, busy):
            pass
        while busy:
            for worker, message in _news(busy, stall_seconds):
                if isinstance(message, Progress):
                    on_progress(message)
                    continue
                told = queue.settle(message)
                if told is not None:
                    yield told
                busy.remove(worker)
                _employ(worker, queue, busy)
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


def _employ(worker: _Worker | None, queue: Queue, busy: set[_Worker]) -> bool:
    """Give the next stack to a worker, or to another where it is none or has ended; return whether one has it.

    A worker for which no stack is left is ended.
    """
    stack = queue.next()
    if stack is None:
        if worker is not None:
            worker.end()
        return False
    if worker is None or worker.ended:
        worker = _another(busy)
    if worker is None:
        queue.put_back(stack)
        return False
    busy.add(worker)
    worker.give(stack)
    return True


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
        _put(stack, self.shared, stack)
        with suppress(OSError):
            self.connection.send(WRITTEN)

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
        self.process.kill()
        self.process.join(SECONDS_TO_END)
        exit_code = self.process.exitcode
        if not self._hung_up() and self.process.pid is not None:  # it lives: a server that died told of its end
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
        self.ended = True
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
    """Say what ended a worker; a negative exit code is a signal's number, and null that its end is not told yet."""
    if exit_code is None or exit_code == OF_A_LOST_SERVER:
        return "its worker process was lost"
    if exit_code == -signal.SIGKILL:
        return "its worker process was killed (SIGKILL, which the system also sends where memory runs out)"
    names = {-number: number.name for number in signal.Signals}
    unnamed = f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
    return f"its worker process died ({names.get(exit_code, unnamed)})"


def _put(value: Stack | StackResult | StackFailure, shared: SharedFile, stack: Stack) -> None:
    """Put a value, or, where there is no room for it, that its stack failed."""
    try:
        shared.put(value)
    except (OSError, MemoryError) as error:
        shared.put(here.failure(stack, f"could not be handed from process to process ({error or 'out of memory'})"))


def _work(connection: Connection, shared: SharedFile) -> None:
    """Run, in a worker, every stack that comes."""
    told = 0.0

    def tell(progress: Progress) -> None:
        nonlocal told
        if time.monotonic() - told > SECONDS_BETWEEN_PROGRESS or progress.step == progress.steps:
            told = time.monotonic()
            connection.send(progress)

    with suppress(EOFError, ConnectionError):  # the driver is gone
        connection.send(READY)
        while True:
            connection.recv()
            if isinstance(given := shared.take(), Stack):
                for result in here.run([given], tell):
                    _put(result, shared, given)
            connection.send(WRITTEN)
