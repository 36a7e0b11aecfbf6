"""A softmax over one class, which is always 1."""

from collections.abc import Iterator

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import Operation, tail
from sigmoid_lab.doctor.rules.rule import Rule, Symptom

FIX = "loss = nn.BCEWithLogitsLoss()  # one logit; or give the last layer two units"


def look(observation: Observation) -> Iterator[Symptom]:
    """See whether cross-entropy, or a softmax that reaches the loss, has a single class."""
    failed = observation.failure.operation if observation.failure else None
    for op in (*observation.operations, *([failed] if failed else [])):
        if (
            op.name in ("cross_entropy", "nll_loss", "nll_loss_nd", "cross_entropy_loss")
            and not op.by_library
            and _single(op)
        ):
            outcome = (
                f"torch says: {observation.failure.error}" if observation.failure else "the loss is 0 whatever comes in"
            )
            evidence = f"{op.name} gets {op.sources[0].shape}, one class: its probability is always 1, and {outcome}"
            yield Symptom("error", op, evidence, FIX)
            return
    for sink in observation.sinks:
        for op in (sink.operation, *tail(sink.given)):
            if op.name in ("softmax", "log_softmax") and op.shape and _axis_size(op) == 1:
                evidence = (
                    f"{op.name} runs over an axis of one class: its result is always {1 if op.name == 'softmax' else 0}"
                )
                yield Symptom("error", op, evidence, FIX)
                return


def _single(op: Operation) -> bool:
    given = op.sources[0].shape
    target = op.sources[1] if len(op.sources) > 1 else None
    if len(given) >= 2:
        return given[1] == 1
    return (
        len(given) == 1
        and target is not None
        and target.shape == given
        and given[0] > 1
        and target.dtype is not None
        and (
            not target.dtype.is_floating_point
            or bool(target.value is not None and ((target.value == 0) | (target.value == 1)).all())
        )
    )


def _axis_size(op: Operation) -> int:
    axis = op.argument(1, "dim")
    return op.shape[axis] if isinstance(axis, int) and -len(op.shape) <= axis < len(op.shape) else 0


RULE = Rule(
    name="single-logit-cross-entropy",
    reason=(
        "Cross-entropy compares classes with each other, and with one class there is nothing to compare. "
        "Its loss and every gradient are exactly 0, or torch refuses the label 1."
    ),
    met="A binary classifier with one output unit and CrossEntropyLoss.",
    look=look,
)
