"""``sigmoid-lab table``."""

from typing import Annotated

import typer

from sigmoid_lab.cli.options import Activations, Csv, Dtype, Json, Plot, Quiet
from sigmoid_lab.cli.output import emit, refuse_two_forms

At = Annotated[
    str | None, typer.Option("--at", help="The z, separated by commas; -5,-2,-1,0,1,2,5 if absent.", metavar="Z,Z,…")
]


def table(
    activation: Activations = None,
    at: At = None,
    dtype: Dtype = "float32",
    plot: Plot = None,
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Show σ(z) and σ′(z), or any activation's, at chosen z, and where the slope is greatest."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import table as question
    from sigmoid_lab.questions.numbers import numbers
    from sigmoid_lab.report import figure
    from sigmoid_lab.view import table as view

    if plot:
        figure.check(plot)
    answer = question.table(activation, question.USUAL_Z if at is None else numbers(at), dtype)
    if plot:
        from sigmoid_lab.report.table import drawn

        figure.write(drawn(answer), plot)
    emit(answer, lambda: view.show(answer), json, csv)
