"""Decisions taken at a half where the outputs are logits."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import COMPARISONS, Operation, tail
from sigmoid_lab.doctor.origin import SHAPERS, unshaped
from sigmoid_lab.doctor.passes import seed_all
from sigmoid_lab.doctor.preserve import preserved
from sigmoid_lab.doctor.recording import Recorder, recording
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.sinks import Sink
from sigmoid_lab.doctor.trees import map_tensors, tensors

SHIFT = 3.0
STEP = 1e-3

Decide = Callable[[Tensor | float], list[Tensor] | None]


def look(observation: Observation) -> Iterator[Symptom]:
    """Ask ``predict`` what it decides on outputs just below and above 0 and a half, or on shifted logits."""
    if observation.case.predict is None or observation.failure is not None:
        return
    for sink in observation.sinks:
        if sink.reach is None:
            continue
        evidence = None
        if not _is_output(observation, sink.given):
            if (
                sink.expects == "probability"
                and sink.reach.is_probability
                and _squashed_in_loss(observation, sink.given)
            ):
                evidence = _wrong_threshold(observation, sink)
        elif sink.expects == "logit" and not sink.reach.is_probability:
            evidence = _wrong_threshold(observation, sink)
        elif sink.expects == "probability" and sink.reach.is_probability and not sink.reach.is_distribution:
            evidence = _constant(observation, sink, 0.01, 0.99)
        elif sink.expects == "class-logits" and not sink.reach.is_probability and not sink.by_hand:
            evidence = _shifted(observation)
        if evidence:
            fix = "decisions = outputs > 0.5" if _is_output(observation, sink.given) else "decisions = outputs > 0"
            fix = "decisions = outputs > 0" if sink.expects == "logit" else fix
            fix = "decisions = outputs.argmax(1)" if sink.expects == "class-logits" else fix
            yield Symptom("error", _comparison(observation) or "predict", evidence, fix)
            return


def _squashed_in_loss(observation: Observation, given: Operation) -> bool:
    """Say whether the loss itself makes a probability of an output that is a logit."""
    return given.in_loss and any(op in observation.outputs and unshaped(op).is_affine for op in tail(given))


def _is_output(observation: Observation, given: Operation) -> bool:
    while given not in observation.outputs:
        if given.name.removesuffix("_") not in SHAPERS | {"__getitem__"} or not given.sources:
            return False
        given = given.sources[0]
    return True


def _wrong_threshold(observation: Observation, sink: Sink) -> str | None:
    below, above = (_decisions(observation, 0.5 + step) for step in (-STEP, STEP))
    low, high = (_decisions(observation, step) for step in (-STEP, STEP))
    if below is None or above is None or low is None or high is None:
        return None
    if _differ(below, above) and not _differ(low, high):
        return "the decision changes at a logit of 0.5, which is a probability of 0.6225, and not at 0"
    return _constant(observation, sink, -8.0, 8.0)


def _constant(observation: Observation, sink: Sink, low: float, high: float) -> str | None:
    value = sink.given.value
    if value is None or value.numel() != len(value):
        return None
    decided = [_decisions(observation, low + (high - low) * step / 16) for step in range(17)]
    if any(found is None for found in decided) or any(_differ(decided[0] or [], found or []) for found in decided):
        return None
    return f"the decision is the same for every output from {low:g} to {high:g}"


def _shifted(observation: Observation) -> str | None:
    plain, *shifted = (_decisions(observation, None, shift) for shift in (0.0, -SHIFT, SHIFT))
    if plain is None or not any(found is not None and _differ(plain, found) for found in shifted):
        return None
    return f"decisions change when {SHIFT:g} is added to all logits of an example, which changes no probability"


def _decisions(observation: Observation, filled: float | None, shift: float = 0.0) -> list[Tensor] | None:
    """Return what ``predict`` decides on outputs all of one value, or all shifted; None where that is no decision."""

    def change(output: Tensor) -> Tensor:
        if not output.is_floating_point():
            return output
        return output + shift if filled is None else torch.full_like(output, filled)

    with preserved(*observation.case.modules), torch.no_grad():
        try:
            decided = observation.case.predict(map_tensors(change, observation.values))  # type: ignore[misc]
        except Exception:
            return None
    found = [torch.as_tensor(part) for part in _parts(decided)]
    return found if found and all(_decision(part) for part in found) else None


def _parts(decided: Any) -> list[Any]:
    return list(tensors(decided)) or [decided]


def _decision(part: Tensor) -> bool:
    return not part.is_floating_point() or bool((part == part.round()).all())


def _differ(one: list[Tensor], other: list[Tensor]) -> bool:
    return any(a.shape != b.shape or not torch.equal(a, b) for a, b in zip(one, other, strict=True))


def _comparison(observation: Observation) -> Operation | None:
    recorder = Recorder({})
    with preserved(*observation.case.modules), torch.no_grad():
        seed_all()
        for output in tensors(observation.values):
            recorder.leaf(output, "input")
        with recording(recorder):
            observation.case.predict(observation.values)  # type: ignore[misc]
    names = COMPARISONS | {"round", "where"}
    return next((op for op in reversed(recorder.operations) if op.name in names), None)


RULE = Rule(
    name="threshold-on-logits",
    reason=(
        "A logit of 0 is a probability of a half; 0.5 on the logit is one of 0.62. "
        "Every example between the two is decided against what the model was trained to say."
    ),
    met="A model that was changed from probabilities to logits, but not the line that takes decisions.",
    look=look,
    yields_to=("single-logit-cross-entropy",),
)
