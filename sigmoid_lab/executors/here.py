"""Stacks run in this process, one after another."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterable

from sigmoid_lab.engine.execute import execute
from sigmoid_lab.errors import LabError
from sigmoid_lab.plan import Stack
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult


def run(stacks: Iterable[Stack], on_progress: Callable[[Progress], None]) -> Generator[StackResult | StackFailure]:
    """Yield each stack's result as it finishes; a stack that fails is reported and the others go on."""
    for stack in stacks:
        try:
            yield execute(stack, on_progress)
        except LabError as error:
            yield _failure(stack, str(error))
        except MemoryError as error:
            yield _failure(stack, f"ran out of memory ({error})")
        except Exception:
            yield _failure(stack, traceback.format_exc().rstrip())


def _failure(stack: Stack, cause: str) -> StackFailure:
    return StackFailure(stack.index, stack.group.index, stack.seeds, cause)
