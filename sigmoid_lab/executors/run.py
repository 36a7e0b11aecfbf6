"""The one seam for where stacks run."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator

from sigmoid_lab.executors import here, processes
from sigmoid_lab.plan import Plan
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult

WORTH_PROCESSES = 3e11
"""Floating-point operations, several seconds of one core, from which on it pays to start processes."""


def run(
    plan: Plan, on_progress: Callable[[Progress], None], workers: int | None
) -> Generator[StackResult | StackFailure]:
    """Yield the results of a plan's stacks, run here or on ``workers`` processes; as it pays, if that is null."""
    count = min(usual_workers(plan) if workers is None else workers, plan.stack_count)
    return here.run(plan.stacks(), on_progress) if count == 1 else processes.run(plan.stacks(), on_progress, count)


def usual_workers(plan: Plan) -> int:
    """Return one worker a core for a plan that is worth it, one for another, or where a GPU does the work."""
    on_cpu = all(group.settings.device == "cpu" for group in plan.groups)
    return len(os.sched_getaffinity(0)) if on_cpu and plan.operations > WORTH_PROCESSES else 1
