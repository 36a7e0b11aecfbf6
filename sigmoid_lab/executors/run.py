"""The one seam for where stacks run."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator

from sigmoid_lab.engine.devices import free_bytes
from sigmoid_lab.errors import LabError
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
    """Return one worker a core for a plan that is worth it, one for another, or where a GPU does the work.

    There are fewer where memory does not hold as many stacks.
    """
    on_cpu = all(group.settings.device == "cpu" for group in plan.groups)
    if not on_cpu or plan.operations < WORTH_PROCESSES:
        return 1
    held = int(free_bytes("cpu") / max(plan.stack_bytes(group) for group in plan.groups))
    return max(1, min(len(os.sched_getaffinity(0)), held))


def refuse_what_cannot_run(plan: Plan) -> None:
    """Raise LabError for a device that is not here, and for networks of which not even one finds room."""
    problems: dict[str, None] = {}
    for group in plan.groups:
        device = group.settings.device
        needed, free = plan.network_bytes(group), min(free_bytes(device), free_bytes("cpu"))
        if needed > free:
            compared = "".join(f" with {key} {value}" for key, value in group.compared.items())
            problems[
                f"network: one network{compared} needs about {needed / 1e9:.3g} GB, and {free / 1e9:.3g} GB are free "
                f"({device}); fewer or narrower layers, or fewer examples, need less"
            ] = None
    if problems:
        raise LabError(*problems)
