"""φ and φ′ of every activation in numpy, with the points where φ′ jumps."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigmoid_lab.theory.slopes import SELU_ALPHA, SELU_SCALE
from sigmoid_lab.vocabulary import ActivationName

Array = NDArray[np.float64]
Function = Callable[[Array], Array]
"""From points to values, element by element."""

LEAK = 0.01


@dataclass(frozen=True)
class Curve:
    """An activation: φ and φ′, smooth everywhere but at 0 and ±``kink``."""

    value: Function
    slope: Function
    kink: float = 0.0
    slope_jumps: bool = False
    homogeneous: bool = False
    """Whether φ(λz) = λφ(z) for every λ > 0, so that no scale of z is special."""


def sigmoid(z: Array) -> Array:
    """Return σ(z), as accurate where it is tiny as where it is near 1."""
    shrunk = np.exp(-np.abs(z))
    return np.where(z >= 0.0, 1.0, shrunk) / (1.0 + shrunk)


def sigmoid_slope(z: Array) -> Array:
    """Return σ′(z) = σ(z)σ(−z), without the cancellation of 1 − σ(z)."""
    shrunk = np.exp(-np.abs(z))
    slope: Array = shrunk / (1.0 + shrunk) ** 2
    return slope


def tanh_slope(z: Array) -> Array:
    """Return 1/cosh²(z) = 4σ′(2z), without the cancellation of 1 − tanh²(z)."""
    return 4.0 * sigmoid_slope(2.0 * z)


def erf(z: Array) -> Array:
    """Return the error function."""
    value: Array = np.vectorize(math.erf, otypes=[float])(z)
    return value


def normal_share(z: Array) -> Array:
    """Return Φ(z), the share of a standard normal below z, as accurate in the lower tail as elsewhere."""
    share: Array = 0.5 * np.vectorize(math.erfc, otypes=[float])(-math.sqrt(0.5) * z)
    return share


def normal_density(z: Array) -> Array:
    """Return the density of the standard normal."""
    density: Array = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return density


def softplus(z: Array) -> Array:
    """Return log(1 + e^z)."""
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def silu_slope(z: Array) -> Array:
    """Return σ(z) + zσ′(z)."""
    return sigmoid(z) + z * sigmoid_slope(z)


def mish_slope(z: Array) -> Array:
    """Return t + z·σ(z)/cosh²(softplus(z)), t = tanh(softplus(z))."""
    soft = softplus(z)
    return np.tanh(soft) + z * sigmoid(z) * tanh_slope(soft)


def elu(z: Array) -> Array:
    """Return z above 0 and e^z − 1 below."""
    return np.where(z > 0.0, z, np.expm1(np.minimum(z, 0.0)))


def elu_slope(z: Array) -> Array:
    """Return 1 above 0 and e^z below."""
    return np.exp(np.minimum(z, 0.0))


def selu(z: Array) -> Array:
    """Return λz above 0 and λα(e^z − 1) below (Klambauer et al. 2017, equation 2)."""
    return SELU_SCALE * np.where(z > 0.0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0.0)))


def selu_slope(z: Array) -> Array:
    """Return λ above 0 and λαe^z below."""
    return SELU_SCALE * np.where(z > 0.0, 1.0, SELU_ALPHA * np.exp(np.minimum(z, 0.0)))


def between(bound: float, slope: float) -> Function:
    """Return the function that is ``slope`` between −bound and bound, and 0 outside."""
    return lambda z: np.where(np.abs(z) < bound, slope, 0.0)


CURVES: dict[ActivationName, Curve] = {
    "identity": Curve(lambda z: z, np.ones_like, homogeneous=True),
    "sigmoid": Curve(sigmoid, sigmoid_slope),
    "centred-sigmoid": Curve(lambda z: np.tanh(0.5 * z), lambda z: 2.0 * sigmoid_slope(z)),
    "tanh": Curve(np.tanh, tanh_slope),
    "relu": Curve(
        lambda z: np.maximum(z, 0.0), lambda z: np.where(z > 0.0, 1.0, 0.0), slope_jumps=True, homogeneous=True
    ),
    "leaky-relu": Curve(
        lambda z: np.where(z > 0.0, z, LEAK * z),
        lambda z: np.where(z > 0.0, 1.0, LEAK),
        slope_jumps=True,
        homogeneous=True,
    ),
    "elu": Curve(elu, elu_slope),
    "selu": Curve(selu, selu_slope, slope_jumps=True),
    "gelu": Curve(lambda z: z * normal_share(z), lambda z: normal_share(z) + z * normal_density(z)),
    "silu": Curve(lambda z: z * sigmoid(z), silu_slope),
    "mish": Curve(lambda z: z * np.tanh(softplus(z)), mish_slope),
    "softplus": Curve(softplus, sigmoid),
    "softsign": Curve(lambda z: z / (1.0 + np.abs(z)), lambda z: (1.0 + np.abs(z)) ** -2),
    "hard-sigmoid": Curve(
        lambda z: np.clip(z / 6.0 + 0.5, 0.0, 1.0), between(3.0, 1.0 / 6.0), kink=3.0, slope_jumps=True
    ),
    "hard-tanh": Curve(lambda z: np.clip(z, -1.0, 1.0), between(1.0, 1.0), kink=1.0, slope_jumps=True),
    "erf": Curve(erf, lambda z: 2.0 / math.sqrt(math.pi) * np.exp(-z * z)),
}
