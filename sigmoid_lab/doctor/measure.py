"""Figures of one operation's output: spread, saturated share, dead units, and later its gradient's norm."""

from collections.abc import Callable
from math import sqrt
from typing import Any

import torch
from torch import Tensor

from sigmoid_lab.doctor.operations import COMPARISONS, CONVOLUTIONS, EXPONENTIALS, RECURRENT, Operation, ancestors
from sigmoid_lab.vocabulary import ActivationName

SATURATED_SLOPE = 0.01
"""Of the activation's greatest, as everywhere in the lab."""

_TANH_END = sqrt(1.0 - SATURATED_SLOPE)
_SIGMOID_END = (1.0 + _TANH_END) / 2.0
_ERF_END = torch.erf(torch.tensor(sqrt(-torch.log(torch.tensor(SATURATED_SLOPE)).item()))).item()

SATURATED: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": lambda a: (a - 0.5).abs() > _SIGMOID_END - 0.5,
    "tanh": lambda a: a.abs() > _TANH_END,
    "hardsigmoid": lambda a: (a <= 0.0) | (a >= 1.0),
    "hardtanh": lambda a: a.abs() >= 1.0,
    "softsign": lambda a: a.abs() > 1.0 - sqrt(SATURATED_SLOPE),
    "erf": lambda a: a.abs() > _ERF_END,
}
"""From an activation's output to where its slope is below SATURATED_SLOPE of its greatest.

σ′ = a(1 − a), which falls below at a − ½ = ±½√0.99, tanh′ = 1 − a², softsign′ = (1 − |a|)², erf′ = 2/√π·e^(−z²)."""

WORDS: dict[str, ActivationName] = {
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "leaky_relu": "leaky-relu",
    "elu": "elu",
    "selu": "selu",
    "gelu": "gelu",
    "silu": "silu",
    "mish": "mish",
    "softplus": "softplus",
    "softsign": "softsign",
    "hardsigmoid": "hard-sigmoid",
    "hardtanh": "hard-tanh",
    "erf": "erf",
}
"""The lab's word for each activation that torch has as one operation."""

PART = 2**16
"""Numbers of a large tensor that are widened to float64 at once."""

RECTIFIERS = frozenset({"relu", "relu6", "threshold", "clamp", "clamp_min", "clip", "maximum", "max", "where", "mul"})
TIME_AXIS_BATCH_FIRST, TIME_AXIS = 1, 0


def measure(made: Operation, output: Tensor, args: tuple[Any, ...]) -> None:
    """Measure what rules and the table of layers need of one output."""
    if not output.is_floating_point() or not made.from_input or output.numel() == 0:
        return
    with torch.no_grad():
        if made.is_affine:
            spread, mean = torch.var_mean(output.detach().float(), correction=0)
            made.figures |= {"mean": mean.item(), "spread": spread.sqrt().item()}
        activation = made.activation = activation_of(made, output)
        if made.name in ("lstm", "gru") and args[0].ndim == 3:
            made.figures["saturated"] = _gates(made.name, args)
        elif activation in SATURATED:
            made.figures["saturated"] = _saturated(made, activation, output)
        elif activation == "relu":
            zero = output == 0.0
            axes = [axis for axis in range(output.ndim) if axis != _unit_axis(made, output) % output.ndim]
            made.figures["dead"] = (zero.all(dim=axes) if axes else zero).float().mean().item()


def _saturated(made: Operation, activation: str, output: Tensor) -> float:
    if made.name.removesuffix("_") in ("clamp", "clip"):
        low, high = made.argument(1, "min"), made.argument(2, "max")
        return float(((output <= low) | (output >= high)).float().mean())
    return float(SATURATED[activation](output).float().mean())


def _gates(name: str, args: tuple[Any, ...]) -> float:
    """Return the saturated share of a fused cell's gates, from its input alone: hidden states are at most 1."""
    weights = args[2]
    biases = 0.0 if len(weights) < 4 or weights[2].ndim != 1 else weights[2] + weights[3]
    z = torch.nn.functional.linear(args[0], weights[0]) + biases
    parts = z.chunk(4 if name == "lstm" else 3, -1)
    inner = 2  # the tanh: third of input, forget, cell and output; of reset, update and new
    ends = [SATURATED["tanh" if i == inner else "sigmoid"] for i in range(len(parts))]
    values = [part.tanh() if i == inner else part.sigmoid() for i, part in enumerate(parts)]
    return float(torch.stack([end(value).float().mean() for end, value in zip(ends, values, strict=True)]).mean())


def activation_of(made: Operation, output: Tensor) -> str | None:
    """Return which activation an operation is, by its name or, where written by hand, by what it computes."""
    name = made.name.removesuffix("_")
    if name in ("hardtanh", "relu6"):
        return "relu" if name == "relu6" or made.kind == "ReLU6" else "hardtanh"
    if name in SATURATED or name == "relu":
        return name
    if name == "special_expit":
        return "sigmoid"
    if name in ("clamp", "clip") and all(
        isinstance(made.argument(i, key), int | float) for i, key in ((1, "min"), (2, "max"))
    ):
        return "hardtanh"
    if name in RECURRENT:
        return None if "relu" in name else "tanh"
    if name in ("reciprocal", "rdiv", "rtruediv", "div", "truediv", "true_divide"):
        return _quotient(made, output)
    if name in RECTIFIERS and _rectifies(made, output):
        return "relu"
    return name if name in WORDS else None


def _quotient(made: Operation, output: Tensor) -> str | None:
    """Tell 1/(1 + e^−z), e^z/(1 + e^z) and (e^z − e^−z)/(e^z + e^−z) from other quotients."""
    near = list(ancestors(made, lambda op: op.name in EXPONENTIALS or op.is_affine, most=12))
    if not any(op.name in EXPONENTIALS for op in near) or any(op.name in ("sum", "logsumexp", "amax") for op in near):
        return None
    low, high = output.aminmax()
    if high > 1.0 or low < -1.0:
        return None
    return "tanh" if low < 0.0 else "sigmoid"


def _rectifies(made: Operation, output: Tensor) -> bool:
    name = made.name.removesuffix("_")
    if name == "mul" or name == "where":
        masks = [source for source in made.sources if any(op.name in COMPARISONS for op in ancestors(source, most=4))]
        if not masks or any(mask.from_target for mask in masks):
            return False
    elif name in ("clamp", "clip", "clamp_min"):
        if made.argument(1, "min") != 0 or made.argument(2, "max") is not None:
            return False
    elif name in ("max", "maximum") and not any(_is_zero(source) for source in made.sources):
        return False
    return bool(output.amin() == 0.0)


def _is_zero(source: Operation) -> bool:
    return source.value is not None and not bool(source.value.any())


def _unit_axis(made: Operation, output: Tensor) -> int:
    """Return the axis of units: channels after a convolution, features otherwise."""
    if output.ndim >= 4:
        return 1
    origin = next((op for op in ancestors(made, lambda op: op.is_affine) if op.is_affine), None)
    return 1 if origin is not None and origin.name in CONVOLUTIONS and output.ndim == 3 else -1


def watch_gradient(made: Operation, output: Tensor) -> None:
    """Measure the loss's gradient in an output of weights or of an activation, when it comes."""
    wanted = made.is_affine or "saturated" in made.figures or "dead" in made.figures
    if not wanted or not output.requires_grad:
        return

    def keep(gradient: Tensor) -> None:
        made.figures["gradient"] = norm(gradient)

    output.register_hook(keep)


def watch_times(made: Operation, args: tuple[Any, ...]) -> Tensor:
    """Return a recurrent layer's input, made to take a gradient, of which the norm by time step is kept."""
    if args[0].ndim != 3:  # packed: its steps do not lie on an axis
        return args[0]  # type: ignore[no-any-return]
    sequence: Tensor = args[0] if args[0].requires_grad else args[0].detach().requires_grad_()
    batch_first = args[-1] is True

    def keep(gradient: Tensor) -> None:
        steps = gradient.movedim(TIME_AXIS_BATCH_FIRST if batch_first else TIME_AXIS, 0)
        made.time_gradients = [norm(step) for step in steps]

    if sequence.is_floating_point():
        sequence.register_hook(keep)
    return sequence


def norm(tensor: Tensor) -> float:
    """Return the Frobenius norm, squares summed in float64, by parts so that no copy of all is made."""
    dense = tensor.detach().to_dense() if tensor.is_sparse else tensor.detach()
    rows = dense if dense.ndim else dense.reshape(1)
    several = max(1, PART // max(1, rows[0].numel())) if len(rows) else 1
    total = 0.0
    for part in rows.split(several):
        length = float(torch.linalg.vector_norm(part, dtype=torch.float64))
        total += length * length
    return sqrt(total)
