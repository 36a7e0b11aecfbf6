"""Probabilities into a cross-entropy that applies log-softmax itself."""

from collections.abc import Iterator

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.origin import squasher
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.rules.softmax_for_multilabel import overlaps
from sigmoid_lab.doctor.rules.words import reached, without


def look(observation: Observation) -> Iterator[Symptom]:
    """See whether what reaches a loss of class logits is a distribution, or within 0 and 1, already."""
    for sink in observation.sinks:
        if sink.expects != "class-logits" or sink.reach is None or overlaps(sink):
            continue
        op = squasher(sink.given)
        if sink.reach.is_probability:
            classes = sink.given.shape[1] if len(sink.given.shape) > 1 else sink.given.shape[-1]
            evidence = (
                f"{sink.operation.name} takes logits, but gets values {reached(sink)}: of {classes} classes the right "
                f"gets a probability of {2.718281828 / (2.718281828 + classes - 1):.3g} at most"
            )
            yield Symptom("error", op, evidence, without(op, "softmax"))
            return
        if sink.reach.exponentials_sum_to_one and not sink.by_hand:
            evidence = "log-softmax runs twice, which changes nothing: its exponentials sum to 1 already"
            yield Symptom("note", op, evidence, without(op, "log_softmax"))
            return


RULE = Rule(
    name="softmax-before-cross-entropy",
    reason=(
        "Cross-entropy applies log-softmax itself, so a softmax before it is a second one on numbers between 0 and 1. "
        "The loss can never come near 0, and gradients are a fraction of what they should be."
    ),
    met="A model that ends in Softmax because its outputs should be probabilities.",
    look=look,
    yields_to=("single-logit-cross-entropy",),
)
