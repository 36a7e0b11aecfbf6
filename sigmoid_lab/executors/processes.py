"""Stacks run in worker processes of one thread each, so that cores never wait for each other.

The driver hands out one stack at a time and alone writes what comes back; results come as they finish, and each is
what the engine gives in this process.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Set
from contextlib import suppress
from math import inf
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeAlias

from sigmoid_lab.errors import PartlyFailedError
from sigmoid_lab.executors import forkserver, here
from sigmoid_lab.executors.queue import ATTEMPTS, OnRetry, Queue
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

Message = Progress | StackResult | StackFailure
Heard: TypeAlias = "SimpleQueue[tuple[_Worker, Message | Exception]]"
"""What workers tell, and how hearing of one ended."""


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
    heard: Heard = SimpleQueue()
    try:
        for _ in range(workers):
            _employ(None, queue, busy, heard)
        while busy:
            for worker, message in _news(heard, busy, stall_seconds):
                if isinstance(message, Progress):
                    on_progress(message)
                    continue
                told = queue.settle(message)
                if told is not None:
                    yield told
                busy.remove(worker)
                _employ(worker, queue, busy, heard)
    finally:
        for worker in busy:
            worker.end()


def _news(heard: Heard, busy: Set[_Worker], stall_seconds: float) -> Iterator[tuple[_Worker, Message]]:
    """Wait a moment; yield what a worker told, and the failures of those that died or were silent for too long.

    Only time that was waited counts: a driver that was stopped, or wrote to a slow disk, heard nobody.
    """
    at_most = min(stall_seconds / LOOKS_A_STALL, LONGEST_WAIT_SECONDS)
    began = time.monotonic()
    told: list[tuple[_Worker, Message | Exception]] = []
    with suppress(Empty):
        told.append(heard.get(timeout=at_most))
    waited = min(time.monotonic() - began, at_most)
    for worker in busy:
        worker.silent += waited
    for worker, message in told:
        if worker in busy:
            worker.silent = 0.0
            yield worker, worker.died(message) if isinstance(message, Exception) else message
    for worker in [worker for worker in busy if worker.silent >= stall_seconds]:
        worker.end()
        yield worker, here.failure(worker.stack, f"no progress for {stall_seconds:g} seconds")


def _another(heard: Heard, busy: Set[_Worker]) -> _Worker | None:
    """Start a worker, or none where that fails and others are at work."""
    try:
        return _Worker.started(heard)
    except PartlyFailedError:
        if busy:
            return None
        raise


def _employ(worker: _Worker | None, queue: Queue, busy: set[_Worker], heard: Heard) -> None:
    """Give the next stack to a worker, or to another where it is none or has ended; end it where no stack is left."""
    stack = queue.next()
    if stack is None:
        if worker is not None:
            worker.end()
        return
    if worker is None or worker.ended:
        worker = _another(heard, busy)
    if worker is None:
        queue.put_back(stack)
        return
    busy.add(worker)
    worker.give(stack)


class _Worker:
    """A process, the stack that it has, and for how long it was silent.

    A thread sends to it and hears it, so that one that stops in the middle of a message holds up nobody.
    """

    stack: Stack

    def __init__(self, process: BaseProcess, connection: Connection, heard: Heard) -> None:
        self.process, self.connection, self.heard = process, connection, heard
        self.silent = 0.0
        self.ended = False
        self.exit_code: int | None = None
        self.stacks: SimpleQueue[Stack | None] = SimpleQueue()
        self.thread = Thread(target=self._converse, daemon=True)
        try:
            self.thread.start()
        except RuntimeError:
            process.kill()
            connection.close()
            raise

    @classmethod
    def started(cls, heard: Heard) -> _Worker:
        """Start a worker; raise PartlyFailedError where that fails a few times."""
        cause = ""
        for _ in range(ATTEMPTS):
            try:
                return cls(*_fork(), heard)
            except (EOFError, OSError, RuntimeError) as error:  # the last where no more threads can be started
                cause = str(error)
        raise PartlyFailedError(
            f"no worker process can be started ({cause}; {ATTEMPTS} attempts); a script that trains on several workers "
            'guards what it does with `if __name__ == "__main__":`'
        )

    def give(self, stack: Stack) -> None:
        """Let the worker run a stack; that it died before shows when it is sent."""
        self.stack, self.silent = stack, 0.0
        self.stacks.put(stack)

    def end(self) -> None:
        """End the process, however it is, and close what is held of it, once its end is told."""
        if self.ended:
            return
        self.ended = True
        self.stacks.put(None)
        self.process.kill()
        self.process.join(SECONDS_TO_END)
        self.exit_code = self.process.exitcode
        self.thread.join(SECONDS_TO_END)
        if self.thread.is_alive() and self.process.pid is not None:  # it lives: a server that died told of its end
            os.kill(self.process.pid, signal.SIGKILL)
            self.thread.join(SECONDS_TO_END)
        if self.exit_code is not None:
            self.process.close()

    def died(self, how: Exception) -> StackFailure:
        """Return that the stack failed because the process died; raise what else kept it from being heard."""
        if not isinstance(how, EOFError | OSError):
            raise how
        self.end()
        return here.failure(self.stack, _death(self.exit_code))

    def _converse(self) -> None:
        """Send every stack that is given, and put all that is heard of it before the driver."""
        try:
            for stack in iter(self.stacks.get, None):
                self.connection.send(stack)
                while isinstance(message := self.connection.recv(), Progress):
                    self.heard.put((self, message))
                self.heard.put((self, message))
        except Exception as error:
            self.heard.put((self, error))
        finally:
            self.connection.close()


def _fork() -> tuple[BaseProcess, Connection]:
    """Start a process that runs stacks; return it once it is ready; raise EOFError or OSError where it never is."""
    context = forkserver.started()
    connection, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    try:
        process.start()
        theirs.close()
        _hear_that_it_is_ready(connection)
    except BaseException:
        connection.close()
        theirs.close()
        if process.pid is not None:
            process.kill()
        raise
    return process, connection


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
