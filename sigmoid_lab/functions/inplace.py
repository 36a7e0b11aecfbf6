"""Each activation as the engine's passes apply it: φ forward, ⊙ φ′(z) backward, over their own input where that goes.

Networks spend their time on memory, so for the activations that most of them have one kernel reads and writes once.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from sigmoid_lab.functions.activations import ACTIVATIONS
from sigmoid_lab.functions.slopes import slope
from sigmoid_lab.vocabulary import ActivationName


class InPlace(NamedTuple):
    """``forward(z)`` returns a = φ(z), which may lie over z; ``backward(delta, z, a)`` turns ∂ℓ/∂a into ∂ℓ/∂z.

    Where a lies over z, the slope is told from a alone.
    """

    forward: Callable[[Tensor], Tensor]
    backward: Callable[[Tensor, Tensor, Tensor], Tensor]


def in_place(name: ActivationName) -> InPlace:
    """Return an activation's two passes."""
    return ONE_KERNEL[name] if name in ONE_KERNEL else _by_slope(name)


def _by_slope(name: ActivationName) -> InPlace:
    return InPlace(ACTIVATIONS[name](), lambda delta, z, a: delta.mul_(slope(name, z, a)))


aten = torch.ops.aten
ONE_KERNEL: dict[ActivationName, InPlace] = {
    "sigmoid": InPlace(
        torch.sigmoid_, lambda delta, _, a: aten.sigmoid_backward.grad_input(delta, a, grad_input=delta)
    ),
    "tanh": InPlace(torch.tanh_, lambda delta, _, a: aten.tanh_backward.grad_input(delta, a, grad_input=delta)),
    "relu": InPlace(
        torch.relu_, lambda delta, _, a: aten.threshold_backward.grad_input(delta, a, 0.0, grad_input=delta)
    ),
}
"""The kernels of torch's own backward pass."""
