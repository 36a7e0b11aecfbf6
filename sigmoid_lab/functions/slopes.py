"""φ′ of every activation, from z and the value a = φ(z) that the forward pass leaves behind.

Autograd gives the same numbers; these are what the lab's own backward pass multiplies with, and what tells a
saturated unit from a live one.
"""

from collections.abc import Callable
from math import pi, sqrt

import torch
from torch import Tensor
from torch.nn import functional

from sigmoid_lab.theory.slopes import SELU_ALPHA, SELU_SCALE
from sigmoid_lab.vocabulary import ActivationName

Slope = Callable[[Tensor, Tensor], Tensor]
"""From z and a = φ(z), of one shape, to φ′(z) of that shape; at a kink it is what torch's autograd takes."""


def gelu(z: Tensor, _: Tensor) -> Tensor:
    """Return Φ(z) + z·φ(z), Φ and φ the normal distribution and its density."""
    density = torch.exp(-0.5 * z * z) / sqrt(2.0 * pi)
    return 0.5 * (1.0 + torch.erf(z / sqrt(2.0))) + z * density


def silu(z: Tensor, _: Tensor) -> Tensor:
    """Return σ(z)(1 + z(1 − σ(z)))."""
    gate = torch.sigmoid(z)
    return gate * (1.0 + z * (1.0 - gate))


def mish(z: Tensor, _: Tensor) -> Tensor:
    """Return t + z·σ(z)(1 − t²), t = tanh(softplus(z))."""
    t = torch.tanh(functional.softplus(z))
    return t + z * torch.sigmoid(z) * (1.0 - t * t)


def slope(name: ActivationName, z: Tensor, a: Tensor) -> Tensor:
    """Return φ′(z), given a = φ(z); of short formats in float32, in which torch's own kernels calculate too.

    A constant such as 1/6, rounded to bfloat16 first, would err by 0.2 % at every layer, always one way.
    """
    return SLOPES[name](_wide(z), _wide(a))


def _wide(numbers: Tensor) -> Tensor:
    return numbers.float() if numbers.dtype in (torch.float16, torch.bfloat16) else numbers


SLOPES: dict[ActivationName, Slope] = {
    "identity": lambda z, _: torch.ones_like(z),
    "sigmoid": lambda _, a: (1.0 - a).mul_(a),
    "centred-sigmoid": lambda _, a: (1.0 - a * a).mul_(0.5),
    "tanh": lambda _, a: 1.0 - a * a,
    "relu": lambda _, a: torch.sign(a),
    "leaky-relu": lambda z, _: torch.sign(z).clamp_(min=0.01),
    "elu": lambda z, _: torch.where(z > 0.0, 1.0, torch.exp(z)),
    "selu": lambda z, _: SELU_SCALE * torch.where(z > 0.0, 1.0, SELU_ALPHA * torch.exp(z)),
    "gelu": gelu,
    "silu": silu,
    "mish": mish,
    "softplus": lambda z, _: torch.sigmoid(z),
    "softsign": lambda z, _: (1.0 + z.abs()) ** -2,
    "hard-sigmoid": lambda z, _: ((z > -3.0) & (z < 3.0)).to(z.dtype) / 6.0,
    "hard-tanh": lambda z, _: ((z > -1.0) & (z < 1.0)).to(z.dtype),
    "erf": lambda z, _: 2.0 / sqrt(pi) * torch.exp(-z * z),
}
