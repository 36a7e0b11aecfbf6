"""``sigmoid-lab claims``."""

from typing import Annotated

import typer

from sigmoid_lab.cli.complete import words
from sigmoid_lab.cli.group import INTERRUPTED
from sigmoid_lab.cli.options import Csv, Json, Quiet, one_of
from sigmoid_lab.cli.output import emit, refuse_two_forms, say
from sigmoid_lab.vocabulary import CLAIMS

ClaimId = Annotated[
    str | None,
    typer.Argument(
        help=f"One claim, to be shown in full; all if absent. {one_of(CLAIMS)}",
        metavar="ID",
        autocompletion=words(CLAIMS),
    ),
]


def claims(claim: ClaimId = None, json: Json = False, csv: Csv = False, quiet: Quiet = False) -> None:
    """Measure what people say of sigmoid, and tell which of it holds, fails, or depends, and on what."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import claims as question
    from sigmoid_lab.view import claims as view
    from sigmoid_lab.view.live import ClaimsBar

    with ClaimsBar(quiet) as bar:
        answer = question.claims(claim, bar)
    if answer.interrupted and not answer.rows:
        raise KeyboardInterrupt
    emit(answer, lambda: view.show(answer), json, csv)
    if answer.interrupted:
        say("interrupted; the answer holds what was measured until then")
        raise typer.Exit(INTERRUPTED)
