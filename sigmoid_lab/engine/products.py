"""The matrix products of a stack: where nearly all time goes, and the one place that chooses who does them.

A product never depends on the neighbours in its stack: each network's is a call of its own inside the library.
"""

import torch
from torch import Tensor


class Layer:
    """One layer's weight (E networks, out, in) and bias (E, out), and where their gradients go."""

    def __init__(self, weight: Tensor, bias: Tensor, weight_gradient: Tensor, bias_gradient: Tensor) -> None:
        self._weight, self._transposed, self._bias = weight, weight.mT, bias.unsqueeze(1)
        self._weight_gradient, self._bias_gradient = weight_gradient, bias_gradient
        self._widens = weight.shape[1] > weight.shape[2]

    def forward(self, a: Tensor, out: Tensor) -> Tensor:
        """Write z = a Wᵀ + b, of a (E networks, B examples, in)."""
        return torch.baddbmm(self._bias, a, self._transposed, out=out)

    def gradients(self, delta: Tensor, a: Tensor) -> None:
        """Write ∂ℓ/∂W = δᵀ a and ∂ℓ/∂b = Σ δ, of δ (E networks, B examples, out) and a (E, B, in)."""
        if self._widens:  # the libraries are several times faster on a long last axis
            self._weight_gradient.copy_(torch.bmm(a.mT, delta).mT)
        else:
            torch.bmm(delta.mT, a, out=self._weight_gradient)
        torch.sum(delta, 1, out=self._bias_gradient)

    def backward(self, delta: Tensor, out: Tensor) -> Tensor:
        """Write δ W, of δ (E networks, B examples, out)."""
        return torch.bmm(delta, self._weight, out=out)
