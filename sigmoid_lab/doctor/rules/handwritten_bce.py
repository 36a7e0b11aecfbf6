"""Binary cross-entropy from the logarithm of a probability, as a textbook prints it."""

from collections.abc import Iterator
from math import isfinite, log

import torch

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import LOGARITHMS, ancestors
from sigmoid_lab.doctor.origin import CLAMPS, exponent_of
from sigmoid_lab.doctor.rules.logits_into_bce import cut_off
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.sinks import Sink


def look(observation: Observation) -> Iterator[Symptom]:
    """See whether a logarithm of a sigmoid's probability, or of 1 + e^z, stands where targets are weighed."""
    for sink in observation.sinks:
        evidence = _evidence(sink)
        if evidence is None:
            continue
        broken = observation.loss is not None and not isfinite(observation.loss)
        gradient = any(norm is not None and not isfinite(norm) for norm in observation.gradients.values())
        if broken or gradient:
            evidence += f"; {'the loss' if broken else 'a gradient'} is not finite on this batch"
        fix = "loss = nn.BCEWithLogitsLoss()  # on logits, instead of the logarithms"
        yield Symptom("error" if broken or gradient else "warning", sink.operation, evidence, fix)
        return


def _evidence(sink: Sink) -> str | None:
    if not sink.by_hand or sink.reach is None:
        return None
    if sink.expects == "probability" and sink.reach.is_probability and not sink.reach.is_distribution:
        return None if cut_off(sink) else _rounded(sink)
    return _overflowing(sink) if sink.expects == "logit" and sink.target is not None else None


def _rounded(sink: Sink) -> str:
    now = sink.now
    what = f"the logarithm of a probability (now {now.low:.4g} to {now.high:.4g})" if now else "log p"
    return f"{what} is {'weighted by targets' if sink.target else 'the loss'}, {_guard(sink)}"


def _overflowing(sink: Sink) -> str | None:
    """Tell log(1 + e^z) from log(1 + e^−|z|), whose exponent is never above 0."""
    exponent = exponent_of(sink.operation) if sink.operation.name in LOGARITHMS else None
    greatest = exponent.value.max().item() if exponent is not None and exponent.value is not None else 0.0
    if greatest <= 0.0 or exponent is None:
        return None
    end = log(torch.finfo(exponent.dtype or torch.float32).max)
    return f"log(1 + e^z) is infinite and its gradient NaN from z = {end:.3g} on; the greatest now is {greatest:.4g}"


def _guard(sink: Sink) -> str:
    near = list(ancestors(sink.operation, lambda op: op is sink.given, most=8))
    if any(op.name.removesuffix("_") in CLAMPS for op in near):
        return "guarded by a clamp, outside of which the gradient is 0"
    if any(op.name in ("add", "radd") for op in near):
        return "guarded by a small constant, which caps both loss and gradient"
    return "unguarded: where the probability is exactly 0 or 1 the loss is infinite and its gradient NaN"


RULE = Rule(
    name="handwritten-bce",
    reason=(
        "log σ(z) written in two steps is −∞ or NaN as soon as σ(z) rounds to 0 or 1, and a guard only caps it. "
        "The fused loss is exact at every z."
    ),
    met="A loss copied from a formula, or a focal loss built on probabilities.",
    look=look,
    yields_to=("logits-into-bce",),
)
