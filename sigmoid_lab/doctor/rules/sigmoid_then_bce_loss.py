"""A sigmoid and BCELoss in two steps, where one would be exact."""

from collections.abc import Iterator

import torch

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.origin import squasher
from sigmoid_lab.doctor.rules.logits_into_bce import cut_off
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.rules.softmax_for_multilabel import overlaps
from sigmoid_lab.doctor.sinks import Sink

FIX = "loss = nn.BCEWithLogitsLoss()  # on logits, without the sigmoid"


def look(observation: Observation) -> Iterator[Symptom]:
    """See whether BCELoss gets what a sigmoid made, and how much of it has lost its gradient already."""
    for sink in observation.sinks:
        if sink.expects != "probability" or sink.by_hand or sink.reach is None or not sink.reach.is_probability:
            continue
        if cut_off(sink) or (sink.reach.is_distribution and overlaps(sink)):
            continue
        op, lost = squasher(sink.given), _lost(sink)
        if sink.reach.low > 0.1 or sink.reach.high < 0.9:
            evidence = (
                f"probabilities can only lie from {sink.reach.low:.4g} to {sink.reach.high:.4g}: two sigmoids in a row"
            )
            yield Symptom("error", op, evidence, FIX)
        elif lost:
            evidence = f"{lost:.3g} of the probabilities are exactly 0 or 1 and wrong: their gradient is 0 or arbitrary"
            yield Symptom("error", op, evidence, FIX)
        else:
            yield Symptom("warning", op, _evidence(sink), FIX)
        return


def _evidence(sink: Sink) -> str:
    now = sink.now
    dtype = sink.given.dtype or torch.float32
    end = -torch.log(torch.tensor(torch.finfo(dtype).eps / 2.0)).item()
    at = f"now from {now.low:.4g} to {now.high:.4g}; " if now else ""
    return (
        f"probabilities are {at}beyond a logit of {end:.3g} they are exactly 1 in {str(dtype)[6:]}, without a gradient"
    )


def _lost(sink: Sink) -> float:
    given, target = sink.given.value, sink.target.value if sink.target is not None else None
    if given is None or target is None or given.numel() != target.numel():
        return 0.0
    target = target.reshape(given.shape)
    wrong = ((given == 1.0) & (target < 0.5)) | ((given == 0.0) & (target > 0.5))
    return float(wrong.float().mean())


RULE = Rule(
    name="sigmoid-then-bce-loss",
    reason=(
        "A probability close to 1 has no digits left, so confident mistakes lose their gradient. "
        "BCEWithLogitsLoss computes the same from the logit, exactly."
    ),
    met="Tutorials that end a model in Sigmoid and train it with BCELoss.",
    look=look,
    yields_to=("single-logit-cross-entropy",),
)
