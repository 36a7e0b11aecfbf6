"""Train what a config says, all seeds and all compared settings at once, and keep it as a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sigmoid_lab.config.dump import plain
from sigmoid_lab.config.load import load
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.engine.devices import device_of, environment
from sigmoid_lab.executors import here
from sigmoid_lab.plan import Plan
from sigmoid_lab.questions.plan import plan_of
from sigmoid_lab.questions.runs import summaries
from sigmoid_lab.results.measured import Progress, StackResult, Stored
from sigmoid_lab.results.train import TrainAnswer
from sigmoid_lab.store.run import Run


def train(config: str | Path | Experiment, overrides: Sequence[str] = (), runs: str | Path = "runs") -> TrainAnswer:
    """Train a config, a YAML file or an Experiment, and store the run below ``runs``; raise LabError for bad input."""
    experiment = config if isinstance(config, Experiment) else load(config, overrides)
    return Training.start(experiment, Path(runs)).finish(lambda _: None)


@dataclass(frozen=True)
class Training:
    """A plan, and the run that it is written to."""

    plan: Plan
    run: Run

    @classmethod
    def start(cls, experiment: Experiment, runs: Path) -> Training:
        """Plan an experiment, and make its run directory once everything that can be checked is."""
        plan = plan_of(experiment)
        for group in plan.groups:
            device_of(group.settings.device)
        return cls(plan, Run.create(runs, plan, environment(experiment.device)))

    def finish(self, on_event: Callable[[Progress | Stored], None]) -> TrainAnswer:
        """Run every stack, keeping each as it finishes, and answer with what is kept."""
        with self.run as run:
            for result in here.run(self.plan.stacks(), on_event):
                run.save(result)
                if isinstance(result, StackResult):
                    on_event(Stored(result.stack, result.group, len(result.networks)))
            return TrainAnswer(
                settings=plain(self.plan.experiment),
                environment=run.environment,
                groups=summaries(run),
                run=str(run.path),
                failed=run.database.failures(),
                seconds=run.database.tally().seconds,
            )
