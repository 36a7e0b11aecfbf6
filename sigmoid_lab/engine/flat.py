"""All parameters of a stack side by side in one vector, so that an update is one call.

Each tensor begins at a whole processor vector and ends at one, so no number is in a kernel's tail, which may round
otherwise: what a network's update gives does not depend on its place in the stack.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from sigmoid_lab.engine.networks import Network, linear_layers

VECTOR = 32
"""Numbers; a multiple of what any processor here takes at once."""


def side_by_side(tensors: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """Return copies of tensors in one vector, and the views of them there."""
    sizes = [-(-tensor.numel() // VECTOR) * VECTOR for tensor in tensors]
    vector = tensors[0].new_zeros(sum(sizes))
    views = [part[: x.numel()].view(x.shape) for part, x in zip(vector.split(sizes), tensors, strict=True)]
    for view, tensor in zip(views, tensors, strict=True):
        view.copy_(tensor)
    return vector, views


def flatten(network: Network) -> Tensor:
    """Move all weights, then all biases, into one vector, whose views they become, and return it."""
    layers = linear_layers(network)
    return move([*(layer.weight for layer in layers), *(layer.bias for layer in layers)])


@torch.no_grad()
def move(parameters: Sequence[Tensor]) -> Tensor:
    """Move parameters into one vector, whose views they become, and return it."""
    vector, views = side_by_side(parameters)
    for parameter, view in zip(parameters, views, strict=True):
        parameter.data = view
    return vector
