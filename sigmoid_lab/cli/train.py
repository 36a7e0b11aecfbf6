"""``sigmoid-lab train``."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigmoid_lab.cli import complete
from sigmoid_lab.cli.complete import words
from sigmoid_lab.cli.group import PARTLY_FAILED, Interrupts
from sigmoid_lab.cli.options import Csv, Json, Quiet, Runs, Set
from sigmoid_lab.cli.output import emit, refuse_two_forms, say
from sigmoid_lab.errors import LabError
from sigmoid_lab.vocabulary import DEVICES, DTYPES

if TYPE_CHECKING:
    from sigmoid_lab.questions.train import Training
    from sigmoid_lab.results.train import TrainAnswer

MaybeConfig = Annotated[
    Path | None,
    typer.Argument(
        help="A YAML file; `config new` writes one.",
        metavar="CONFIG",
        show_default=False,
        autocompletion=complete.configs,
    ),
]
Seeds = Annotated[int | None, typer.Option("--seeds", help="Networks a setting; short for --set seeds=N.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Base seed; short for --set seed=N.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", help="Processes to train in; absent: one a core where that pays.", min=1, max=1024),
]
Device = Annotated[
    str | None,
    typer.Option("--device", help="Short for --set device=NAME.", metavar="NAME", autocompletion=words(DEVICES)),
]
Dtype = Annotated[
    str | None,
    typer.Option("--dtype", help="Short for --set dtype=NAME.", metavar="NAME", autocompletion=words(DTYPES)),
]
Ray = Annotated[
    str | None,
    typer.Option("--ray", help="Train on a Ray cluster: its head's address, or local.", metavar="HOST:PORT|local"),
]
Resume = Annotated[
    str | None,
    typer.Option(
        "--resume",
        help="Finish this run: a path, a name, a unique prefix, or latest.",
        metavar="RUN",
        autocompletion=complete.runs,
    ),
]
Stall = Annotated[
    float,
    typer.Option("--stall", help="Seconds without progress after which a process is replaced.", min=1.0),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Say what would be trained, in what time and space; train nothing."),
]


def train(
    context: typer.Context,
    config: MaybeConfig = None,
    overrides: Set = None,
    seeds: Seeds = None,
    seed: Seed = None,
    device: Device = None,
    dtype: Dtype = None,
    workers: Workers = None,
    ray: Ray = None,
    stall: Stall = 600.0,
    resume: Resume = None,
    plan_only: DryRun = False,
    runs: Runs = Path("runs"),
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Train what a YAML file says, all seeds and all compared settings at once."""
    refuse_two_forms(json, csv)
    named = {"seeds": seeds, "seed": seed, "device": device, "dtype": dtype}
    settings = [*(overrides or ()), *(f"{key}={value}" for key, value in named.items() if value is not None)]
    if plan_only and ray is not None:
        raise LabError("--dry-run: tells what this machine would take; leave out --ray")
    if plan_only:
        _dry_run(config, settings, resume, workers, json, csv)
        return
    if isnan(stall):
        raise LabError("--stall nan: write how many seconds")
    if ray is not None and workers is not None:
        raise LabError("--ray and --workers: choose one")
    from sigmoid_lab.config.load import load
    from sigmoid_lab.executors import forkserver
    from sigmoid_lab.executors.signals import held_back

    experiment = None if config is None else load(config, settings)  # refused before torch is loaded
    if workers is not None and workers > 1:
        forkserver.started()  # loads while this process does
    with held_back(signal.SIGINT, signal.SIGTERM):  # an import that is cut off leaves half a module
        from sigmoid_lab.executors.run import connected
        from sigmoid_lab.questions.train import begin
        from sigmoid_lab.view import train as view

    if ray is not None and not quiet:
        say(f"connecting to Ray ({ray})")
    with redirect_stdout(sys.stderr), connected(ray):  # Ray has words of its own, and stdout is the answer's
        training = begin(experiment, settings, runs, resume, ray is not None)
        with _saying_what_is_kept(training, context.obj):
            answer = _finished(training, workers, stall, quiet)
    with _saying_what_is_kept(training, context.obj):
        emit(answer, lambda: view.show(answer), json, csv)
    if answer.failed:
        raise typer.Exit(PARTLY_FAILED)


@contextmanager
def _saying_what_is_kept(training: "Training", interrupts: Interrupts) -> Iterator[None]:
    interrupts.once = True  # what saves the rest takes its moment
    try:
        yield
    except KeyboardInterrupt:
        say(training.give_up())
        raise


def _finished(training: "Training", workers: int | None, stall: float, quiet: bool) -> "TrainAnswer":
    from sigmoid_lab.view.live import TrainingDisplay
    from sigmoid_lab.wording.labels import label

    if not quiet:
        for change in training.changes():
            say(f"changed since the run began: {change}")
    groups = [label(group.compared) for group in training.plan.groups]
    with TrainingDisplay(groups, training.plan.experiment.seeds, quiet, training.finished()) as display:
        return training.finish(display, workers, stall)


def _dry_run(
    config: Path | None, settings: list[str], resume: str | None, workers: int | None, json: bool, csv: bool
) -> None:
    from sigmoid_lab.config.load import load
    from sigmoid_lab.questions import dry_run as question
    from sigmoid_lab.view import dry_run as view

    if config is None or resume is not None:
        raise LabError("--dry-run: plans a config from its start; name one, and leave out --resume")
    answer = question.dry_run(load(config, settings), workers)
    emit(answer, lambda: view.show(answer), json, csv)
