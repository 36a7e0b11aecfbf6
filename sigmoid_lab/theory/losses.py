"""∂ℓ/∂z of every loss in exact arithmetic, from a logit z and its label y."""

from collections.abc import Callable

from sigmoid_lab.theory.activations import Array, sigmoid, sigmoid_slope
from sigmoid_lab.vocabulary import LossName

EPSILON = 1e-7
"""The ε of hand-written-bce-eps."""

Slope = Callable[[Array, float], Array]


def cross_entropy_slope(z: Array, y: float) -> Array:
    """Return σ(z) − y, whatever form the cross-entropy is written in."""
    return sigmoid(z) - y


def shifted_cross_entropy_slope(z: Array, y: float) -> Array:
    """Return the slope of −y·log(p + ε) − (1 − y)·log(1 − p + ε) with p = σ(z)."""
    return sigmoid_slope(z) * ((1.0 - y) / (sigmoid(-z) + EPSILON) - y / (sigmoid(z) + EPSILON))


def squared_error_slope(z: Array, y: float) -> Array:
    """Return 2(σ(z) − y)σ′(z)."""
    return 2.0 * (sigmoid(z) - y) * sigmoid_slope(z)


SLOPES: dict[LossName, Slope] = {
    "bce-with-logits": cross_entropy_slope,
    "sigmoid-then-bce": cross_entropy_slope,
    "hand-written-bce": cross_entropy_slope,
    "hand-written-bce-eps": shifted_cross_entropy_slope,
    "max-form": cross_entropy_slope,
    "mse": squared_error_slope,
}
