"""The activations, as the modules that a network is built of."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from sigmoid_lab.functions.dtypes import DTYPES
from sigmoid_lab.vocabulary import ActivationName, DtypeName


class CentredSigmoid(nn.Module):
    """2σ(z) − 1 as tanh(z/2), which does not cancel: 2σ − 1 is 0 in float32 from |z| = 1e-7 down."""

    def forward(self, z: Tensor) -> Tensor:
        """Apply it to every element."""
        return torch.tanh(0.5 * z)


class Erf(nn.Module):
    """The error function, 2/√π ∫₀ᶻ e^(−t²) dt."""

    def forward(self, z: Tensor) -> Tensor:
        """Apply it to every element."""
        return torch.erf(z)


ACTIVATIONS: dict[ActivationName, Callable[[], nn.Module]] = {
    "identity": nn.Identity,
    "sigmoid": nn.Sigmoid,
    "centred-sigmoid": CentredSigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "softplus": nn.Softplus,
    "softsign": nn.Softsign,
    "hard-sigmoid": nn.Hardsigmoid,
    "hard-tanh": nn.Hardtanh,
    "erf": Erf,
}


def curve(name: ActivationName, z: Sequence[float], dtype: DtypeName) -> tuple[list[float], list[float]]:
    """Return φ(z) and φ′(z) at each z, computed in ``dtype``."""
    points = torch.tensor(z, dtype=DTYPES[dtype])
    value, slope = value_and_slope(ACTIVATIONS[name](), points)
    return value.tolist(), slope.tolist()


def value_and_slope(activation: Callable[[Tensor], Tensor], z: Tensor) -> tuple[Tensor, Tensor]:
    """Return φ(z) and φ′(z), the slope as autograd gives it, both of z's shape and dtype."""
    with torch.enable_grad():
        z = z.detach().requires_grad_()
        value = activation(z)
        (slope,) = torch.autograd.grad(value.sum(), z)
    return value.detach(), slope
