"""Runs a case once, forward and backward, and keeps what rules read."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan
from typing import Any, Literal

import torch
from torch import Tensor

from sigmoid_lab.doctor.case import Case
from sigmoid_lab.doctor.failure import users_fault
from sigmoid_lab.doctor.measure import norm
from sigmoid_lab.doctor.operations import BUFFER, INPUT, PARAMETER, TARGET, UNSEEN, Operation, ancestors
from sigmoid_lab.doctor.passes import seed_all
from sigmoid_lab.doctor.preserve import preserved
from sigmoid_lab.doctor.reach import Reach, reaches
from sigmoid_lab.doctor.recording import Recorder, recording
from sigmoid_lab.doctor.retry import Retry, retry
from sigmoid_lab.doctor.sinks import Sink, sinks_of
from sigmoid_lab.doctor.trees import map_tensors, tensors
from sigmoid_lab.errors import LabError

SCALED = 200.0

Stage = Literal["model", "loss", "backward"]


@dataclass(frozen=True)
class Failure:
    """An exception of the user's code: where it stopped, and in which operation."""

    error: Exception
    stage: Stage
    operation: Operation | None


@dataclass(frozen=True)
class Observation:
    """One pass of a case, as rules read it."""

    case: Case
    operations: tuple[Operation, ...]
    outputs: tuple[Operation, ...]
    """Who made the model's output tensors."""
    values: Any
    """The outputs themselves, without gradients."""
    loss: float | None
    gradients: Mapping[str, float | None]
    """The norm of the loss's gradient by parameter that asks for one; None where the loss never reaches it."""
    examples_with_gradient: float | None
    changed: tuple[str, ...]
    """Which of ``inputs`` and ``targets`` the user's own code wrote into."""
    failure: Failure | None
    sinks: tuple[Sink, ...]
    second_looks: bool = True
    announce: Callable[[str], None] = lambda _: None

    @cached_property
    def retry(self) -> Retry | None:
        """The gradients and weights after two small updates of a copy; a second look."""
        if not self.second_looks or self.failure is not None:
            return None
        self.announce("second look: two updates of a copy of the parameters (--first-look-only declines)")
        return retry(self.case)


def observe(case: Case, second_looks: bool = True, announce: Callable[[str], None] = lambda _: None) -> Observation:
    """Look at one forward and backward pass; raise LabError where the case's own code cannot be run at all."""
    first = record(case)
    _check_targets(case, first)
    _check_predict(case, first)
    failed = first.failure.operation if first.failure is not None else None
    found = sinks_of([*first.operations, *([failed] if failed is not None else [])], _end(first))
    arrived = reaches(case, [sink.given for sink in found])
    reached = [replace(sink, reach=arrived.get(sink.given.index)) for sink in found]
    if any(sink.reach is None and UNSEEN in {op.name for op in ancestors(sink.given, most=50)} for sink in reached):
        reached = _reached_by_scaling(case, reached)
    return replace(
        first,
        sinks=tuple(reached),
        second_looks=second_looks,
        announce=announce,
    )


def _check_targets(case: Case, first: Observation) -> None:
    """Raise LabError where NaN among the targets is why the loss is; a loss that masks them is none of that."""
    if first.loss is None or not isnan(first.loss):
        return
    missing = sum(int(tensor.isnan().sum()) for tensor in tensors(case.targets))
    if missing:
        raise LabError(f"'targets': {missing} values are NaN, and so is the loss; clean the data or mask them")


def _check_predict(case: Case, first: Observation) -> None:
    if case.predict is None or first.failure is not None:
        return
    with preserved(*case.modules), torch.no_grad():
        try:
            case.predict(first.values)
        except Exception as error:
            raise users_fault(error, "predict") from None


def _end(first: Observation) -> Operation | None:
    return first.operations[-1] if first.operations and first.failure is None else None


def _reached_by_scaling(case: Case, sinks: list[Sink]) -> list[Sink]:
    """Find what can reach the loss where the model's operations are hidden: scale its last weights, up and down."""
    up, down = (_arriving(case, scale) for scale in (SCALED, -SCALED))
    found = {index: up[index].joined(down[index]) for index in up.keys() & down.keys()}
    return [sink if sink.reach else replace(sink, reach=found.get(sink.operation.index)) for sink in sinks]


def _arriving(case: Case, scale: float) -> dict[int, Reach]:
    last = list(case.model.parameters())[-2:]
    own = [parameter.data for parameter in last]
    try:
        for parameter in last:
            parameter.data = scale * parameter.data
        scaled = record(case)
    finally:
        for parameter, data in zip(last, own, strict=True):
            parameter.data = data
    sinks = sinks_of(scaled.operations, _end(scaled))
    return {sink.operation.index: sink.now for sink in sinks if sink.now is not None}


def record(case: Case, weights: Mapping[str, Tensor] | None = None) -> Observation:
    """Run one pass, of other weights than the model's own where given, and keep what it showed."""
    with preserved(*case.modules), torch.enable_grad():
        return _record(case, weights)


def _record(case: Case, weights: Mapping[str, Tensor] | None) -> Observation:
    seed_all()
    names = {id(module): name for name, module in case.model.named_modules()}
    names |= {
        id(part): f"loss.{name}".rstrip(".") for whole in case.modules[1:] for name, part in whole.named_modules()
    }
    recorder = Recorder(names)
    inputs, targets = case.batch()
    _register(recorder, case, weights, inputs, targets)
    before = case.batch()
    outputs: Any = None
    value: Any = None
    failure: Failure | None = None
    gradients: dict[str, float | None] = {}
    share: list[float] = []
    stage: Stage = "model"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with recording(recorder):
                outputs = case.outputs(inputs, weights)
                recorder.in_loss, stage = True, "loss"
                _watch_examples(outputs, share)
                value = case.loss(outputs, targets)
            _check_loss(value)
            stage = "backward"
            gradients = _gradients(_parameters(case, weights), recorder.sequences, value)
        except LabError:
            raise
        except Exception as error:
            failure = Failure(error, stage, recorder.failed)
    operations = tuple(recorder.operations)
    if isinstance(value, Tensor) and value in recorder.makers:
        # What ran after the loss, such as logging, is no part of it.
        operations = tuple(op for op in operations if op.index <= recorder.makers[value].index)
    return Observation(
        case=case,
        operations=operations,
        outputs=tuple(recorder.maker(tensor) for tensor in tensors(outputs)),
        values=map_tensors(Tensor.detach, outputs),
        loss=float(value.detach()) if isinstance(value, Tensor) and value.numel() == 1 else None,
        gradients=gradients,
        examples_with_gradient=min(share) if share else None,
        changed=_changed((inputs, targets), before),
        failure=failure,
        sinks=(),
    )


def _parameters(case: Case, weights: Mapping[str, Tensor] | None) -> Mapping[str, Tensor]:
    return dict(case.model.named_parameters()) if weights is None else weights


def _register(recorder: Recorder, case: Case, weights: Mapping[str, Tensor] | None, inputs: Any, targets: Any) -> None:
    for whole, prefix in zip(case.modules, ("", "loss."), strict=False):
        for name, parameter in (
            _parameters(case, weights) if whole is case.model else dict(whole.named_parameters())
        ).items():
            recorder.leaf(parameter, PARAMETER, prefix + name)
        for name, buffer in whole.named_buffers():
            recorder.leaf(buffer, BUFFER, prefix + name)
    for tensor in tensors(inputs):
        recorder.leaf(tensor, INPUT)
    for tensor in tensors(targets):
        recorder.leaf(tensor, TARGET)


def _watch_examples(outputs: Any, share: list[float]) -> None:
    """Measure which share of the rows of each output gets a gradient, when it comes."""
    for output in tensors(outputs):
        if output.requires_grad and output.ndim:
            output.register_hook(lambda g: share.append((g.reshape(len(g), -1) != 0).any(1).float().mean().item()))


def _check_loss(value: Any) -> None:
    if not isinstance(value, Tensor):
        raise LabError(f"loss: it returned {type(value).__name__}; return a tensor of one number")
    if value.numel() != 1:
        raise LabError(f"loss: it has the shape {tuple(value.shape)} and is no scalar; reduce it, as by .mean()")
    if not value.requires_grad:
        raise LabError(
            "loss: it does not require a gradient, so nothing can be learnt; look for .detach(), .item(), argmax, "
            "torch.no_grad() or frozen parameters between the model's weights and the loss"
        )


def _gradients(parameters: Mapping[str, Tensor], sequences: Sequence[Tensor], value: Tensor) -> dict[str, float | None]:
    named = {name: parameter for name, parameter in parameters.items() if parameter.requires_grad}
    if not named:
        return {}
    also = [sequence for sequence in sequences if sequence.requires_grad]
    found = torch.autograd.grad(value.sum(), [*named.values(), *also], allow_unused=True)
    return {name: None if gradient is None else norm(gradient) for name, gradient in zip(named, found, strict=False)}


def _changed(after: tuple[Any, Any], before: tuple[Any, Any]) -> tuple[str, ...]:
    names = ("inputs", "targets")
    return tuple(name for name, new, old in zip(names, after, before, strict=True) if not _equal(new, old))


def _equal(new: Any, old: Any) -> bool:
    pairs = zip(tensors(new), tensors(old), strict=False)
    return all(a.shape == b.shape and bool(((a == b) | (a.isnan() & b.isnan())).all()) for a, b in pairs)
