"""The greatest slope of every activation, in closed form."""

from dataclasses import dataclass
from math import inf, pi, sqrt

from sigmoid_lab.vocabulary import ActivationName

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
"""λ and α of Klambauer et al. 2017, equation 14."""


@dataclass(frozen=True)
class GreatestSlope:
    """The least upper bound of a slope, the z nearest 0 at or towards which it is reached, and where in words."""

    slope: float
    at_z: float
    where: str


GREATEST_SLOPES: dict[ActivationName, GreatestSlope] = {
    "identity": GreatestSlope(1.0, 0.0, "every z"),
    "sigmoid": GreatestSlope(0.25, 0.0, "z = 0"),  # σ(1 − σ) at σ = ½
    "centred-sigmoid": GreatestSlope(0.5, 0.0, "z = 0"),
    "tanh": GreatestSlope(1.0, 0.0, "z = 0"),
    "relu": GreatestSlope(1.0, 0.0, "every z > 0"),
    "leaky-relu": GreatestSlope(1.0, 0.0, "every z > 0"),
    "elu": GreatestSlope(1.0, 0.0, "every z ≥ 0"),
    "selu": GreatestSlope(SELU_SCALE * SELU_ALPHA, 0.0, "z → 0 from below"),
    # Φ(z) + zφ(z) has the derivative φ(z)(2 − z²), so the greatest slope is at √2.
    "gelu": GreatestSlope(1.1289041451851548, sqrt(2.0), "z = √2"),
    # σ(1 + z(1 − σ)) is greatest where z·tanh(z/2) = 2.
    "silu": GreatestSlope(1.0998393201288669, 2.3993572805154677, "z ≈ 2.40, where z·tanh(z/2) = 2"),
    "mish": GreatestSlope(1.0884981612517279, 1.4905711794854284, "the inflection at z ≈ 1.49"),
    "softplus": GreatestSlope(1.0, inf, "z → ∞"),
    "softsign": GreatestSlope(1.0, 0.0, "z = 0"),
    "hard-sigmoid": GreatestSlope(1.0 / 6.0, 0.0, "|z| < 3"),
    "hard-tanh": GreatestSlope(1.0, 0.0, "|z| < 1"),
    "erf": GreatestSlope(2.0 / sqrt(pi), 0.0, "z = 0"),
}
