"""Raw scores where a loss takes the logarithm of a probability."""

from collections.abc import Iterator

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import tail
from sigmoid_lab.doctor.origin import CLAMPS
from sigmoid_lab.doctor.reach import TOLERANCE
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.rules.words import reached
from sigmoid_lab.doctor.sinks import Sink

SMOOTH = frozenset({"sigmoid", "softmax", "exp", "tanh", "hardsigmoid", "special_expit", "expit", "logsigmoid", "erf"})
SMOOTH |= {"log_softmax", "softsign", "atan", "logaddexp", "special_ndtr", "ndtr", "cos", "sin", "erfc", "exp2"}
CUTS = CLAMPS | {"hardtanh", "relu", "relu6"}


def look(observation: Observation) -> Iterator[Symptom]:
    """See whether what reaches a loss of probabilities can leave 0 … 1, or is only cut off there."""
    hand = [sink for sink in observation.sinks if sink.by_hand and sink.expects == "probability"]
    for sink in observation.sinks:
        if sink.expects != "probability" or sink.reach is None:
            continue
        if sink.by_hand and len([other for other in hand if other.given is sink.given]) < 2:
            continue  # log λ of a Poisson loss is no probability
        outside = sink.reach.low < -TOLERANCE or sink.reach.high > 1.0 + TOLERANCE
        if outside or cut_off(sink):
            failed = f" ({observation.failure.error})" if observation.failure else ""
            name = "the logarithm" if sink.by_hand else sink.operation.name
            evidence = f"{name} takes probabilities, but gets values {reached(sink)}{failed}"
            fix = "loss = nn.BCEWithLogitsLoss()  # takes logits"
            yield Symptom("error", sink.operation, evidence, fix)
            return


def cut_off(sink: Sink) -> bool:
    """Say whether values are within 0 … 1 only because they are clamped there."""
    names = {op.name.removesuffix("_") for op in tail(sink.given)}
    return (
        bool(names & CUTS) and not names & SMOOTH and not any("div" in name or name == "reciprocal" for name in names)
    )


RULE = Rule(
    name="logits-into-bce",
    reason=(
        "Binary cross-entropy takes the logarithm of a probability: of a logit torch refuses it, or it is NaN. "
        "Where a clamp or ReLU hides that, everything outside 0 … 1 gets no gradient."
    ),
    met="BCELoss on a model whose last layer is linear.",
    look=look,
    yields_to=("single-logit-cross-entropy",),
)
