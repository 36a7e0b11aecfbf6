"""Hidden activations where they are flat."""

from collections.abc import Iterator
from math import isfinite

from sigmoid_lab.doctor.layers import affine
from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import Operation, ancestors
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.rules.words import most

MANY, MOST = 0.5, 0.9
"""Of a layer's outputs; at a fitting initialisation the share is near 0 for every activation with two flat ends."""


def look(observation: Observation) -> Iterator[Symptom]:
    """See which hidden activation has a slope below 1 % of its greatest at most of its outputs."""
    broken = any(norm is not None and not isfinite(norm) for norm in observation.gradients.values())
    worst: dict[str, tuple[float, Symptom]] = {}
    for op in observation.operations:
        share = op.figures.get("saturated", 0.0)
        if share < MANY or not _hidden(observation, op):
            continue
        place = op.module or op.place or op.name
        evidence = f"{share:.3g} of its outputs have less than 1 % of the activation's greatest slope"
        fix = "inputs = (inputs - inputs.mean(0)) / inputs.std(0)  # or smaller weights, or nn.LayerNorm before it"
        symptom = Symptom("error" if share >= MOST or broken else "warning", op, evidence, fix)
        if share > worst.get(place, (0.0, symptom))[0]:
            worst[place] = share, symptom
    yield from most(worst)


def _hidden(observation: Observation, op: Operation) -> bool:
    """Say whether weights follow: what the outputs end in may well be sure of itself."""
    return op.is_affine or any(
        op in ancestors(later, most=40) for later in affine(observation) if later.index > op.index
    )


RULE = Rule(
    name="saturated-activation",
    reason=(
        "Where an activation is flat its slope is near 0, and every gradient that passes is multiplied by it. "
        "The layers before learn next to nothing."
    ),
    met="Inputs that were not standardised, or weights drawn with a standard deviation of 1.",
    look=look,
    yields_to=("symmetric-init",),
)
