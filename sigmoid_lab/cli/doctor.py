"""``sigmoid-lab doctor``."""

from typing import Annotated

import typer

from sigmoid_lab.cli.complete import words
from sigmoid_lab.cli.group import FOUND_AN_ERROR
from sigmoid_lab.cli.options import Csv, Json, Quiet
from sigmoid_lab.cli.output import emit, refuse_two_forms, say
from sigmoid_lab.vocabulary import LOSSES, TORCH_LOSSES

Model = Annotated[
    str,
    typer.Argument(
        help="FILE.py:NAME or package.module:NAME: a function that returns a dict of model, loss, inputs, targets and "
        "perhaps predict; or a model, with --input and --loss.",
        metavar="FILE.py:NAME",
    ),
]
Input = Annotated[str | None, typer.Option("--input", help="A model's input shape, such as 32,10.", metavar="SHAPE")]
Loss = Annotated[
    str | None,
    typer.Option(
        "--loss",
        help=f"A model's loss. One of {', '.join((*LOSSES, *TORCH_LOSSES))}.",
        metavar="NAME",
        autocompletion=words((*LOSSES, *TORCH_LOSSES)),
    ),
]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", help="A rule to leave out. Repeatable.", metavar="RULE")]
Prove = Annotated[
    bool, typer.Option("--prove", help="Train the faulty and the mended model a few hundred steps and compare.")
]
FirstLook = Annotated[
    bool, typer.Option("--first-look-only", help="No second looks, which copy the parameters and run more passes.")
]


def doctor(
    model: Model,
    input_shape: Input = None,
    loss: Loss = None,
    ignore: Ignore = None,
    prove: Prove = False,
    first_look_only: FirstLook = False,
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Say what is wrong with your own model, loss and batch, where, why, and how to mend it; runs that code."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import doctor as question
    from sigmoid_lab.view import doctor as view

    def announce(message: str) -> None:
        if not quiet:
            say(message)

    answer = question.doctor(
        model,
        input_shape,
        loss,
        ignore=ignore or (),
        prove=prove,
        second_looks=not first_look_only,
        announce=announce,
    )
    emit(answer, lambda: view.show(answer), json, csv)
    if not answer.healthy:
        raise typer.Exit(FOUND_AN_ERROR)
