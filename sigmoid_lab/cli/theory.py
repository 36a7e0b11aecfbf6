"""``sigmoid-lab theory``."""

from pathlib import Path
from typing import Annotated

import typer

from sigmoid_lab.cli.options import Activations, Csv, Json, Quiet, choice
from sigmoid_lab.cli.output import emit, refuse_two_forms
from sigmoid_lab.vocabulary import INITIALISATIONS

WeightVariance = Annotated[
    float | None, typer.Option("--weight-variance", help="Variance of a weight, times its layer's inputs.")
]
BiasVariance = Annotated[float | None, typer.Option("--bias-variance", help="Variance of a bias.")]
Init = Annotated[str | None, choice("--init", of=INITIALISATIONS, hint="Instead of variances; default if absent. ")]
Critical = Annotated[
    bool, typer.Option("--critical", help="Solve χ₁ = 1, gradients that keep their size, for the weight variance.")
]
Layers = Annotated[
    int | None, typer.Option("--layers", "-l", help="Hidden layers of a finite network, told layer by layer.")
]
Features = Annotated[int, typer.Option("--features", help="Its inputs, of mean square 1.")]
Width = Annotated[int, typer.Option("--width", help="Units of its hidden layers.")]
PhaseDiagram = Annotated[
    Path | None,
    typer.Option(
        "--phase-diagram",
        help="Also draw χ₁ over the variances of weights and biases, here and in the file.",
        metavar="FILE.html|svg|png",
    ),
]


def theory(
    activation: Activations = None,
    weight_variance: WeightVariance = None,
    bias_variance: BiasVariance = None,
    init: Init = None,
    critical: Critical = False,
    layers: Layers = None,
    features: Features = 10,
    width: Width = 64,
    phase_diagram: PhaseDiagram = None,
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Tell what mean-field theory says of an activation and an initialisation before anything is trained."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import theory as question
    from sigmoid_lab.questions.phase_diagram import phase_diagrams
    from sigmoid_lab.report import figure
    from sigmoid_lab.view import theory as view

    if phase_diagram:
        figure.check(phase_diagram)
    answer = question.theory(
        activation,
        weight_variance,
        bias_variance,
        init=init,
        critical=critical,
        layers=layers,
        features=features,
        width=width,
    )
    diagrams = phase_diagrams(answer) if phase_diagram else ()
    if phase_diagram:
        from sigmoid_lab.report.phases import drawn

        figure.write([drawn(diagram) for diagram in diagrams], phase_diagram)
    emit(answer, lambda: view.show(answer, diagrams), json, csv)
