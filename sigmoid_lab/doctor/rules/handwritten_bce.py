"""Binary cross-entropy from the logarithm of a probability, as a textbook prints it."""

from collections.abc import Iterator
from math import isfinite

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import ancestors
from sigmoid_lab.doctor.rules.logits_into_bce import cut_off
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.sinks import CLAMPS, Sink


def look(observation: Observation) -> Iterator[Symptom]:
    """See whether a logarithm of a sigmoid's probability is weighted by the target."""
    for sink in observation.sinks:
        if not sink.by_hand or sink.expects != "probability" or sink.reach is None or cut_off(sink):
            continue
        if not sink.reach.is_probability or sink.reach.is_distribution:
            continue
        broken = observation.loss is not None and not isfinite(observation.loss)
        gradient = any(norm is not None and not isfinite(norm) for norm in observation.gradients.values())
        now = sink.now
        evidence = f"the logarithm of a probability (now {now.low:.4g} to {now.high:.4g})" if now else "log p"
        evidence += f" is weighted by targets, {_guard(sink)}"
        if broken or gradient:
            evidence += f"; {'the loss' if broken else 'a gradient'} is not finite on this batch"
        fix = "loss = nn.BCEWithLogitsLoss()  # on logits, instead of the logarithms"
        yield Symptom("error" if broken or gradient else "warning", sink.operation, evidence, fix)
        return


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
