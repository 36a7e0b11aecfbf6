"""Outputs of (N, 1) against targets of (N,): N × N comparisons instead of N."""

from collections.abc import Iterator
from math import prod

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import Operation
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.sinks import LIBRARY, consumers

CHOOSING = frozenset(
    {"min", "max", "amin", "amax", "sort", "topk", "logsumexp", "softmax", "argmin", "argmax", "kthvalue"}
)
ELEMENTWISE = frozenset(
    {
        "sub",
        "rsub",
        "add",
        "radd",
        "mul",
        "rmul",
        "div",
        "truediv",
        "where",
        "eq",
        "ne",
        "xlogy",
        "pow",
        "rpow",
        "gt",
        "lt",
    }
    | {
        "isub",
        "iadd",
        "imul",
        "sub_",
        "mul_",
        "add_",
        "true_divide",
        "subtract",
        "multiply",
        "dist",
        "minimum",
        "maximum",
    }
)
LOSSES = frozenset(LIBRARY) - {"cross_entropy", "cross_entropy_loss", "nll_loss", "nll_loss_nd", "nll_loss2d"}
LOSSES |= {"cosine_similarity", "gaussian_nll_loss", "poisson_nll_loss", "pairwise_distance"}


def look(observation: Observation) -> Iterator[Symptom]:
    """See where outputs and targets of different shapes meet element by element."""
    users = consumers(observation.operations)
    for op in _met(observation):
        pair = _pair(op)
        if pair is None:
            continue
        given, target = pair
        if _spread(op, given, target) and not _chosen(op, users):
            size = prod(op.shape) if op.shape else prod(given.shape) * prod(target.shape)
            evidence = (
                f"outputs {given.shape} meet targets {target.shape}: every output is compared with every target, "
                f"{max(size, prod(given.shape) * prod(target.shape)):,} pairs instead of {prod(target.shape):,}"
            )
            if observation.failure is not None and op is observation.failure.operation:
                evidence = f"outputs {given.shape} meet targets {target.shape}: {observation.failure.error}"
            yield Symptom("error", op, evidence, _fix(given, target))
            return


def _met(observation: Observation) -> Iterator[Operation]:
    yield from observation.operations
    if observation.failure is not None and observation.failure.operation is not None:
        yield observation.failure.operation


def _pair(op: Operation) -> tuple[Operation, Operation] | None:
    if op.name not in ELEMENTWISE and op.name not in LOSSES and "loss" not in op.name:
        return None
    if op.name in LIBRARY and op.name not in LOSSES and len(op.sources) > 1 and op.sources[1].shape[1:] != (1,):
        return None
    given = next((s for s in op.sources if s.from_output and s.shape), None)
    target = next((s for s in op.sources if s.from_target and not s.from_output and s.shape), None)
    return (given, target) if given is not None and target is not None else None


def _spread(op: Operation, given: Operation, target: Operation) -> bool:
    """Say whether neither side is what the other was meant to be compared with."""
    if given.shape == target.shape:
        return False
    if op.index < 0:  # it failed on these shapes
        return sorted(n for n in given.shape if n > 1) == sorted(n for n in target.shape if n > 1)
    both = _broadcast(given.shape, target.shape)
    if both is None:
        return False
    if prod(both) > max(prod(given.shape), prod(target.shape)):
        return True
    aligned = len(target.shape) == 1 and len(given.shape) > 1 and given.shape[0] == target.shape[0] == given.shape[-1]
    return aligned and target.shape[0] > 1


def _broadcast(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...] | None:
    length = max(len(one), len(other))
    left, right = ((1,) * (length - len(shape)) + shape for shape in (one, other))
    if any(a != b and 1 not in (a, b) for a, b in zip(left, right, strict=True)):
        return None
    return tuple(max(a, b) for a, b in zip(left, right, strict=True))


def _chosen(op: Operation, users: dict[int, list[Operation]]) -> bool:
    """Say whether the pairs are reduced by choosing among them, as a loss over sets does on purpose."""
    waiting = list(users.get(op.index, ())) if op.index >= 0 else []
    for _ in range(20):
        if not waiting:
            return False
        user = waiting.pop(0)
        if user.name in CHOOSING:
            return True
        waiting += users.get(user.index, ())
    return False


def _fix(given: Operation, target: Operation) -> str:
    if len(given.shape) > len(target.shape):
        return (
            f"targets = targets.reshape{given.shape}"
            if prod(given.shape) == prod(target.shape)
            else "targets = targets.unsqueeze(-1)"
        )
    return f"targets = targets.reshape{given.shape}"


RULE = Rule(
    name="broadcast-target",
    reason=(
        "Shapes that differ are stretched until they fit, so each output is compared with every target of the batch. "
        "Its best answer is then the targets' mean, whatever the input."
    ),
    met="A regression whose last layer has one unit, against a column of a table.",
    look=look,
)
