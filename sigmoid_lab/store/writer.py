"""Results saved beside the work: in a thread of its own, all that wait at a time, so that no work waits for a disk."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

MOST_UNSAVED = 16
"""Results in memory, those being saved included, from which on the work waits for the disk."""

R = TypeVar("R")


def save_beside(results: Iterable[R], save: Callable[[Sequence[R]], None]) -> None:
    """Save every result that comes, also of work that is interrupted; raise what ``save`` raises, which ends the work.

    ``save`` gets whatever came while it saved what was before.
    """
    waiting: deque[R] = deque()
    turns: deque[Future[None]] = deque()

    def save_waiting() -> None:
        batch = [waiting.popleft() for _ in range(len(waiting))]
        if batch:
            save(batch)

    with ThreadPoolExecutor(1) as thread:
        for result in results:
            waiting.append(result)
            turns.append(thread.submit(save_waiting))
            while turns and (turns[0].done() or len(turns) >= MOST_UNSAVED):
                turns.popleft().result()
        for turn in turns:
            turn.result()
