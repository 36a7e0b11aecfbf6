"""Stacks run in worker processes of one thread each, so that cores never wait for each other.

The driver hands out one stack at a time and alone writes what comes back; results come as they finish, and each is
what the engine gives in this process.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from sigmoid_lab.executors import here
from sigmoid_lab.plan import Stack
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult

SECONDS_BETWEEN_PROGRESS = 0.1

OnProgress = Callable[[Progress], None]


def run(stacks: Iterable[Stack], on_progress: OnProgress, workers: int) -> Generator[StackResult | StackFailure]:
    """Yield each stack's result as it finishes on one of ``workers`` processes.

    A stack whose worker dies is reported as failed, and another worker takes its place.
    """
    waiting = iter(stacks)
    busy: dict[Connection, _Worker] = {}
    with ExitStack() as ends:
        for _ in range(workers):
            _employ(_Worker.start(ends), waiting, busy)
        while busy:
            for connection in wait(list(busy)):
                worker = busy[_as_connection(connection)]
                message = worker.receive()
                if isinstance(message, Progress):
                    on_progress(message)
                    continue
                del busy[worker.connection]
                _employ(worker if worker.process.is_alive() else _Worker.start(ends), waiting, busy)
                yield message


@dataclass
class _Worker:
    """A process, the driver's end of the pipe to it, and the stack that it has."""

    process: BaseProcess
    connection: Connection
    stack: Stack | None = None

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

    def receive(self) -> Progress | StackResult | StackFailure:
        """Return the worker's next message, or that its stack failed because it died."""
        try:
            message: Progress | StackResult | StackFailure = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            if self.stack is None:
                raise
            cause = f"its worker process died (exit code {self.process.exitcode})"
            return StackFailure(self.stack.index, self.stack.group.index, self.stack.seeds, cause)
        return message


def _employ(worker: _Worker, waiting: Iterator[Stack], busy: dict[Connection, _Worker]) -> None:
    """Give a worker the next stack, if there is one."""
    worker.stack = next(waiting, None)
    if worker.stack is not None:
        busy[worker.connection] = worker
        worker.connection.send(worker.stack)


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

    while True:
        try:
            stack = connection.recv()
        except EOFError:
            return
        for result in here.run([stack], tell):
            connection.send(result)
