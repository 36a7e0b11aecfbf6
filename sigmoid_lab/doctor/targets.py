"""Which target stands beside what a loss takes from the model."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from torch import Tensor

from sigmoid_lab.doctor.operations import TARGET, Operation, ancestors

NEGATIONS = frozenset({"neg", "negative"})
PRODUCTS = frozenset({"mul", "rmul"}) | NEGATIONS


def multiplier(op: Operation, users: dict[int, list[Operation]]) -> Operation | None:
    """Return the target that an operation's result is multiplied by, chosen with, or that is in it already."""
    inside = next((source for source in ancestors(op, most=12) if source.is_target), None)
    if inside is not None:
        return _as_given(inside)
    waiting = list(users.get(op.index, ()))
    for _ in range(12):
        if not waiting:
            break
        user = waiting.pop(0)
        for factor in (factor for source in user.sources for factor in _factors(source)):
            if factor.is_target:
                found = _as_given(factor)
                return found if prod(found.shape) == prod(op.shape) else None
        waiting += users.get(user.index, ())
    return None


def direct_factor(op: Operation, users: dict[int, list[Operation]]) -> Operation | None:
    """Return the target that an operation's result, or the negative of it, is multiplied by."""
    for user in users.get(op.index, ()):
        if user.name in PRODUCTS:
            found = next((factor for factor in _factors(user) if factor.is_target), None) or direct_factor(user, users)
            if found is not None:
                return found
    return None


def _factors(op: Operation) -> Iterator[Operation]:
    """Yield what a product is made of."""
    if op.name.removesuffix("_") in PRODUCTS:
        for source in op.sources:
            yield from _factors(source)
    else:
        yield op


def _as_given(used: Operation) -> Operation:
    """Return the batch's own target behind what a loss uses, or the form of it that was brought into 0 … 1."""
    forms = [op for op in ancestors(used) if op.is_target]
    raw = next((op for op in forms if op.name == TARGET), used)
    return raw if _within_one(raw) else next((op for op in forms if _within_one(op)), raw)


def _within_one(op: Operation) -> bool:
    value = op.value
    return value is not None and value.numel() > 0 and bool(((value >= 0) & (value <= 1)).all())


def marks_classes(target: Operation) -> bool:
    """Say whether a target marks classes by a 1 in a row of zeros."""
    value = target.value
    return value is not None and value.ndim >= 2 and value.shape[-1] > 1 and is_binary(value)


def is_binary(value: Tensor) -> bool:
    """Say whether all values are 0 or 1."""
    return bool(((value == 0) | (value == 1)).all())
