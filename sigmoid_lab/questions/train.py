"""Train what a config says, all seeds and all compared settings at once, and keep it as a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import inf
from pathlib import Path

from sigmoid_lab.config.dump import plain
from sigmoid_lab.config.load import load
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.errors import LabError, PartlyFailedError
from sigmoid_lab.executors import forkserver
from sigmoid_lab.executors.run import connected, environment, refuse_what_cannot_run
from sigmoid_lab.executors.run import run as run_plan
from sigmoid_lab.plan import Plan
from sigmoid_lab.questions.plan import plan_of
from sigmoid_lab.questions.predictions import by_group
from sigmoid_lab.questions.runs import failures, summaries
from sigmoid_lab.results.answer import flatten
from sigmoid_lab.results.measured import StackFailure, StackResult, Stored, TrainingEvent
from sigmoid_lab.results.train import TrainAnswer
from sigmoid_lab.store.catalogue import delete, find
from sigmoid_lab.store.run import EXPERIMENT, Run, status
from sigmoid_lab.store.writer import save_beside


def train(
    config: str | Path | Experiment | None = None,
    overrides: Sequence[str] = (),
    runs: str | Path = "runs",
    workers: int = 1,
    *,
    resume: str | Path | None = None,
    ray: str | None = None,
) -> TrainAnswer:
    """Train a config, a YAML file or an Experiment, and store the run below ``runs``; raise LabError for bad input.

    ``resume`` names a run to be finished instead, by its own config if none is given. With more than one of
    ``workers``, stacks run in processes, so a script must guard its own start, as always with multiprocessing:
    ``if __name__ == "__main__":``. ``ray`` is the HOST:PORT of a cluster to run on, or ``local``.
    """
    if workers > 1:
        forkserver.started()  # refuses, before a run is made, what a worker would do again of an unguarded script
    with connected(ray):
        return begin(config, overrides, Path(runs), resume, ray is not None).finish(lambda _: None, workers)


def begin(
    config: str | Path | Experiment | None,
    overrides: Sequence[str],
    runs: Path,
    resume: str | Path | None,
    on_ray: bool = False,
) -> Training:
    """Start a new run, or open the one that is to be resumed."""
    if config is None:
        if resume is None:
            raise LabError("CONFIG: a YAML file to train, or --resume RUN, is needed")
        if overrides:
            raise LabError("--set: a run is resumed as it began; leave the settings out, or name the config too")
        return Training.resume(find(runs, str(resume)), None, on_ray)
    experiment = config if isinstance(config, Experiment) else load(config, overrides)
    if resume is not None:
        return Training.resume(find(runs, str(resume)), experiment, on_ray)
    return Training.start(experiment, runs, on_ray)


@dataclass(frozen=True)
class Training:
    """A plan, the run that it is written to, whether on the connected cluster, and whether it was begun before."""

    plan: Plan
    run: Run
    on_ray: bool
    resumed: bool = False

    @classmethod
    def start(cls, experiment: Experiment, runs: Path, on_ray: bool) -> Training:
        """Plan an experiment, and make its run directory once everything that can be checked is."""
        plan = plan_of(experiment)
        refuse_what_cannot_run(plan, on_ray)
        return cls(plan, Run.create(runs, plan, environment(experiment.device, on_ray), by_group(plan)), on_ray)

    @classmethod
    def resume(cls, path: Path, experiment: Experiment | None, on_ray: bool) -> Training:
        """Open a run to finish it; raise LabError where ``experiment`` or a table is not what the run began with."""
        run = Run.reopen(path)
        try:
            _refuse_another(run, experiment)
            plan = plan_of(run.experiment)
            _refuse_changed_tables(run, plan)
            _refuse_other_stacks(run, plan)
            refuse_what_cannot_run(plan, on_ray)
        except BaseException:
            run.close()
            raise
        return cls(plan, run, on_ray, resumed=True)

    def changes(self) -> list[str]:
        """Say what has changed around a run that is resumed, which may change the last bits of what is to come."""
        if not self.resumed:
            return []
        found = environment(self.plan.experiment.device, self.on_ray)
        before, now = flatten({**self.run.environment}), flatten({**found})
        return [f"{key}: was {before.get(key)}, is {value}" for key, value in now.items() if before.get(key) != value]

    def finished(self) -> dict[int, int]:
        """Return how many networks of each group are finished."""
        return self.run.database.finished_networks()

    def give_up(self) -> str:
        """Close a training that does not end, and say what is kept: no new run of which nothing was finished."""
        self.run.close()
        if not self.run.path.exists():
            return f"{self.run.path}: is gone, and what was finished with it"
        try:
            with Run(self.run.path) as run:
                tally = run.database.tally()
        except LabError as error:
            return f"what is kept cannot be read: {error}"
        if status(tally) == "complete":
            return f"the run is complete; see it with: sigmoid-lab runs show {self.run.path}"
        if tally.networks or tally.failed_stacks or self.resumed:
            return f"what was finished is kept; go on with: sigmoid-lab train --resume {self.run.path}"
        delete(self.run.path)
        return "no stack of networks was finished yet, so no run is kept"

    def finish(
        self,
        on_event: Callable[[TrainingEvent], None],
        workers: int | None = None,
        stall_seconds: float = inf,
    ) -> TrainAnswer:
        """Run every stack that is not finished, keeping each as it finishes, and answer with what is kept.

        ``on_event`` hears of stacks in work in this thread, and of those on disk, finished or failed, in another.
        """

        def save(results: Sequence[StackResult | StackFailure]) -> None:
            run.save(results)
            for result in results:
                if isinstance(result, StackFailure):
                    on_event(result)
                else:
                    on_event(Stored(result.stack, result.group, len(result.seeds)))

        try:
            with self.run as run:
                done = run.database.finished_stacks()
                with closing(run_plan(self.plan, on_event, workers, done, stall_seconds, self.on_ray)) as results:
                    save_beside(results, save)
                tally = run.database.tally()
                return TrainAnswer(
                    settings=plain(self.plan.experiment),
                    environment=run.environment,
                    groups=summaries(run),
                    run=str(run.path),
                    failed=failures(run),
                    networks=tally.networks,
                    planned_networks=tally.planned_networks,
                    seconds=tally.seconds,
                )
        except LabError as error:
            raise PartlyFailedError(*error.problems, self.give_up()) from None


def _refuse_another(run: Run, experiment: Experiment | None) -> None:
    """Raise LabError naming every key in which an experiment, or the run's own file, differs from its beginning."""
    began = flatten(run.database.settings())
    for named, config in ((f"its {EXPERIMENT}", run.experiment), ("this config", experiment or run.experiment)):
        asked = flatten(plain(config))
        differing = [key for key in {**began, **asked} if began.get(key) != asked.get(key)]
        if differing:
            raise LabError(
                *(f"{key}: the run has {began.get(key)}, {named} {asked.get(key)}" for key in differing),
                f"{run.path}: can be resumed only with the config it began with, or with none",
            )


def _refuse_changed_tables(run: Run, plan: Plan) -> None:
    began = run.database.table_digests()
    changed = [path for path, digest in plan.digests.items() if began.get(path) != digest]
    if changed:
        raise LabError(*(f"{path}: has changed since {run.path.name} began; train it anew" for path in changed))


def _refuse_other_stacks(run: Run, plan: Plan) -> None:
    """Raise LabError where a stack of the plan holds other networks than the run's stack of that number."""
    kept = run.database.stacks()
    planned = {stack.index: (stack.group.index, stack.seeds) for stack in plan.stacks() if stack.index in kept}
    if planned != kept or plan.stack_count != run.database.tally().planned_stacks:
        raise LabError(f"{run.path}: was begun by a version that stacks networks otherwise; train it anew")
