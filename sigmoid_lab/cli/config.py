"""``sigmoid-lab config``."""

import json as encoder
from pathlib import Path
from typing import Annotated

import typer

from sigmoid_lab.cli.complete import words
from sigmoid_lab.cli.group import LabGroup
from sigmoid_lab.cli.options import Config, Csv, Json, Quiet, Set
from sigmoid_lab.cli.output import emit, refuse_two_forms
from sigmoid_lab.vocabulary import DATA_KINDS

app = typer.Typer(cls=LabGroup, help="The YAML of an experiment: start one, check one, complete it in an editor.")

Kind = Annotated[
    str,
    typer.Argument(
        help=f"What the data are: {', '.join(DATA_KINDS)}.", metavar="KIND", autocompletion=words(DATA_KINDS)
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write this file rather than to stdout.", metavar="FILE")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite the file if there is one.")]


@app.command()
def new(
    kind: Kind = DATA_KINDS[0],
    output: Output = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Start a config: every key with its default and what it means."""
    from sigmoid_lab.questions import config as question

    answer = question.new(kind, output, force)
    text = f"wrote {answer.file}\n" if answer.file else answer.text
    emit(answer, lambda: typer.echo(text, nl=False), json, False)


@app.command()
def check(
    config: Config,
    overrides: Set = None,
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Tell every fault of a config at once, each as file:line:column: key: what is wrong."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import config as question

    answer = question.check(config, overrides or ())
    size = f"{_count(answer.networks, 'network')} in {_count(len(answer.groups), 'group')}"
    emit(answer, lambda: typer.echo(f"{answer.file}: fine: {size}"), json, csv)


@app.command()
def schema(json: Json = False, quiet: Quiet = False) -> None:
    """Print the JSON Schema of a config; keep it beside one as experiment.schema.json for editors to read."""
    from sigmoid_lab.questions import config as question

    answer = question.schema()
    emit(answer, lambda: typer.echo(encoder.dumps(answer.schema, indent=2)), json, False)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
