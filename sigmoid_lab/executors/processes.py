"""Stacks run in worker processes of one thread each, so that cores never wait for each other.

The driver hands out one stack at a time and alone writes what comes back; results come as they finish, and each is
what the engine gives in this process.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from math import inf
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from sigmoid_lab.executors import here
from sigmoid_lab.executors.queue import Queue
from sigmoid_lab.plan import Stack
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult

SECONDS_BETWEEN_PROGRESS = 0.1

OnProgress = Callable[[Progress], None]


def run(
    stacks: Iterable[Stack], on_progress: OnProgress, workers: int, stall_seconds: float = inf
) -> Generator[StackResult | StackFailure]:
    """Yield each stack's result as it finishes on one of ``workers`` processes.

    A worker that dies, or tells of no progress for ``stall_seconds``, is replaced and its stack run again; one that
    fails in every attempt is reported as failed.
    """
    queue = Queue(stacks)
    busy: dict[Connection, _Worker] = {}
    with ExitStack() as ends:
        for _ in range(workers):
            _employ(_Worker.start(ends), queue, busy)
        while busy:
            for connection in wait(list(busy), _patience(busy.values(), stall_seconds)):
                worker = busy[_as_connection(connection)]
                message = worker.receive(stall_seconds)
                if isinstance(message, Progress):
                    on_progress(message)
                    continue
                del busy[worker.connection]
                told = queue.settle(message)
                _employ(worker if worker.process.is_alive() else _Worker.start(ends), queue, busy)
                if told is not None:
                    yield told
            for worker in busy.values():
                if worker.patience(stall_seconds) == 0.0:
                    worker.process.kill()


@dataclass
class _Worker:
    """A process, the driver's end of the pipe to it, the stack that it has, and when it was heard of last."""

    process: BaseProcess
    connection: Connection
    stack: Stack | None = None
    heard: float = 0.0

    @classmethod
    def start(cls, ends: ExitStack) -> _Worker:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["sigmoid_lab.engine.execute"])
        connection, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        ends.callback(process.join)
        ends.callback(process.terminate)
        ends.callback(connection.close)
        return cls(process, connection)

    def patience(self, stall_seconds: float) -> float:
        """Return for how many seconds more the worker may be silent."""
        return max(0.0, self.heard + stall_seconds - time.monotonic())

    def give(self, stack: Stack) -> None:
        """Let the worker run a stack; that one died just now shows when it is listened to."""
        self.stack, self.heard = stack, time.monotonic()
        with suppress(OSError):
            self.connection.send(stack)

    def receive(self, stall_seconds: float) -> Progress | StackResult | StackFailure:
        """Return the worker's next message, or that its stack failed because it died."""
        stalled = self.patience(stall_seconds) == 0.0
        try:
            message: Progress | StackResult | StackFailure = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            if self.stack is None:
                raise
            cause = f"no progress for {stall_seconds:g} seconds" if stalled else _death(self.process.exitcode or 0)
            return StackFailure(self.stack.index, self.stack.group.index, self.stack.seeds, cause)
        self.heard = time.monotonic()
        return message


def _death(exit_code: int) -> str:
    """Say what ended a worker; a negative exit code is a signal's number."""
    if exit_code == -signal.SIGKILL:
        return "its worker process was killed (SIGKILL, which the system also sends where memory runs out)"
    return f"its worker process died ({signal.Signals(-exit_code).name if exit_code < 0 else f'exit code {exit_code}'})"


def _patience(workers: Iterable[_Worker], stall_seconds: float) -> float | None:
    """Return for how many seconds the most silent worker may stay so, null for ever."""
    return None if stall_seconds == inf else min(worker.patience(stall_seconds) for worker in workers)


def _employ(worker: _Worker, queue: Queue, busy: dict[Connection, _Worker]) -> None:
    """Give a worker the next stack, if there is one."""
    stack = queue.next()
    if stack is not None:
        busy[worker.connection] = worker
        worker.give(stack)


def _as_connection(ready: object) -> Connection:
    if not isinstance(ready, Connection):
        raise TypeError(f"only connections are waited for, not {ready!r}")
    return ready


def _work(connection: Connection) -> None:
    """Run, in a worker, every stack that comes; Ctrl-C is the driver's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told = 0.0

    def tell(progress: Progress) -> None:
        nonlocal told
        if time.monotonic() - told > SECONDS_BETWEEN_PROGRESS or progress.step == progress.steps:
            told = time.monotonic()
            connection.send(progress)

    try:
        while True:
            for result in here.run([connection.recv()], tell):
                connection.send(result)
    except (EOFError, OSError):
        return  # the driver is gone
