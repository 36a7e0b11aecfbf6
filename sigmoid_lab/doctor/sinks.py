"""Where a loss takes what the model gives: what it expects there, what it gets, and which target stands beside.

A library's loss is found by its name; one written by hand by the operations that it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sigmoid_lab.doctor.operations import (
    EXPONENTIALS,
    LOGARITHMS,
    Operation,
    ancestors,
    anchors,
)
from sigmoid_lab.doctor.origin import exponent_of, unclamped, uncomplemented, unsigned
from sigmoid_lab.doctor.reach import Reach, reach_of
from sigmoid_lab.doctor.targets import NEGATIONS, direct_factor, marks_classes, multiplier

Expects = Literal["logit", "probability", "class-logits", "log-probability", "number", "margin"]

LIBRARY: dict[str, Expects] = {
    "binary_cross_entropy_with_logits": "logit",
    "multilabel_soft_margin_loss": "logit",
    "binary_cross_entropy": "probability",
    "cross_entropy": "class-logits",
    "cross_entropy_loss": "class-logits",
    "nll_loss": "log-probability",
    "nll_loss_nd": "log-probability",
    "nll_loss2d": "log-probability",
    "kl_div": "log-probability",
    "mse_loss": "number",
    "l1_loss": "number",
    "smooth_l1_loss": "number",
    "huber_loss": "number",
    "soft_margin_loss": "margin",
    "hinge_embedding_loss": "margin",
}
"""Losses by the function that runs, each taking (input, target, …)."""

AVERAGES = frozenset(
    {"neg", "mean", "sum", "squeeze", "view", "reshape", "flatten", "div", "truediv", "nanmean", "negative"}
)
PICKS = frozenset({"gather", "__getitem__", "take_along_dim", "index_select", "take"})
PAIRINGS = frozenset({"sub", "rsub"})
DISTANCES = frozenset({"pow", "square", "abs", "norm", "vector_norm", "mul", "rmul", "smooth_l1", "where", "cosh"})


@dataclass(frozen=True)
class Sink:
    """A place where a loss takes a value: ``operation`` computes it from ``given`` and ``target``."""

    operation: Operation
    expects: Expects
    given: Operation
    target: Operation | None
    by_hand: bool = False
    reach: Reach | None = None

    @property
    def now(self) -> Reach | None:
        """What arrives there on the given batch."""
        value = self.given.value
        return reach_of(value) if value is not None and value.numel() and bool(value.isfinite().any()) else None


def sinks_of(operations: Sequence[Operation], end: Operation | None) -> list[Sink]:
    """Return every place where the loss takes something that the model gave."""
    reached = {id(op) for op in ancestors(end)} if end is not None else {id(op) for op in operations}
    relevant = [op for op in operations if id(op) in reached and op.from_output]
    users = consumers(relevant)
    found: list[Sink] = []
    for op in relevant:
        found += _library(op)
        found += _written(op, users)
    return found + list(_opposed(relevant, users))


def consumers(operations: Sequence[Operation]) -> dict[int, list[Operation]]:
    """Return who used what each operation made, by its number."""
    users: dict[int, list[Operation]] = {}
    for op in operations:
        for source in op.sources:
            users.setdefault(source.index, []).append(op)
    return users


def _library(op: Operation) -> Iterator[Sink]:
    if op.name in LIBRARY:
        given, target = op.argument(0, "input"), op.argument(1, "target")
        expects = LIBRARY[op.name]
        if isinstance(given, Operation) and isinstance(target, Operation):
            if not given.from_output and target.from_output:
                given, target = target, given
            both = given is target  # as one call gave them, such as broadcast_tensors
            taken = unclamped(given) if expects == "probability" else given
            yield Sink(op, expects, taken, None if both else target)


def _written(op: Operation, users: dict[int, list[Operation]]) -> Iterator[Sink]:
    if op.name in ("log_softmax", "logsumexp") and op.sources:
        given = op.sources[0]
        yield Sink(op, "class-logits", given, direct_factor(op, users) or direct_factor(given, users), by_hand=True)
    elif op.name in ("log_sigmoid", "logsigmoid", "softplus") and op.in_loss:
        given = unsigned(op.sources[0])
        yield Sink(op, "logit", given, multiplier(given, users) or multiplier(op, users), by_hand=True)
    elif op.name in ("xlogy", "special_xlogy", "xlog1py", "special_xlog1py") and op.in_loss and len(op.sources) == 2:
        if op.sources[0].from_target and op.sources[1].from_output:
            yield Sink(op, "probability", uncomplemented(unclamped(op.sources[1])), op.sources[0], by_hand=True)
    elif op.name in LOGARITHMS and op.in_loss and not op.by_library:
        yield from _logarithm(op, users)
    elif op.in_loss:
        yield from _difference(op, users)
    if op.name in PICKS or op.name in ("mul", "rmul"):
        yield from _picked(op, users)


def _difference(op: Operation, users: dict[int, list[Operation]]) -> Iterator[Sink]:
    """Find an output minus a target of which a distance is made."""
    if _subtracts(op) and any(user.name.rstrip("_") in DISTANCES for user in users.get(op.index, ())):
        given, target = sorted(op.sources, key=lambda source: source.is_target)
        yield Sink(op, "number", given, target, by_hand=True)


def _subtracts(op: Operation) -> bool:
    """Say whether it is the difference of what the model gave and a target."""
    pure = {source.is_target for source in op.sources if source.is_target or not source.from_target}
    return op.name in PAIRINGS and len(op.sources) == 2 and pure == {True, False} and op.from_output


def _logarithm(op: Operation, users: dict[int, list[Operation]]) -> Iterator[Sink]:
    """Tell log(1 + e^−z), which takes a logit, from log p, which takes a probability."""
    exponent = exponent_of(op)
    if exponent is not None:
        given = unsigned(exponent)
        yield Sink(op, "logit", given, multiplier(given, users), by_hand=True)
        return
    probability = unclamped(op.sources[0])
    target = multiplier(op, users)
    if target is not None and not _is_density(op):
        yield Sink(op, "probability", uncomplemented(probability), target, by_hand=True)


def _is_density(logarithm: Operation) -> bool:
    """Say whether it is taken of an exponential of a distance from the target, as of a normal density."""
    exponentials = (op for op in ancestors(logarithm, most=20) if op.name in EXPONENTIALS)
    return any(_subtracts(op) for exponential in exponentials for op in ancestors(exponential, most=8))


def _opposed(operations: Sequence[Operation], users: dict[int, list[Operation]]) -> Iterator[Sink]:
    """Find log(1 − p) beside log p of the same weights without targets, where examples are known by their place."""
    logarithms = [
        op
        for op in operations
        if op.name in LOGARITHMS and op.in_loss and not op.by_library and not op.from_target and op.sources
        if not any(user.name in ("mul", "rmul") for user in users.get(op.index, ()))
    ]
    plain = {weight for op in logarithms if _complement(op) is None for weight in _weights(op)}
    for op in logarithms:
        probability = _complement(op)
        if probability is not None and plain.intersection(_weights(op)):
            yield Sink(op, "probability", probability, None, by_hand=True)


def _weights(op: Operation) -> list[Operation]:
    """Return the weights that an operation's value comes from, last layers only."""
    return [source for anchor in anchors(op) for source in anchor.sources if source.is_weight]


def _complement(logarithm: Operation) -> Operation | None:
    """Return p of log(1 − p)."""
    argument = unclamped(logarithm.sources[0])
    found = uncomplemented(argument)
    return found if found is not argument else None


def _picked(op: Operation, users: dict[int, list[Operation]]) -> Iterator[Sink]:
    """Find −mean of what the target picks: the negative log-likelihood, if logarithms are what is picked."""
    others = [source for source in op.sources if source.from_target and not source.from_output]
    given = next((source for source in op.sources if source.from_output and not source.from_target), None)
    if given is None or not others or len(given.shape) < 2 or not op.in_loss:
        return
    target, negated = others[-1], False
    if op.name in ("mul", "rmul"):
        target, negated = unsigned(others[0]), others[0].name in NEGATIONS
        if not marks_classes(target):
            return
    if _averaged(op, users, negated):
        yield Sink(op, "log-probability", given, target, by_hand=True)


def _averaged(op: Operation, users: dict[int, list[Operation]], negative: bool) -> bool:
    """Say whether nothing but sign, sums and means follows, up to the loss, with a minus among or before them."""
    for _ in range(12):
        following = users.get(op.index, [])
        if not following:
            return negative
        if len(following) > 1 or len([s for s in following[0].sources if s.from_output]) > 1:
            return False
        op = following[0]
        negative |= op.name.startswith("neg") or (op.name in ("mul", "rmul") and -1 in op.arguments)
        if op.name not in AVERAGES and op.name not in ("mul", "rmul"):
            return False
    return False
