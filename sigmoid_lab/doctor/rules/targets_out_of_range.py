"""Targets that the loss does not take, or that the model can never give."""

from collections.abc import Iterator
from math import isclose

import torch
from torch import Tensor
from torch.nn import functional

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import Operation
from sigmoid_lab.doctor.origin import unshaped
from sigmoid_lab.doctor.reach import TOLERANCE
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.sinks import PICKS, Sink

NOTICEABLE = 0.01
"""The share of a regression's targets beyond its output's range from which it is a fault and no outlier."""


POSITIVE = frozenset(
    {"relu", "softplus", "exp", "abs", "square", "clamp", "clamp_min", "sqrt", "norm", "linalg_vector_norm", "pow"}
)
"""What leaves nothing below zero."""


def look(observation: Observation) -> Iterator[Symptom]:
    """See what range targets have, and which one the loss or the last activation allows."""
    for sink in observation.sinks:
        target = sink.target.value if sink.target is not None else None
        if target is None or target.numel() == 0 or not _known(observation, sink):
            continue
        found = (
            _classes(sink, target) if sink.expects in ("class-logits", "log-probability") else _numbers(sink, target)
        )
        if found:
            yield Symptom("error", sink.operation, *found)
            return
    yield from _refused(observation)


def _refused(observation: Observation) -> Iterator[Symptom]:
    """See whether the loss stopped where targets pick one of too few classes."""
    op = observation.failure.operation if observation.failure is not None else None
    if op is None or not op.in_loss:
        return
    index = next((source.value for source in op.sources if source.is_target), None)
    classes = _choices(op)
    if index is None or classes is None or index.is_floating_point() or not index.numel():
        return
    lowest = -classes if op.name == "__getitem__" else 0
    if int(index.min()) < lowest or int(index.max()) >= classes:
        yield Symptom("error", op, *_beyond(index, classes))


def _choices(op: Operation) -> int | None:
    """Return how many classes an operation lets an index choose from."""
    if op.name == "one_hot":
        number = op.argument(1, "num_classes")
        return number if isinstance(number, int) else None
    if op.name not in PICKS or not op.sources:
        return None
    dim = op.argument(1, "dim")
    shape = op.sources[0].shape
    return shape[dim] if isinstance(dim, int) else shape[-1]


def _known(observation: Observation, sink: Sink) -> bool:
    """Say whether a loss written by hand is the cross-entropy that it looks like: log λ may be a Poisson loss's too."""
    if not sink.by_hand or sink.expects == "number":
        return True
    if sink.expects == "probability":
        return sink.reach is not None and sink.reach.is_probability
    given, target = sink.given.value, sink.target.value if sink.target is not None else None
    if (
        sink.expects != "logit"
        or given is None
        or target is None
        or observation.loss is None
        or given.shape != target.shape
    ):
        return False
    losses = functional.binary_cross_entropy_with_logits(given.float(), target.float(), reduction="none")
    return any(isclose(observation.loss, float(total), rel_tol=1e-3) for total in (losses.mean(), losses.sum()))


def _classes(sink: Sink, target: Tensor) -> tuple[str, str] | None:
    shape = sink.given.shape
    if target.is_floating_point() or not shape or sink.by_hand:
        return None
    classes = shape[1] if len(shape) > 1 else shape[0]
    used = target[target != sink.operation.keywords.get("ignore_index", -100)]
    if classes == 1 or used.numel() == 0 or target.shape == shape:
        return None
    return _beyond(used, classes) if int(used.min()) < 0 or int(used.max()) >= classes else None


def _beyond(indices: Tensor, classes: int) -> tuple[str, str]:
    low, high = int(indices.min()), int(indices.max())
    evidence = f"class indices run from {low} to {high}, but {classes} classes are 0 … {classes - 1}"
    shifted = low > 0 and high - low < classes
    return evidence, f"targets = targets - {low}" if shifted else f"nn.Linear(…, {high + 1})  # a unit a class"


def _numbers(sink: Sink, target: Tensor) -> tuple[str, str] | None:
    target = target.float()
    low, high = target.min().item(), target.max().item()
    if sink.expects == "margin":
        zeros = float((target == 0).float().mean())
        found = f"targets are from {low:g} to {high:g}, {zeros:.3g} of them 0; this loss takes −1 and 1"
        return (found, "targets = 2 * targets - 1") if zeros else None
    bounds = (0.0, 1.0) if sink.expects in ("logit", "probability") else _bounds(sink)
    if bounds is None:
        return None
    beyond = float(((target < bounds[0] - TOLERANCE) | (target > bounds[1] + TOLERANCE)).float().mean())
    if beyond <= (0.0 if sink.expects != "number" else NOTICEABLE):
        return None
    what = "the loss takes" if sink.expects != "number" else "the output can only give"
    found = (
        f"targets are from {low:.4g} to {high:.4g}; {what} {bounds[0]:g} … {bounds[1]:g}, and {beyond:.3g} are outside"
    )
    return found, _fix(sink, low, high)


def _bounds(sink: Sink) -> tuple[float, float] | None:
    """Return the range that the last activation leaves a regression's output; None where it leaves all numbers."""
    reach = sink.reach
    if reach is None or reach.sums_to_one or reach.high - reach.low < 0.5:
        return None
    for low, high in ((0.0, 1.0), (-1.0, 1.0)):
        if (
            reach.low >= low - TOLERANCE
            and reach.high <= high + TOLERANCE
            and reach.high - reach.low > 0.7 * (high - low)
        ):
            return low, high
    return (0.0, torch.inf) if reach.low >= 0.0 and unshaped(sink.given).name.removesuffix("_") in POSITIVE else None


def _fix(sink: Sink, low: float, high: float) -> str:
    if sink.expects == "number":
        return "drop the last activation, so that the output can take any value"
    if low == -1.0 and high == 1.0:
        return "targets = (targets + 1) / 2"
    return "targets = (targets > 0).float()" if low >= 0.0 and high < 3.0 else f"targets = targets / {high:g}"


RULE = Rule(
    name="targets-out-of-range",
    reason=(
        "A loss of probabilities has its minimum at a target in 0 … 1; beyond, it falls without end. "
        "A bounded output can never reach a target outside its range."
    ),
    met="Labels of −1 and 1, classes counted from 1, images of 0 … 255, or standardised values behind a sigmoid.",
    look=look,
    yields_to=("single-logit-cross-entropy", "broadcast-target"),
)
