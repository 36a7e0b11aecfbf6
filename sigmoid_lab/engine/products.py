"""The matrix products of a stack: where nearly all time goes, and the one place that chooses who does them.

A product never depends on the neighbours in its stack: each network's is a call of its own inside the library.
"""

import torch
from torch import Tensor


def product_plus(bias: Tensor, a: Tensor, weight: Tensor, out: Tensor) -> Tensor:
    """Write a Wᵀ + b, of a (E networks, B examples, in), W (E, out, in) and b (E, out)."""
    return torch.baddbmm(bias.unsqueeze(1), a, weight.mT, out=out)


def product(delta: Tensor, weight: Tensor, out: Tensor) -> Tensor:
    """Write δ W, of δ (E networks, B examples, out) and W (E, out, in)."""
    return torch.bmm(delta, weight, out=out)


def gradient_product(delta: Tensor, a: Tensor, out: Tensor) -> Tensor:
    """Write δᵀ a, of δ (E networks, B examples, out) and a (E, B, in)."""
    if a.shape[2] < delta.shape[2]:  # the libraries are several times faster on a long last axis
        return out.copy_(torch.bmm(a.mT, delta).mT)
    return torch.bmm(delta.mT, a, out=out)
