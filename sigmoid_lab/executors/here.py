"""Stacks run in this process, one after another."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterable

from sigmoid_lab.engine.execute import execute
from sigmoid_lab.errors import LabError
from sigmoid_lab.plan import Stack
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult

OF_TORCH = "can't allocate memory"
"""What torch says of memory that ran out, in a RuntimeError like any other."""


def run(stacks: Iterable[Stack], on_progress: Callable[[Progress], None]) -> Generator[StackResult | StackFailure]:
    """Yield each stack's result as it finishes; a stack that fails is reported and the others go on."""
    for stack in stacks:
        try:
            yield execute(stack, on_progress)
        except LabError as error:
            yield failure(stack, str(error))
        except Exception as error:
            short_of_memory = isinstance(error, MemoryError) or OF_TORCH in str(error)
            cause = f"ran out of memory ({error})" if short_of_memory else traceback.format_exc().rstrip()
            yield failure(stack, cause)


def failure(stack: Stack, cause: str) -> StackFailure:
    """Return that a stack failed, with its cause."""
    return StackFailure(stack.index, stack.group.index, stack.seeds, cause)
