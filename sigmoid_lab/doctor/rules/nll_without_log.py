"""A negative log-likelihood without the logarithm."""

from collections.abc import Iterator

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.rules.softmax_for_multilabel import overlaps
from sigmoid_lab.doctor.rules.words import reached
from sigmoid_lab.doctor.sinks import Sink


def look(observation: Observation) -> Iterator[Symptom]:
    """See whether what reaches a loss of log-probabilities has exponentials that sum to 1."""
    for sink in observation.sinks:
        if sink.expects != "log-probability" or _normalised(sink) or overlaps(sink):
            continue
        if sink.given.shape and len(sink.given.shape) > 1 and sink.given.shape[1] == 1:
            continue
        seen = sink.reach or sink.now
        if seen is None:
            continue
        what = "probabilities, not their logarithms" if seen.is_distribution else "raw scores, not log-probabilities"
        low = "the loss cannot go below −1" if seen.is_distribution else "the loss falls without end as scores grow"
        evidence = f"{sink.operation.name} gets {what}, {reached(sink)}: {low}"
        yield Symptom("error", sink.operation, evidence, "loss = nn.CrossEntropyLoss()  # takes logits")
        return


def _normalised(sink: Sink) -> bool:
    """Say whether exponentials sum to 1 over the classes; a loss by hand may have those on any axis."""
    seen = [found.exponentials_sum_to_one for found in (sink.reach, sink.now) if found is not None]
    classes = {1 if len(sink.given.shape) > 1 else 0}
    by_library = not sink.by_hand and sink.operation.name != "kl_div"
    return not seen or any(classes.intersection(axes) if by_library else axes for axes in seen)


RULE = Rule(
    name="nll-without-log",
    reason=(
        "NLLLoss only picks the right class's number and changes its sign; the logarithm must have been taken before. "
        "Without it probabilities give a loss that hardly punishes mistakes, and raw scores one without a lower end."
    ),
    met="NLLLoss after softmax instead of log_softmax.",
    look=look,
)
