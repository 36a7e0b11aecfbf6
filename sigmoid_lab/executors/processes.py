"""Stacks run in worker processes of one thread each, so that cores never wait for each other.

The driver hands out one stack at a time and alone writes what comes back; results come as they finish, and each is
what the engine gives in this process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Set
from math import inf
from multiprocessing.connection import wait

from sigmoid_lab.errors import PartlyFailedError
from sigmoid_lab.executors import here
from sigmoid_lab.executors.queue import OnRetry, Queue
from sigmoid_lab.executors.worker import Message, Worker
from sigmoid_lab.plan import Stack
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult

LOOKS_A_STALL = 20
"""How often a driver that hears nothing looks up before it takes a worker for stalled."""
LONGEST_WAIT_SECONDS = 60.0


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
    queue, busy = Queue(stacks, on_retry), set[Worker]()
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
                _employ(worker, queue, busy)
    finally:
        for worker in busy:
            worker.end()


def _news(busy: Set[Worker], stall_seconds: float) -> Iterator[tuple[Worker, Message]]:
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


def _another(busy: Set[Worker]) -> Worker | None:
    """Start a worker, or none where that fails and others are at work."""
    try:
        return Worker.started()
    except PartlyFailedError:
        if busy:
            return None
        raise


def _employ(worker: Worker | None, queue: Queue, busy: set[Worker]) -> bool:
    """Give the next stack to a worker, or to another where it is none or has ended; return whether one has it.

    A worker for which no stack is left is ended.
    """
    stack = queue.next()
    if stack is None:
        if worker is not None:
            worker.end()
            busy.discard(worker)
        return False
    if worker is not None and worker.ended:
        busy.discard(worker)
        worker = None
    worker = worker or _another(busy)
    if worker is None:
        queue.put_back(stack)
        return False
    busy.add(worker)
    worker.give(stack)
    return True
