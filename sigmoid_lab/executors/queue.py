"""Whose turn it is: stacks in the order of the plan, and again, a bounded number of times, those that failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from sigmoid_lab.plan import Stack
from sigmoid_lab.results.measured import StackFailure, StackResult, StackRetry

ATTEMPTS = 3
"""How often a stack is run whose worker dies, stalls, or fails, before that is reported."""


OnRetry = Callable[[StackRetry], None]


class Queue:
    """Stacks that wait for a worker; one that failed comes before those that were never tried.

    ``on_retry`` hears of every stack that failed and gets another attempt, or is handed out again.
    """

    def __init__(self, stacks: Iterable[Stack], on_retry: OnRetry) -> None:
        self.waiting, self.on_retry = iter(stacks), on_retry
        self.in_work: dict[int, Stack] = {}
        self.again: list[Stack] = []
        self.failures: Counter[int] = Counter()

    def next(self) -> Stack | None:
        """Return the stack whose turn it is, or None where none is left."""
        stack = self.again.pop() if self.again else next(self.waiting, None)
        if stack is not None:
            self.in_work[stack.index] = stack
        return stack

    def put_back(self, stack: Stack) -> None:
        """Let a stack that nobody began have the next turn."""
        del self.in_work[stack.index]
        self.again.append(stack)

    def hand_out_again(self, stack: Stack, cause: str) -> None:
        """Let a stack of which nothing is known have the next turn, and tell why; no attempt is counted."""
        self.put_back(stack)
        self._tell(stack, cause, None)

    def settle(self, result: StackResult | StackFailure) -> StackResult | StackFailure | None:
        """Return what is to be reported of a stack, or None where it gets another attempt."""
        stack = self.in_work.pop(result.stack)
        if isinstance(result, StackResult):
            return result
        self.failures[stack.index] += 1
        if self.failures[stack.index] < ATTEMPTS:
            self.again.append(stack)
            self._tell(stack, result.cause, self.failures[stack.index] + 1)
            return None
        return replace(result, cause=f"{result.cause} ({ATTEMPTS} attempts)")

    def _tell(self, stack: Stack, cause: str, attempt: int | None) -> None:
        self.on_retry(StackRetry(stack.index, stack.group.index, stack.seeds, cause, attempt, ATTEMPTS))
