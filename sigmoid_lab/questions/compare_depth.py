"""Gradient norms by depth and by layer, one activation against others, on paired seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError

from sigmoid_lab.config.problems import faults
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.config.source import dotted
from sigmoid_lab.engine.devices import environment
from sigmoid_lab.errors import LabError
from sigmoid_lab.executors import here
from sigmoid_lab.executors.run import refuse_what_cannot_run
from sigmoid_lab.plan import Plan
from sigmoid_lab.questions.predictions import first_batches, first_layer_and_every_layer
from sigmoid_lab.results.compare_depth import CompareDepthAnswer, DepthRow, LayerRow, RatioRow
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult
from sigmoid_lab.results.spread import Spread
from sigmoid_lab.theory.slopes import GREATEST_SLOPES
from sigmoid_lab.vocabulary import ACTIVATIONS, INITIALISATIONS, ActivationName, InitialisationName, known

MOST_LAYERS = 1000
OPTIONS = {
    "data.samples": "batch",
    "data.features": "features",
    "network.width": "width",
    "training.batch_size": "batch",
}
"""The options that settings come from."""

Norms = dict[tuple[int, ActivationName, InitialisationName], list[tuple[float | None, ...]]]
"""By depth, activation and initialisation: each network's gradient norms, by seed, first layer to last."""


def compare_depth(
    layers: int = 4,
    activations: Sequence[str] | None = None,
    inits: Sequence[str] | None = None,
    *,
    width: int = 64,
    features: int = 10,
    batch: int = 32,
    loss: str = "bce-with-logits",
    seeds: int = 256,
    seed: int = 0,
    device: str = "cpu",
    dtype: str = "float32",
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> CompareDepthAnswer:
    """Measure the gradient of every layer's weight at depths 1…``layers``, before any training.

    Inputs are standard normal, labels random 0/1, one batch a seed, shared by all settings; raises LabError
    for a value out of range or an unknown word.
    """
    if not 1 <= layers <= MOST_LAYERS:
        raise LabError(f"layers: {layers} is out of range; it must be from 1 to {MOST_LAYERS}")
    acts = tuple(dict.fromkeys(known("activation", name, ACTIVATIONS) for name in activations or ("sigmoid", "relu")))
    schemes = tuple(dict.fromkeys(known("init", name, INITIALISATIONS) for name in inits or ("default",)))
    values: dict[str, Any] = {
        "name": "compare-depth",
        "data": {"kind": "random-labels", "samples": batch, "features": features, "test_share": 0.0},
        "network": {"kind": "deep", "depth": layers, "width": width},
        "loss": loss,
        "training": {"steps": 0, "batch_size": batch},
        "seeds": seeds,
        "seed": seed,
        "device": device,
        "dtype": dtype,
        "compare": {
            "network.depth": list(range(1, layers + 1)),
            "network.activation": list(acts),
            "network.init": list(schemes),
        },
    }
    plan = Plan(_experiment(values), {})
    refuse_what_cannot_run(plan)
    norms = _measure(plan, on_progress)
    batches = first_batches(plan.groups[-1].settings, range(seed, seed + seeds), None)
    expected = {
        (act, init): first_layer_and_every_layer(act, init, layers, width, plan.experiment.loss, batches)
        for act in acts
        for init in schemes
    }
    return CompareDepthAnswer(
        settings={
            "layers": layers,
            "activation": acts,
            "init": schemes,
            "width": width,
            "features": features,
            "batch": batch,
            "loss": loss,
            "seeds": seeds,
            "seed": seed,
            "device": device,
            "dtype": dtype,
        },
        environment=environment(plan.experiment.device),
        by_depth=tuple(
            DepthRow(depth, act, init, Spread.of(of_seed[0] for of_seed in found), expected[act, init][0][depth - 1])
            for (depth, act, init), found in norms.items()
        ),
        by_layer=tuple(
            LayerRow(depth, layer, act, init, Spread.of(of_layer), expected[act, init][1][layer - 1])
            for (depth, act, init), found in norms.items()
            if depth == layers
            for layer, of_layer in enumerate(zip(*found, strict=True), start=1)
        ),
        ratios=tuple(
            _ratio(norms, depth, acts[0], other, init)
            for depth in range(1, layers + 1)
            for other in acts[1:]
            for init in schemes
        ),
    )


def _experiment(values: dict[str, Any]) -> Experiment:
    try:
        return Experiment.model_validate(values)
    except ValidationError as error:
        found = ((dotted(location), what) for location, what in faults(error))
        raise LabError(*dict.fromkeys(f"{OPTIONS.get(key, key)}: {what}" for key, what in found)) from None


def _measure(plan: Plan, on_progress: Callable[[Progress], None]) -> Norms:
    norms: Norms = {}
    for result in here.run(plan.stacks(), on_progress):
        match result:
            case StackFailure(cause=cause):
                raise RuntimeError(cause)
            case StackResult(group=group, series=[start, *_]):
                depth, activation, init = plan.groups[group].compared.values()
                by_seed = zip(*(layer.gradient_norm for layer in start.layers), strict=True)
                norms.setdefault((depth, activation, init), []).extend(by_seed)
    return norms


def _ratio(
    norms: Norms, depth: int, numerator: ActivationName, denominator: ActivationName, init: InitialisationName
) -> RatioRow:
    pairs = zip(norms[depth, numerator, init], norms[depth, denominator, init], strict=True)
    return RatioRow(
        depth=depth,
        numerator=numerator,
        denominator=denominator,
        init=init,
        ratio=Spread.of(above[0] / below[0] for above, below in pairs if above[0] is not None and below[0]),
        slope_bound=GREATEST_SLOPES[numerator].slope ** depth,
    )
