"""Stacks run in worker processes of one thread each, so that cores never wait for each other.

The driver hands out one stack at a time and alone writes what comes back; results come as they finish, and each is
what the engine gives in this process.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from sigmoid_lab.errors import PartlyFailedError
from sigmoid_lab.executors import forkserver, here
from sigmoid_lab.executors.queue import ATTEMPTS, Queue
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
"""A worker's first word."""

OnProgress = Callable[[Progress], None]


def run(
    stacks: Iterable[Stack], on_progress: OnProgress, workers: int, stall_seconds: float = inf
) -> Generator[StackResult | StackFailure]:
    """Yield each stack's result as it finishes on one of ``workers`` processes.

    A worker that dies, or tells of no progress for ``stall_seconds``, is replaced and its stack run again; one that
    fails in every attempt is reported as failed. Raises PartlyFailedError where no worker can be started.
    """
    queue = Queue(stacks)
    busy: dict[Connection, _Worker] = {}
    try:
        for _ in range(workers):
            _employ(_Worker.start(), queue, busy)
        while busy:
            for connection in _wait(busy.values(), stall_seconds):
                worker = busy[connection]
                message = worker.receive(stall_seconds)
                if isinstance(message, Progress):
                    on_progress(message)
                    continue
                del busy[worker.connection]
                told = queue.settle(message)
                if not worker.process.is_alive():
                    worker.end()
                    worker = _Worker.start()
                _employ(worker, queue, busy)
                if told is not None:
                    yield told
            for worker in busy.values():
                if worker.silent >= stall_seconds:
                    worker.process.kill()
    finally:
        for worker in busy.values():
            worker.end()


def _wait(workers: Collection[_Worker], stall_seconds: float) -> list[Connection]:
    """Return the connections on which something came, and count for how long each worker was silent.

    Only time that was waited counts: a driver that was stopped, or wrote to a slow disk, heard nobody.
    """
    at_most = min(stall_seconds / LOOKS_A_STALL, LONGEST_WAIT_SECONDS)
    began = time.monotonic()
    ready = wait([worker.connection for worker in workers], at_most)
    for worker in workers:
        worker.silent += min(time.monotonic() - began, at_most)
    return [connection for connection in ready if isinstance(connection, Connection)]


@dataclass
class _Worker:
    """A process, the driver's end of the pipe to it, the stack that it has, and for how long it was silent."""

    process: BaseProcess
    connection: Connection
    stack: Stack | None = None
    silent: float = 0.0

    @classmethod
    def start(cls) -> _Worker:
        for _ in range(ATTEMPTS):
            worker = cls._forked()
            with suppress(EOFError, OSError):
                if worker.connection.poll(SECONDS_TO_START) and worker.connection.recv() == READY:
                    return worker
            worker.end()
        raise PartlyFailedError(
            f"no worker process could be started ({ATTEMPTS} attempts); a script that trains on several workers "
            'guards what it does with `if __name__ == "__main__":`'
        )

    @classmethod
    def _forked(cls) -> _Worker:
        context = forkserver.started()
        connection, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        return cls(process, connection)

    def end(self) -> None:
        """End the process, however it is, and close what is held of it, once its end is told."""
        self.connection.close()
        self.process.kill()
        self.process.join(SECONDS_TO_END)
        if self.process.exitcode is not None:
            self.process.close()

    def give(self, stack: Stack) -> None:
        """Let the worker run a stack; that one died just now shows when it is listened to."""
        self.stack, self.silent = stack, 0.0
        with suppress(OSError):
            self.connection.send(stack)

    def receive(self, stall_seconds: float) -> Progress | StackResult | StackFailure:
        """Return the worker's next message, or that its stack failed because it died."""
        stalled = self.silent >= stall_seconds
        try:
            message: Progress | StackResult | StackFailure = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            if self.stack is None:
                raise
            cause = f"no progress for {stall_seconds:g} seconds" if stalled else _death(self.process.exitcode or 0)
            return StackFailure(self.stack.index, self.stack.group.index, self.stack.seeds, cause)
        self.silent = 0.0
        return message


def _death(exit_code: int) -> str:
    """Say what ended a worker; a negative exit code is a signal's number."""
    if exit_code == -signal.SIGKILL:
        return "its worker process was killed (SIGKILL, which the system also sends where memory runs out)"
    return f"its worker process died ({signal.Signals(-exit_code).name if exit_code < 0 else f'exit code {exit_code}'})"


def _employ(worker: _Worker, queue: Queue, busy: dict[Connection, _Worker]) -> None:
    """Give a worker the next stack, or end it where there is none."""
    stack = queue.next()
    if stack is None:
        worker.end()
    else:
        busy[worker.connection] = worker
        worker.give(stack)


def _work(connection: Connection) -> None:
    """Run, in a worker, every stack that comes."""
    told = 0.0

    def tell(progress: Progress) -> None:
        nonlocal told
        if time.monotonic() - told > SECONDS_BETWEEN_PROGRESS or progress.step == progress.steps:
            told = time.monotonic()
            connection.send(progress)

    try:
        connection.send(READY)
        while True:
            for result in here.run([connection.recv()], tell):
                connection.send(result)
    except (EOFError, OSError):
        return  # the driver is gone
