"""``sigmoid-lab train``."""

from pathlib import Path
from typing import Annotated

import typer

from sigmoid_lab.cli.group import PARTLY_FAILED
from sigmoid_lab.cli.options import Csv, Json, Quiet, Runs
from sigmoid_lab.cli.output import emit, refuse_two_forms

Config = Annotated[Path, typer.Argument(help="A YAML file; `config new` writes one.", metavar="CONFIG")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="A value stronger than the file's. Repeatable.", metavar="a.b=VALUE"),
]


def train(
    config: Config,
    overrides: Set = None,
    runs: Runs = Path("runs"),
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Train what a YAML file says, all seeds and all compared settings at once."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.config.load import load
    from sigmoid_lab.questions.train import Training
    from sigmoid_lab.view import train as view
    from sigmoid_lab.view.labels import label
    from sigmoid_lab.view.live import TrainingDisplay

    training = Training.start(load(config, overrides or ()), runs)
    groups = [label(group.compared) for group in training.plan.groups]
    try:
        with TrainingDisplay(groups, training.plan.experiment.seeds, quiet) as display:
            answer = training.finish(display)
    except KeyboardInterrupt:
        typer.echo(f"what was finished is kept: sigmoid-lab runs show {training.run.path}", err=True)
        raise
    emit(answer, lambda: view.show(answer), json, csv)
    if answer.failed:
        raise typer.Exit(PARTLY_FAILED)
