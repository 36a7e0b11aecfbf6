"""Results saved beside the work: in a thread of its own, several at a time, so that no work waits for a disk."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue
from threading import Event
from typing import TypeVar

MOST_UNSAVED = 16
"""Results in memory, those being saved included, from which on the work waits for the disk."""
ENOUGH = MOST_UNSAVED // 2
"""Results that are saved without waiting for more."""
SECONDS_FOR_OTHERS = 0.1
"""How long a result waits for others, which a disk takes together in about the time of one."""

R = TypeVar("R")


class _End:
    """Comes after the last result."""


END = _End()


def save_beside(results: Iterable[R], save: Callable[[Sequence[R]], None]) -> None:
    """Save every result that comes, also of work that is interrupted, and those together that come close together.

    Raises what ``save`` raises, which ends the work at its next result, and is told before how the work ended.
    """
    coming: SimpleQueue[R | _End] = SimpleQueue()
    room: SimpleQueue[None] = SimpleQueue()  # no semaphore: an interrupt within one leaves it locked
    over = Event()
    for _ in range(MOST_UNSAVED - 1):
        room.put(None)

    def save_all() -> None:
        try:
            while batch := _together(coming):
                save(batch)
                for _ in batch:
                    room.put(None)
        finally:
            over.set()
            room.put(None)

    with ThreadPoolExecutor(1) as thread:
        saving: Future[None] | None = None
        try:
            saving = thread.submit(save_all)
            for result in results:
                coming.put(result)
                room.get()
                if over.is_set():
                    break
        finally:
            coming.put(END)  # a constant: making one would let an interrupt in, and the thread would wait for ever
            if saving is not None:
                saving.result()


def _together(coming: SimpleQueue[R | _End]) -> list[R]:
    """Return the next result and those that come soon after it, none where no more come."""
    found: list[R] = []
    deadline = None
    while len(found) < ENOUGH:
        try:
            result = coming.get(timeout=None if deadline is None else max(0.0, deadline - time.monotonic()))
        except Empty:
            break
        if isinstance(result, _End):
            coming.put(result)
            break
        found.append(result)
        deadline = deadline or time.monotonic() + SECONDS_FOR_OTHERS
    return found
