"""The one seam for where stacks run."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Generator
from contextlib import AbstractContextManager, nullcontext
from math import inf

from sigmoid_lab.engine import devices
from sigmoid_lab.engine.devices import free_bytes
from sigmoid_lab.environment import Environment
from sigmoid_lab.errors import LabError
from sigmoid_lab.executors import here, processes, ray_cluster
from sigmoid_lab.plan import Plan
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult, StackRetry
from sigmoid_lab.vocabulary import DeviceName

WORTH_PROCESSES = 3e11
"""Floating-point operations, several seconds of one core, from which on it pays to start processes."""


def run(
    plan: Plan,
    on_event: Callable[[Progress | StackRetry], None],
    workers: int | None = None,
    finished: Collection[int] = (),
    stall_seconds: float = inf,
    on_ray: bool = False,
) -> Generator[StackResult | StackFailure]:
    """Yield the results of a plan's stacks but those finished, run here, on processes, or on the connected cluster.

    There are ``workers`` processes, or as many as pay; what tells of no progress for ``stall_seconds`` is replaced.
    """
    stacks = (stack for stack in plan.stacks() if stack.index not in finished)
    if on_ray:
        return ray_cluster.run(plan, stacks, on_event, stall_seconds, on_event)
    count = worker_count(plan, workers, plan.stack_count - len(finished))
    if count <= 1:
        return here.run(stacks, on_event)
    return processes.run(stacks, on_event, count, stall_seconds, on_event)


def connected(ray: str | None) -> AbstractContextManager[None]:
    """Be connected to a Ray cluster, its head's HOST:PORT or ``local``, while the block runs; null needs none."""
    return nullcontext() if ray is None else ray_cluster.connected(ray)


def environment(device: DeviceName, on_ray: bool = False) -> Environment:
    """Describe the machine that stacks run on, one of the cluster's if they run there."""
    return ray_cluster.environment(device) if on_ray else devices.environment(device)


def worker_count(plan: Plan, asked: int | None, stacks: int) -> int:
    """Return how many workers take so many stacks of a plan: as many as were asked for, or as many as pay."""
    return min(_usual_workers(plan) if asked is None else asked, stacks)


def _usual_workers(plan: Plan) -> int:
    """Return one worker a core for a plan that is worth it, one for another, or where a GPU does the work.

    There are fewer where memory does not hold as many stacks.
    """
    on_cpu = all(group.settings.device == "cpu" for group in plan.groups)
    if not on_cpu or plan.operations < WORTH_PROCESSES:
        return 1
    held = int(free_bytes("cpu") / max(plan.stack_bytes(group) for group in plan.groups))
    return max(1, min(len(os.sched_getaffinity(0)), held))


def refuse_what_cannot_run(plan: Plan, on_ray: bool = False) -> None:
    """Raise LabError for a device that is not there, and for networks of which not even one finds room."""
    if on_ray:
        ray_cluster.refuse_what_cannot_run(plan)
        return
    free = {device: min(free_bytes(device), free_bytes("cpu")) for device in _devices(plan)}
    needed = {group.index: plan.network_bytes(group) for group in plan.groups}
    without = [group for group in plan.groups if needed[group.index] > free[group.settings.device]]
    if without:
        least = min(without, key=lambda group: needed[group.index])
        device = least.settings.device
        named = ", ".join(f"{key} {value}" for key, value in least.compared.items())
        others = f"; {len(without) - 1} more need as much or more" if len(without) > 1 else ""
        raise LabError(
            f"network: one network{f' with {named}' if named else ''} needs about {needed[least.index] / 1e9:,.3g} GB, "
            f"and {free[device] / 1e9:.3g} GB are free ({device}){others}; fewer or narrower layers, or fewer "
            "examples, need less"
        )


def _devices(plan: Plan) -> list[DeviceName]:
    return list(dict.fromkeys(group.settings.device for group in plan.groups))
