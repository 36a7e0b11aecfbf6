"""A bare squeeze that takes the batch's axis away where the batch is of one."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from sigmoid_lab.doctor.case import Case
from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import Operation
from sigmoid_lab.doctor.passes import seed_all
from sigmoid_lab.doctor.preserve import preserved
from sigmoid_lab.doctor.recording import eager
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.trees import map_tensors, tensors


def look(observation: Observation) -> Iterator[Symptom]:
    """Compare the outputs' shapes, and the loss, for one example and for two, in eval mode."""
    size = _batch_size(observation)
    if size is None or size < 3 or observation.failure is not None:
        return
    three, two, one = (_try(observation.case, size, examples) for examples in (3, 2, 1))
    if isinstance(two, Exception) or isinstance(three, Exception) or len(two) != len(three):
        return
    op = _bare_squeeze(observation, size)
    wanted = [_alone(*shapes) for shapes in zip(two, three, strict=True)]
    if isinstance(one, Exception):
        if op is not None:
            yield Symptom("error", op, f"two examples run, one alone stops: {_first_line(one)}", _fix(op))
    elif one != wanted and len(one) == len(wanted):
        shapes = f"outputs and loss of shapes {_list(two)} for two examples become {_list(one)} for one"
        yield Symptom("error", op, f"{shapes}, instead of {_list(wanted)}", _fix(op))
    elif op is not None:
        evidence = f"{op.sources[0].shape} loses every axis of one, and a batch of one is such an axis too"
        yield Symptom("warning", op, evidence, _fix(op))


def _batch_size(observation: Observation) -> int | None:
    sizes = [
        tensor.shape[0]
        for tree in (observation.case.targets, observation.case.inputs)
        for tensor in tensors(tree)
        if tensor.ndim
    ]
    return sizes[0] if sizes else None


def _try(case: Case, size: int, examples: int) -> list[tuple[int, ...]] | Exception:
    """Run the first examples alone; return the shapes of outputs, decisions and loss."""

    def part(tensor: Tensor) -> Tensor:
        axis = next((axis for axis in range(min(tensor.ndim, 2)) if tensor.shape[axis] == size), None)
        return tensor if axis is None else tensor.narrow(axis, 0, examples)

    with preserved(*case.modules), eager(), torch.no_grad():
        seed_all()
        case.model.eval()
        inputs, targets = (map_tensors(part, tree) for tree in case.batch())
        try:
            outputs = case.outputs(inputs)
            shapes = [tuple(tensor.shape) for tensor in tensors(outputs)]
            shapes += [tuple(tensor.shape) for tensor in tensors(case.loss(outputs, targets))]
            shapes += [tuple(tensor.shape) for tensor in tensors(_decided(case, outputs))]
        except Exception as error:
            return error
    return shapes


def _decided(case: Case, outputs: Any) -> Any:
    return case.predict(outputs) if case.predict is not None else None


def _alone(two: tuple[int, ...], three: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape for one example: what grows from two to three with the batch, shrinks by as much."""
    return tuple(2 * a - b for a, b in zip(two, three, strict=True)) if len(two) == len(three) else two


def _bare_squeeze(observation: Observation, size: int) -> Operation | None:
    """Return the squeeze that names no axis and sees the batch."""
    for op in observation.operations:
        if op.name in ("squeeze", "squeeze_") and op.argument(1, "dim") is None and op.from_input:
            before = op.sources[0].shape
            if size in before[:2] and 1 in before:
                return op
    return None


def _fix(op: Operation | None) -> str:
    return f".squeeze(-1)  # {op.place}" if op is not None and op.place else "x = x.squeeze(-1)"


def _list(shapes: list[tuple[int, ...]]) -> str:
    return ", ".join(map(str, shapes))


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


RULE = Rule(
    name="squeeze-drops-batch",
    reason=(
        "squeeze() without an axis removes every axis of length one, so a batch of one loses its batch. "
        "The last batch of an epoch, or a single request in production, then fails or is broadcast."
    ),
    met="out.squeeze() to make (N, 1) fit targets of (N,).",
    look=look,
    yields_to=("broadcast-target",),
)
