"""What a config would train, how long that takes and how much it writes: a plan, and a short calibration."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sigmoid_lab.config.dump import plain
from sigmoid_lab.config.schema import Experiment, Measure, Settings, Training
from sigmoid_lab.data.batches import step_count
from sigmoid_lab.engine.devices import environment
from sigmoid_lab.engine.execute import execute
from sigmoid_lab.executors.run import refuse_what_cannot_run, worker_count
from sigmoid_lab.plan import Group, Plan, Stack
from sigmoid_lab.questions.plan import plan_of
from sigmoid_lab.questions.runs import summaries
from sigmoid_lab.results.dry_run import DryRunAnswer, PlannedGroup
from sigmoid_lab.store.run import Run

UPDATES = 8
"""Updates that a stack is tried with first."""
LONG_ENOUGH = 0.3
"""Seconds of updates that tell what one takes."""


@dataclass(frozen=True)
class Cost:
    """What a stack of one group takes: seconds whatever its updates, for an update, and for a look at its networks.

    A stack leaves ``stack_bytes`` on disk whatever is measured, and ``stack_record`` for each look; so does the
    summary of a group's networks, whatever their number.
    """

    start: float
    update: float
    look: float
    stack_bytes: float
    stack_record: float
    summary_bytes: float
    summary_record: float

    def between(self, other: Cost, share: float) -> Cost:
        """Return the cost that lies so far between this one and another."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Cost(*(one + share * (two - one) for one, two in pairs))


def dry_run(experiment: Experiment, workers: int | None = None) -> DryRunAnswer:
    """Plan an experiment and estimate what it takes, from a few updates of the groups of least and of most work.

    Raises LabError for what a training would refuse.
    """
    plan = plan_of(experiment)
    refuse_what_cannot_run(plan)
    costs = _costs(plan)
    groups = tuple(
        PlannedGroup(group.compared, experiment.seeds, plan.stacks_of(group), _seconds(plan, group, cost))
        for group, cost in zip(plan.groups, costs, strict=True)
    )
    used = worker_count(plan, workers, plan.stack_count)
    return DryRunAnswer(
        settings=plain(experiment),
        environment=environment(experiment.device),
        groups=groups,
        networks=plan.network_count,
        stacks=plan.stack_count,
        workers=used,
        seconds=sum(group.seconds for group in groups) / used,
        bytes=round(sum(_bytes(plan, group, cost) for group, cost in zip(plan.groups, costs, strict=True))),
    )


def _costs(plan: Plan) -> list[Cost]:
    """Measure the groups whose networks' updates are the least and the most work; the others lie between."""
    updates = [_updates(plan, group) for group in plan.groups]
    work = [plan.operations_of(group) / max(1, many) for group, many in zip(plan.groups, updates, strict=True)]
    least, most = min(work), max(work)
    longest_first = sorted(range(len(work)), key=lambda place: -updates[place])
    tried = {each: next(place for place in longest_first if work[place] == each) for each in (least, most)}
    costs = {each: _cost(plan, plan.groups[place]) for each, place in tried.items()}
    low, high = costs[least], costs[most]
    return [low.between(high, (each - least) / (most - least) if most > least else 0.0) for each in work]


def _seconds(plan: Plan, group: Group, cost: Cost) -> float:
    """Return a core's seconds for all networks of a group."""
    a_stack = cost.start + _updates(plan, group) * cost.update + (_looks(plan, group) - 1) * cost.look
    return plan.stacks_of(group) * a_stack


def _bytes(plan: Plan, group: Group, cost: Cost) -> float:
    """Return what all networks of a group leave on disk."""
    looks, seeds = _looks(plan, group), plan.experiment.seeds
    of_full_stacks = seeds / min(seeds, plan.stack_size(group)) * (cost.stack_bytes + looks * cost.stack_record)
    return of_full_stacks + cost.summary_bytes + looks * cost.summary_record


def _updates(plan: Plan, group: Group) -> int:
    return step_count(group.settings.training, plan.training_samples(group))


def _looks(plan: Plan, group: Group) -> int:
    """Return how often the networks are looked at: before the first update, after the last, and between."""
    updates = _updates(plan, group)
    return 1 + -(-updates // group.settings.measure.every) if updates else 1


@dataclass(frozen=True)
class _Try:
    """What a stack took to train, and what its results took to be kept and summarised."""

    seconds: float
    kept_seconds: float
    stack_bytes: int
    summary_bytes: int


def _cost(plan: Plan, group: Group) -> Cost:
    """Try a stack with no update, with some, and with a look after each of them; and one with other draws."""
    _tried(plan, group, 0, 1)  # the first of all loads, warms up, and draws what the others take from memory
    nothing, planned = _tried(plan, group, 0, 1), _updates(plan, group)
    updates = min(UPDATES, max(1, planned))
    some = _tried(plan, group, updates, updates)
    while some.seconds - nothing.seconds < LONG_ENOUGH and updates < planned:
        updates = min(4 * updates, planned)
        some = _tried(plan, group, updates, updates)
    watched = _tried(plan, group, UPDATES, 1)
    fresh = _tried(plan, group, 0, 1, shift=plan.experiment.seeds)
    with_a_look = max(0.0, watched.seconds - nothing.seconds) / UPDATES
    of_the_others = max(0.0, some.seconds - nothing.seconds - with_a_look)  # one of them had a look
    update = of_the_others / (updates - 1) if updates > 1 else with_a_look
    kept = max(0.0, watched.kept_seconds - nothing.kept_seconds) / UPDATES
    stack_record = max(0, watched.stack_bytes - nothing.stack_bytes) / UPDATES
    summary_record = max(0, watched.summary_bytes - nothing.summary_bytes) / UPDATES
    return Cost(
        start=fresh.seconds + nothing.kept_seconds,
        update=update,
        look=max(0.0, with_a_look - update) + kept,
        stack_bytes=nothing.stack_bytes - stack_record,
        stack_record=stack_record,
        summary_bytes=nothing.summary_bytes - summary_record,
        summary_record=summary_record,
    )


def _tried(plan: Plan, group: Group, steps: int, every: int, shift: int = 0) -> _Try:
    """Run a stack cut short, keep its results in a run of its own, and summarise them."""
    stack = _stack(plan, group, steps, every, shift)
    settings = {name: getattr(stack.group.settings, name) for name in Settings.model_fields}
    alone = Plan(Experiment(**settings, seeds=len(stack.seeds)), plan.tables)
    with TemporaryDirectory() as folder, Run.create(Path(folder), alone, environment("cpu")) as run:
        result, before = execute(stack, lambda _: None), _bytes_in(run.path)
        began = time.perf_counter()
        run.save([replace(result, seeds=tuple(range(len(stack.seeds))))])
        saved = _bytes_in(run.path)
        summaries(run)
        return _Try(result.seconds, time.perf_counter() - began, saved - before, _bytes_in(run.path) - saved)


def _stack(plan: Plan, group: Group, steps: int, every: int, shift: int) -> Stack:
    """Return a group's first stack, cut short, its seeds shifted."""
    training = Training(steps=steps, batch_size=group.settings.training.batch_size)
    settings = group.settings.model_copy(update={"training": training, "measure": Measure(every=every)})
    first, size = plan.experiment.seed + shift, min(plan.experiment.seeds, plan.stack_size(group))
    return Stack(0, Group(0, {}, settings), tuple(range(first, first + size)), plan.table(group))


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
