"""``sigmoid-lab runs``."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sigmoid_lab.cli import complete
from sigmoid_lab.cli.group import LabGroup
from sigmoid_lab.cli.options import Csv, GroupBy, Json, Quiet, RunNames, Runs, Where, one_of
from sigmoid_lab.cli.output import emit, refuse_two_forms, say
from sigmoid_lab.errors import LabError
from sigmoid_lab.vocabulary import RANKED

app = typer.Typer(cls=LabGroup, help="What was run: list, show, compare, export, delete.")

Name = Annotated[
    str,
    typer.Argument(
        help="A path, a directory's name, a unique prefix, or latest.", metavar="RUN", autocompletion=complete.runs
    ),
]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        help=f"Name the best and the worst by this. {one_of(tuple(RANKED))}",
        metavar="METRIC",
        autocompletion=complete.words(RANKED),
    ),
]


class Form(StrEnum):
    """What a run can be exported to."""

    CSV = "csv"
    JSON = "json"
    TENSORBOARD = "tensorboard"


@app.command("list")
def list_(runs: Runs = Path("runs"), json: Json = False, csv: Csv = False, quiet: Quiet = False) -> None:
    """List the runs of a folder, oldest first."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import runs as question
    from sigmoid_lab.view import runs as view

    answer = question.list_runs(runs)
    emit(answer, lambda: view.show_list(answer), json, csv)


@app.command()
def show(
    run: Name,
    where: Where = None,
    group_by: GroupBy = None,
    by: By = None,
    runs: Runs = Path("runs"),
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Show a run as train did, or the groups chosen."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import runs as question
    from sigmoid_lab.view import runs as view

    answer = question.show(runs, run, where or (), group_by, by)
    emit(answer, lambda: view.show(answer), json, csv)


@app.command()
def compare(
    names: RunNames,
    runs: Runs = Path("runs"),
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Put the groups of several runs side by side."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import runs as question
    from sigmoid_lab.view import runs as view

    answer = question.compare(runs, names)
    emit(answer, lambda: view.show_compared(answer), json, csv)


@app.command()
def export(
    run: Name,
    folder: Annotated[Path, typer.Argument(help="A new folder for the files.", metavar="DIR")],
    to: Annotated[Form, typer.Option("--to", help="The files' form.")] = Form.CSV,
    runs: Runs = Path("runs"),
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Write a run as files: csv, a file a table; one json; or tensorboard, a folder a network."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import export as question

    answer = question.export(runs, run, folder, to.value)
    emit(answer, lambda: typer.echo("\n".join(row.file for row in answer.rows)), json, csv)


@app.command()
def delete(
    run: Name,
    runs: Runs = Path("runs"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Delete a run for good."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import delete as question

    path = question.meant(runs, run)
    if not yes and not _confirmed(path):
        say(f"kept {path}")
        return
    answer = question.delete(path)
    emit(answer, lambda: typer.echo(f"deleted {path}"), json, csv)


def _confirmed(path: Path) -> bool:
    try:
        typer.echo(f"delete {path} for good? [y/N] ", err=True, nl=False)
    except OSError as error:
        raise LabError(f"stderr: nobody can be asked ({error.strerror}); --yes deletes without asking") from None
    answer = "" if sys.stdin is None else sys.stdin.readline()
    if not answer:
        raise LabError("stdin: nobody answers; --yes deletes without asking")
    return answer.strip().lower() in {"y", "yes"}
