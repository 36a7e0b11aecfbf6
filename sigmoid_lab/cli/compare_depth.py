"""``sigmoid-lab compare-depth``."""

from typing import Annotated

import typer

from sigmoid_lab.cli.options import (
    Activations,
    Csv,
    Device,
    Dtype,
    Inits,
    Json,
    LossOption,
    Plot,
    Quiet,
    Seed,
    Seeds,
)
from sigmoid_lab.cli.output import emit, refuse_two_forms

Layers = Annotated[int, typer.Option("--layers", "-l", help="The greatest depth, in hidden layers.", min=1)]
Width = Annotated[int, typer.Option("--width", help="Units of a hidden layer.", min=1)]
Features = Annotated[int, typer.Option("--features", help="Inputs of a network.", min=1)]
Batch = Annotated[int, typer.Option("--batch", help="Examples of the one batch.", min=2)]


def compare_depth(
    layers: Layers = 4,
    activation: Activations = None,
    init: Inits = None,
    width: Width = 64,
    features: Features = 10,
    batch: Batch = 32,
    loss: LossOption = "bce-with-logits",
    seeds: Seeds = 256,
    seed: Seed = 0,
    device: Device = "cpu",
    dtype: Dtype = "float32",
    plot: Plot = None,
    json: Json = False,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Compare gradient norms by depth and by layer: sigmoid against ReLU, or the activations named."""
    refuse_two_forms(json, csv)
    from sigmoid_lab.questions import compare_depth as question
    from sigmoid_lab.report import figure
    from sigmoid_lab.view import compare_depth as view
    from sigmoid_lab.view.live import NetworkBar

    if plot:
        figure.check(plot)
    with NetworkBar(quiet) as bar:
        answer = question.compare_depth(
            layers,
            activation,
            init,
            width=width,
            features=features,
            batch=batch,
            loss=loss,
            seeds=seeds,
            seed=seed,
            device=device,
            dtype=dtype,
            on_progress=bar,
        )
    if plot:
        from sigmoid_lab.report.compare_depth import drawn

        figure.write(drawn(answer), plot)
    emit(answer, lambda: view.show(answer), json, csv)
