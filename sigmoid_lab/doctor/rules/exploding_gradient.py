"""Gradients that grow on the way to the first layers, or are no numbers any more."""

from collections.abc import Iterator
from math import isfinite

from sigmoid_lab.doctor.flow import flows, normal_flows
from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.rules.rule import Rule, Symptom

SICK, STRONG = 1e3, 1e2
HOPELESS = 1e4
"""So much is a fault also where every copy has it, as in long chains of batch normalisation without shortcuts."""

ABOVE_NORMAL = 20.0
"""How far above the greatest of the re-initialised copies it must be as well."""


def look(observation: Observation) -> Iterator[Symptom]:
    """Compare the gradient at the first layers or steps with the last, and with fittingly re-initialised copies."""
    broken = [name for name, norm in observation.gradients.items() if norm is not None and not isfinite(norm)]
    if broken:
        evidence = f"the gradients of {len(broken)} parameters are not finite, of {broken[0]} first"
        yield Symptom("error", broken[0], evidence, _FIX)
        return
    for flow in flows(observation):
        if flow.ratio is None or flow.ratio <= STRONG:
            continue
        normal = normal_flows(observation, flow)
        if normal and flow.ratio < min(HOPELESS, ABOVE_NORMAL * max(normal)):
            continue
        what = "time steps" if flow.in_time else "layers"
        evidence = f"the gradient norm grows from {flow.last:.3g} to {flow.first:.3g} over {flow.length} {what}"
        if normal:
            evidence += f", {flow.ratio:.3g} times; re-initialised copies have {min(normal):.3g} to {max(normal):.3g}"
        yield Symptom("error" if flow.ratio > SICK else "warning", flow.at, evidence, _FIX)
        return


_FIX = "nn.init.kaiming_normal_(layer.weight); torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)"

RULE = Rule(
    name="exploding-gradient",
    reason=(
        "Each layer multiplies the gradient by its weights, and here the product grows with depth. "
        "No learning rate fits both ends: one that moves the last layers throws the first away."
    ),
    met="Weights drawn with a standard deviation of 1, and recurrent weights above 1 on long sequences.",
    look=look,
    yields_to=("logits-into-bce", "handwritten-bce", "saturated-activation"),
)
