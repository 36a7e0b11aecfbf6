"""Probabilities into a loss that applies the sigmoid itself."""

from collections.abc import Iterator

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.origin import squasher
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.rules.softmax_for_multilabel import overlaps
from sigmoid_lab.doctor.rules.words import reached, without


def look(observation: Observation) -> Iterator[Symptom]:
    """See whether what reaches a loss of logits can only lie between 0 and 1."""
    for sink in observation.sinks:
        if sink.expects != "logit" or sink.reach is None or not sink.reach.is_probability:
            continue
        if sink.reach.is_distribution and overlaps(sink):
            continue
        op = squasher(sink.given)
        evidence = (
            f"{sink.operation.name} takes logits, but gets values {reached(sink)}: "
            "its own sigmoid makes 0.5 to 0.7311 of them, and a loss of 0.6931 at least where the target is 0"
        )
        yield Symptom("error", op, evidence, without(op, "the sigmoid"))


RULE = Rule(
    name="sigmoid-before-bce-with-logits",
    reason=(
        "The loss applies the sigmoid itself, so a second one squeezes every probability into 0.5 … 0.73. "
        "Gradients are multiplied by another slope of at most a quarter, and no example can be told to be negative."
    ),
    met="A model written for BCELoss whose loss was changed to BCEWithLogitsLoss.",
    look=look,
    yields_to=("single-logit-cross-entropy",),
)
