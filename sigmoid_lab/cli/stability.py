"""``sigmoid-lab stability``."""

from typing import Annotated

import typer

from sigmoid_lab.cli.group import INTERRUPTED
from sigmoid_lab.cli.options import Csv, Dtypes, Json, Plot, Quiet, Sigmoids
from sigmoid_lab.cli.output import emit, refuse_two_forms, say

At = Annotated[
    str | None,
    typer.Option(
        "--at",
        help="The z, separated by commas; if absent ±1000, ±500, ±100, ±89, ±88, ±50, ±17, ±10, ±1, 0, ±inf and nan.",
        metavar="Z,Z,…",
    ),
]
Exhaustive = Annotated[
    str | None,
    typer.Option(
        "--exhaustive",
        help="float32: try each of its 2³² values too; float16 and bfloat16 always are tried whole.",
        metavar="NAME",
    ),
]


def stability(
    implementation: Sigmoids = None,
    dtype: Dtypes = None,
    at: At = None,
    exhaustive: Exhaustive = None,
    plot: Plot = None,
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Show which sigmoid and which loss survive extreme z, forward and backward, by dtype."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import stability as question
    from sigmoid_lab.questions.numbers import numbers
    from sigmoid_lab.report import figure
    from sigmoid_lab.view import stability as view
    from sigmoid_lab.view.live import ScanBar

    if plot:
        figure.check(plot)
    z = question.USUAL_Z if at is None else numbers(at)
    with ScanBar(quiet) as bar:
        answer = question.stability(implementation, dtype, z, exhaustive, bar)
    if plot:
        from sigmoid_lab.report.stability import drawn

        figure.write(drawn(answer), plot)
    emit(answer, lambda: view.show(answer), json, csv)
    if answer.interrupted:
        say("interrupted; the answer holds what was tried until then")
        raise typer.Exit(INTERRUPTED)
