"""The mends that the doctor can make: a loss of logits, a target's shape or range, new weights, other activations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from sigmoid_lab.doctor.case import Case
from sigmoid_lab.doctor.flow import redrawn
from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import Operation, anchors
from sigmoid_lab.doctor.origin import unclamped
from sigmoid_lab.doctor.passes import run
from sigmoid_lab.doctor.recording import Editor, Replace
from sigmoid_lab.doctor.trees import map_tensors
from sigmoid_lab.vocabulary import RuleName

Weights = Mapping[str, Tensor]
Value = Callable[[Weights], Tensor]
"""From weights to a loss."""

SEED = 0


@dataclass
class Mend:
    """What was changed, the loss to train and to judge by, and the first weights; null for the model's own."""

    change: str
    loss: Value
    weights: dict[str, Tensor] | None = None
    judges_faulty: bool = True
    """Whether the faulty weights are judged by this loss too, and not by their own."""


@dataclass
class _Tap:
    """Keeps what one operation gave, for another one."""

    kept: list[Tensor] = field(default_factory=list)

    def keep(self, output: Tensor) -> Tensor:
        """Keep an output and let it pass."""
        self.kept[:] = [output]
        return output


def mend_of(observation: Observation, rule: RuleName) -> Mend | None:
    """Return the mend for a rule's finding; None where the doctor cannot make it."""
    maker = MENDS.get(rule)
    return maker(observation) if maker is not None else None


def _logit_loss(observation: Observation) -> Mend | None:
    """Judge the last layer's own output by the fused loss, whatever stands between."""
    for sink in observation.sinks:
        target = sink.target.value if sink.target is not None else None
        found = anchors(unclamped(sink.given))
        if target is None or len(found) != 1:
            continue
        classes = not target.is_floating_point() and len(found[0].shape) > 1 < found[0].shape[1]
        name = "cross_entropy" if classes else "binary_cross_entropy_with_logits"
        return Mend(f"F.{name} on the output of the last layer", _tapped(observation.case, found[0], target, classes))
    return None


def _tapped(case: Case, anchor: Operation, target: Tensor, classes: bool) -> Value:
    def loss(weights: Weights) -> Tensor:
        tap = _Tap()
        inputs, targets = case.batch()
        with Editor({anchor.index: (anchor.name, tap.keep)}):
            try:
                run(case, inputs, targets, weights)
            except Exception:
                if not tap.kept:
                    raise
        logits = tap.kept[0]
        if classes and logits.shape[:-1] == target.shape:
            return functional.cross_entropy(logits.flatten(0, -2), target.flatten())
        if classes:
            return functional.cross_entropy(logits, target)
        return functional.binary_cross_entropy_with_logits(logits.reshape(target.shape), target.to(logits))

    return loss


def _same_shape(observation: Observation) -> Mend | None:
    shape = observation.outputs[0].shape if len(observation.outputs) == 1 else None
    targets = observation.case.targets
    if shape is None or not isinstance(targets, Tensor) or targets.numel() != torch.Size(shape).numel():
        return None
    return Mend(f"targets.reshape{shape}", plain(replace(observation.case, targets=targets.reshape(shape))))


def _other_range(observation: Observation) -> Mend | None:
    targets = observation.case.targets
    if not isinstance(targets, Tensor) or not targets.is_floating_point():
        return None
    low, high = targets.min(), targets.max()
    scaled = replace(observation.case, targets=(targets - low) / (high - low))
    return Mend("targets scaled to 0 … 1", plain(scaled))


def _new_weights(observation: Observation) -> Mend | None:
    return Mend(
        "weights drawn anew to fit each activation",
        plain(observation.case),
        redrawn(observation, SEED),
        judges_faulty=False,
    )


def _new_activations(observation: Observation) -> Mend | None:
    """Put ReLU in the place of hidden activations that saturate, on standardised inputs and new weights."""
    edits: dict[int, tuple[str, Replace]] = {}
    changed: list[str] = []
    last = max((op.index for op in observation.operations if op.is_affine), default=-1)
    for op in observation.operations:
        source = next((s for s in op.sources if s.from_input and not s.is_leaf), None)
        if "saturated" not in op.figures or op.is_affine or source is None or op.index > last or op.name == "div":
            continue
        tap = _Tap()
        edits[source.index] = (source.name, tap.keep)
        edits[op.index] = (op.name, _relu_of(tap))
        changed.append(op.name)
    case = replace(observation.case, inputs=map_tensors(_standardised, observation.case.inputs))
    what = f"{len(changed)} hidden activations replaced by ReLU, " if changed else ""
    loss = _edited(case, edits)
    return Mend(f"{what}inputs standardised, weights drawn anew", loss, redrawn(observation, SEED), judges_faulty=False)


def _relu_of(tap: _Tap) -> Replace:
    return lambda _: functional.relu(tap.kept[0])


def _standardised(tensor: Tensor) -> Tensor:
    if not tensor.is_floating_point() or tensor.numel() < 2:
        return tensor
    return (tensor - tensor.mean()) / tensor.std().clamp(min=1e-6)


def _edited(case: Case, edits: dict[int, tuple[str, Replace]]) -> Value:
    def loss(weights: Weights) -> Tensor:
        inputs, targets = case.batch()
        with Editor(edits):
            value: Any = run(case, inputs, targets, weights)[1]
        return value.sum()  # type: ignore[no-any-return]

    return loss


def plain(case: Case) -> Value:
    """Return the case's own loss as a function of the weights."""
    return _edited(case, {})


MENDS: dict[RuleName, Callable[[Observation], Mend | None]] = {
    "sigmoid-before-bce-with-logits": _logit_loss,
    "sigmoid-then-bce-loss": _logit_loss,
    "logits-into-bce": _logit_loss,
    "handwritten-bce": _logit_loss,
    "softmax-for-multilabel": _logit_loss,
    "softmax-before-cross-entropy": _logit_loss,
    "nll-without-log": _logit_loss,
    "single-logit-cross-entropy": _logit_loss,
    "broadcast-target": _same_shape,
    "targets-out-of-range": _other_range,
    "symmetric-init": _new_weights,
    "exploding-gradient": _new_weights,
    "dead-relu": _new_weights,
    "vanishing-gradient": _new_activations,
    "saturated-activation": _new_activations,
}
