"""Gradients that are lost on the way to the first layers."""

from collections.abc import Iterator
from statistics import median

from sigmoid_lab.doctor.flow import Flow, flows, normal_flows
from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.rules.rule import Rule, Symptom

SICK, WEAK = 3e-4, 1e-2
"""Gradient norm at the beginning over the end. Eight ReLU layers drawn by default have 2e-3, six of sigmoid 5e-5."""

SICK_IN_TIME = 1e-6
HOPELESS, HOPELESS_IN_TIME = 1e-6, 1e-9
"""So little is a fault also where every copy has it."""

BELOW_NORMAL = 0.05
"""How far below the smallest of the re-initialised copies it must be as well."""


def look(observation: Observation) -> Iterator[Symptom]:
    """Compare the gradient at the first layers or steps with the last, and with fittingly re-initialised copies."""
    for flow in flows(observation):
        if flow.ratio is None or flow.ratio >= WEAK:
            continue
        normal = normal_flows(observation, flow)
        hopeless = HOPELESS_IN_TIME if flow.in_time else HOPELESS
        if normal and flow.ratio > max(hopeless, BELOW_NORMAL * min(normal)):
            continue
        relative = flow.ratio / min(1.0, median(normal)) if normal else flow.ratio
        sick = (flow.ratio < hopeless or relative < (SICK_IN_TIME if flow.in_time else SICK)) and not flow.gated
        yield Symptom("error" if sick else "warning", flow.at, _evidence(flow, normal), _fix(flow))
        return


def _evidence(flow: Flow, normal: list[float]) -> str:
    what = "time steps" if flow.in_time else "layers"
    evidence = f"the gradient norm falls from {flow.last:.3g} to {flow.first:.3g} over {flow.length} {what}"
    if normal:
        evidence += f", a ratio of {flow.ratio:.3g}; re-initialised copies have {min(normal):.3g} to {max(normal):.3g}"
    return evidence


def _fix(flow: Flow) -> str:
    if flow.in_time:
        return "nn.LSTM instead of nn.RNN, or nn.init.orthogonal_(model.rnn.weight_hh_l0)"
    return "nn.ReLU() for hidden sigmoids and nn.init.kaiming_normal_(layer.weight); or nn.LayerNorm, or shortcuts"


RULE = Rule(
    name="vanishing-gradient",
    reason=(
        "Each layer multiplies the gradient by a slope and by weights, and here the product shrinks with depth. "
        "The first layers stay as they were drawn while the last ones learn."
    ),
    met="Stacks of sigmoid or tanh layers, weights drawn too small, plain recurrent networks on long sequences.",
    look=look,
    yields_to=(
        "saturated-activation",
        "dead-relu",
        "symmetric-init",
        "exploding-gradient",
        "single-logit-cross-entropy",
    ),
)
