"""``sigmoid-lab report``."""

from pathlib import Path
from typing import Annotated

import typer

from sigmoid_lab.cli.options import Csv, GroupBy, Json, Quiet, RunNames, Runs, Where
from sigmoid_lab.cli.output import emit, refuse_two_forms

Output = Annotated[Path, typer.Option("--output", "-o", help="The page to write.", metavar="FILE.html")]


def report(
    names: RunNames,
    output: Output = Path("report.html"),
    where: Where = None,
    group_by: GroupBy = None,
    runs: Runs = Path("runs"),
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Write a page about runs, to look at: question, answer, figures with their data, settings."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import report as question
    from sigmoid_lab.report import figure

    figure.check(output, (".html",))
    answer = question.report(runs, names, output, where or (), group_by)
    from sigmoid_lab.report.page import page

    figure.save(page(answer).encode(), output)
    emit(answer, lambda: typer.echo(str(output)), json, csv)
