"""From an operation back to what it was made of, over steps that do not change what it means."""

from __future__ import annotations

from sigmoid_lab.doctor.measure import activation_of
from sigmoid_lab.doctor.operations import EXPONENTIALS, Operation, tail

CLAMPS = frozenset({"clamp", "clip", "clamp_min", "clamp_max", "nan_to_num", "maximum", "minimum"})

SHAPERS = frozenset(
    {"squeeze", "unsqueeze", "view", "reshape", "flatten", "expand", "expand_as", "contiguous", "permute", "transpose"}
    | {"float", "double", "half", "to", "type_as", "clone", "t", "T", "view_as", "reshape_as", "ravel", "type", "long"}
    | {"bfloat16", "movedim", "unflatten", "int", "detach", "data"}
)
"""Operations that change no value."""

SMALL = 1e-2
"""A constant below this is added to keep a logarithm finite."""


def unclamped(op: Operation) -> Operation:
    """Go back over clamps, small constants added for safety, and changes of shape."""
    while op.sources and not op.is_leaf:
        name = op.name.removesuffix("_")
        added = name in ("add", "radd") and len(op.sources) == 1 and any(0 < abs(c) < SMALL for c in _numbers(op))
        if not (name in CLAMPS or name in SHAPERS or added) or op.shape == () or op.sources[0].is_leaf:
            break
        op = op.sources[0]
    return op


def unshaped(op: Operation) -> Operation:
    """Go back over changes of shape."""
    while op.name.removesuffix("_") in SHAPERS and op.sources:
        op = op.sources[0]
    return op


def uncomplemented(op: Operation) -> Operation:
    """Go back from 1 − p to p."""
    name = op.name.removesuffix("_")
    if (name in ("rsub", "sub") and len(op.sources) == 1 and 1 in op.arguments) or name == "neg":
        return unclamped(op.sources[0])
    return op


def unsigned(op: Operation) -> Operation:
    """Go back over signs and absolute values."""
    while op.name in ("neg", "abs", "negative", "mul") and len(sources := _varying(op)) == 1:
        op = sources[0]
    return op


def exponent_of(logarithm: Operation) -> Operation | None:
    """Return z of log(1 + e^z); None where that is not what the logarithm is taken of."""
    for argument in logarithm.sources:
        terms = [argument] if logarithm.name == "log1p" else argument.sources if _adds_one(argument) else ()
        for op in terms:
            if op.name in EXPONENTIALS:
                return op.sources[0]
    return None


def squasher(given: Operation) -> Operation:
    """Return the operation that most likely squashes: the nearest that is a sigmoid, softmax or one of their parts."""
    candidates = [op for op in tail(given) if not op.is_affine]
    for names in (
        frozenset({"sigmoid", "softmax", "hardsigmoid", "special_expit", "expit"}),
        frozenset({"tanh", "exp"}),
    ):
        for op in candidates:
            if op.name.removesuffix("_") in names:
                return op
    for op in candidates:
        if op.value is not None and activation_of(op, op.value) == "sigmoid":
            return op
    return candidates[0] if candidates else given


def _numbers(op: Operation) -> list[float]:
    return [argument for argument in op.arguments if isinstance(argument, int | float)]


def _varying(op: Operation) -> list[Operation]:
    """Return the sources that the model made, or without those the targets did."""
    made = [source for source in op.sources if source.from_output]
    return made or [source for source in op.sources if source.is_target]


def _adds_one(op: Operation) -> bool:
    ones = any(source.value is not None and bool((source.value == 1).all()) for source in op.sources)
    return op.name in ("add", "radd") and (ones or 1 in _numbers(op))
