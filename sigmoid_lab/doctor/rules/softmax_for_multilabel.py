"""Classes that compete although several may be true at once."""

from collections.abc import Iterator

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import ancestors
from sigmoid_lab.doctor.origin import squasher, unshaped
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.sinks import Sink
from sigmoid_lab.doctor.targets import is_binary

DIVISIONS = frozenset({"div", "truediv", "true_divide", "divide"})


def look(observation: Observation) -> Iterator[Symptom]:
    """See whether a softmax meets rows of targets that hold several ones, or none."""
    for sink in observation.sinks:
        share = overlap(sink)
        competing = sink.expects == "class-logits" or (
            sink.reach is not None and (sink.reach.is_distribution or bool(sink.reach.exponentials_sum_to_one))
        )
        if share and competing and not _divided(observation, sink):
            op = sink.operation if sink.expects == "class-logits" else squasher(sink.given)
            evidence = (
                f"{share:.3g} of the rows of targets hold several ones or none, but the classes' probabilities sum to 1"
            )
            yield Symptom("error", op, evidence, "loss = nn.BCEWithLogitsLoss()  # on logits, without softmax")
            return


def _divided(observation: Observation, sink: Sink) -> bool:
    """Say whether the loss is divided by each row's number of ones, which makes a distribution of them on purpose."""
    divisors = [op.sources[1] for op in observation.operations if op.name in DIVISIONS and len(op.sources) == 2]
    by_row = [divisor for divisor in divisors if divisor.is_target and divisor.shape]
    return any(op is sink.target for divisor in by_row for op in ancestors(divisor))


def overlaps(sink: Sink) -> bool:
    """Say whether some rows of the targets hold more or fewer ones than one."""
    return overlap(sink) > 0.0


def overlap(sink: Sink) -> float:
    """Return the share of rows of 0/1 targets that do not hold exactly one 1; at least one must hold several."""
    given_by_user = sink.target is not None and unshaped(sink.target).is_leaf  # and no mask made of the targets
    value = sink.target.value if sink.target is not None and given_by_user else None
    if value is None or value.ndim < 2 or value.shape[1] < 2 or not is_binary(value):
        return 0.0
    if sink.given.shape and len(sink.given.shape) != value.ndim:
        return 0.0
    ones = value.sum(1 if value.ndim > 2 else -1)
    return float((ones != 1).float().mean()) if bool((ones > 1).any()) else 0.0


RULE = Rule(
    name="softmax-for-multilabel",
    reason=(
        "Softmax shares one unit of probability among all classes, so two true labels get at most a half each. "
        "Labels that may overlap need a sigmoid each."
    ),
    met="A classifier turned into a tagger by changing its targets only.",
    look=look,
)
