"""Results saved beside the work: in a thread of its own, several at a time, so that no work waits for a disk."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

MOST_UNSAVED = 16
"""Results in memory, those being saved included, from which on the work waits for the disk."""
ENOUGH = MOST_UNSAVED // 2
"""Results that are saved without waiting for more."""
SECONDS_FOR_OTHERS = 0.1
"""How long a result waits for others, which a disk takes together in about the time of one."""

R = TypeVar("R")


def save_beside(results: Iterable[R], save: Callable[[Sequence[R]], None]) -> None:
    """Save every result that comes, also of work that is interrupted; raise what ``save`` raises, which ends the work.

    ``save`` gets all that wait at a time.
    """
    waiting: deque[R] = deque()
    turns: deque[Future[None]] = deque()
    enough = Event()

    def save_waiting() -> None:
        if waiting:
            enough.wait(SECONDS_FOR_OTHERS)
            save([waiting.popleft() for _ in range(len(waiting))])

    with ThreadPoolExecutor(1) as thread:
        try:
            for result in results:
                waiting.append(result)
                (enough.set if len(waiting) >= ENOUGH else enough.clear)()
                turns.append(thread.submit(save_waiting))
                while turns and (turns[0].done() or len(turns) >= MOST_UNSAVED):
                    turns.popleft().result()
        finally:
            enough.set()
        for turn in turns:
            turn.result()
