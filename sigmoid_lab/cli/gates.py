"""``sigmoid-lab gates``."""

from typing import Annotated

import typer

from sigmoid_lab.cli.options import Csv, Json, Plot, Quiet, Seed, Seeds
from sigmoid_lab.cli.output import emit, refuse_two_forms

Steps = Annotated[int, typer.Option("--steps", help="How far back in time the gradient is followed.", min=1)]
Hidden = Annotated[int, typer.Option("--hidden", help="Hidden units of a network.", min=1)]
ForgetBias = Annotated[
    list[str] | None,
    typer.Option(
        "--forget-bias",
        "-b",
        help="An LSTM's, in total over torch's two bias vectors; default is what torch draws. Repeatable.",
        metavar="B",
    ),
]
Train = Annotated[
    int,
    typer.Option(
        "--train",
        help="Also train N networks of each kind to recall a bit after 10, 30 and 100 steps; 8 take a minute or two.",
        metavar="N",
        min=0,
    ),
]


def gates(
    steps: Steps = 40,
    hidden: Hidden = 64,
    forget_bias: ForgetBias = None,
    seeds: Seeds = 64,
    seed: Seed = 0,
    train: Train = 0,
    plot: Plot = None,
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Show how gradients travel through time in RNNs and through an LSTM's gates."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import gates as question
    from sigmoid_lab.report import figure
    from sigmoid_lab.view import gates as view
    from sigmoid_lab.view.live import GatesBar

    if plot:
        figure.check(plot)
    with GatesBar(quiet) as bar:
        answer = question.gates(steps, hidden, forget_bias, seeds=seeds, seed=seed, train=train, on_progress=bar)
    if plot:
        from sigmoid_lab.report.gates import drawn

        figure.write(drawn(answer), plot)
    emit(answer, lambda: view.show(answer), json, csv)
