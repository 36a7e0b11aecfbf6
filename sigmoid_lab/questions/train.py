"""Train what a config says, all seeds and all compared settings at once, and keep it as a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sigmoid_lab.config.dump import plain
from sigmoid_lab.config.load import load
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.engine.devices import environment
from sigmoid_lab.executors.run import refuse_what_cannot_run
from sigmoid_lab.executors.run import run as run_plan
from sigmoid_lab.plan import Plan
from sigmoid_lab.questions.plan import plan_of
from sigmoid_lab.questions.predictions import by_layer, first_batches
from sigmoid_lab.questions.runs import summaries
from sigmoid_lab.results.measured import Progress, StackResult, Stored
from sigmoid_lab.results.train import TrainAnswer
from sigmoid_lab.store.catalogue import delete
from sigmoid_lab.store.run import Run


def train(
    config: str | Path | Experiment, overrides: Sequence[str] = (), runs: str | Path = "runs", workers: int = 1
) -> TrainAnswer:
    """Train a config, a YAML file or an Experiment, and store the run below ``runs``; raise LabError for bad input.

    With more than one of ``workers``, stacks run in processes, so a script must guard its own start, as always with
    multiprocessing: ``if __name__ == "__main__":``.
    """
    experiment = config if isinstance(config, Experiment) else load(config, overrides)
    return Training.start(experiment, Path(runs)).finish(lambda _: None, workers)


@dataclass(frozen=True)
class Training:
    """A plan, and the run that it is written to."""

    plan: Plan
    run: Run

    @classmethod
    def start(cls, experiment: Experiment, runs: Path) -> Training:
        """Plan an experiment, and make its run directory once everything that can be checked is."""
        plan = plan_of(experiment)
        refuse_what_cannot_run(plan)
        seeds = range(experiment.seed, experiment.seed + experiment.seeds)
        predicted = [
            by_layer(group.settings, first_batches(group.settings, seeds, plan.table(group))) for group in plan.groups
        ]
        return cls(plan, Run.create(runs, plan, environment(experiment.device), predicted))

    def kept(self) -> str:
        """Say what is left of a training that was interrupted; a run of which nothing was finished is deleted."""
        with Run(self.run.path) as run:
            networks = run.database.tally().networks
        if networks:
            return f"what was finished is kept: sigmoid-lab runs show {self.run.path}"
        delete(self.run.path)
        return "no stack of networks was finished yet, so no run is kept"

    def finish(self, on_event: Callable[[Progress | Stored], None], workers: int | None = None) -> TrainAnswer:
        """Run every stack, keeping each as it finishes, and answer with what is kept."""
        with self.run as run, closing(run_plan(self.plan, on_event, workers)) as results:
            for result in results:
                run.save(result)
                if isinstance(result, StackResult):
                    on_event(Stored(result.stack, result.group, len(result.networks)))
            tally = run.database.tally()
            return TrainAnswer(
                settings=plain(self.plan.experiment),
                environment=run.environment,
                groups=summaries(run),
                run=str(run.path),
                failed=run.database.failures(),
                networks=tally.networks,
                planned_networks=tally.planned_networks,
                seconds=tally.seconds,
            )
