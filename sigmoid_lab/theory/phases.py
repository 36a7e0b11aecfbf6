"""Where in the plane of σ_w² and σ_b² gradients shrink, keep their size, or grow; see ``theory/mean_field.py``.

E[φ(√q·x)²] and E[φ′(√q·x)²] depend on q alone, so that a table of both over q serves every point of the plane. χ₁ = 1
at a fixed point q where σ_w² = 1/E[φ′²] and σ_b² = q − E[φ²]/E[φ′²]: the critical line, with q running along it.
"""

from dataclasses import dataclass

import numpy as np

from sigmoid_lab.theory.activations import CURVES, Array
from sigmoid_lab.theory.mean_field import CRITICAL, GREATEST_Q, mean_square, mean_square_slope
from sigmoid_lab.vocabulary import ActivationName

A_DECADE = 160
"""Places of q a decade: χ₁ between two of them is interpolated to about 1e-5."""


@dataclass(frozen=True)
class Plane:
    """χ₁ over W weight variances and B bias variances, (B, W), at the q* that signals settle at; NaN where q grows.

    ``critical`` is the weight variance at which χ₁ = 1 for each bias variance, (B,); NaN where there is none.
    """

    chi_1: Array
    critical: Array


def plane(activation: ActivationName, weight_variances: Array, bias_variances: Array) -> Plane:
    """Return χ₁ where inputs of mean square 1 settle, for positive variances (W,) and (B,).

    V increases with q, so that q moves to the first fixed point on its way: upwards where V(q) > q, else downwards.
    """
    curve = CURVES[activation]
    q = _places(bias_variances)
    square, slope = mean_square(curve, q), mean_square_slope(curve, q)
    columns = [_settled(weight, bias_variances, q, square, slope) for weight in weight_variances]
    return Plane(np.stack(columns, axis=1), _critical(bias_variances, q, square, slope))


def _places(bias_variances: Array) -> Array:
    """Return where q is looked for: it is never below σ_b²."""
    low, high = np.log10(0.9 * bias_variances.min()), np.log10(GREATEST_Q)
    return np.logspace(low, high, int(np.ceil(A_DECADE * (high - low))))


def _settled(weight: float, biases: Array, q: Array, square: Array, slope: Array) -> Array:
    """Return χ₁ at one weight variance and every bias variance, (B,)."""
    excess = np.log((weight * square + biases[:, None]) / q)
    places, rows, first = np.arange(len(q)), np.arange(len(biases)), np.searchsorted(q, weight + biases)
    ends = (excess <= 0.0) & (places > first[:, None])
    above = np.where(ends.any(axis=1), ends.argmax(axis=1) - 1, -1)
    grows = (excess > 0.0) & (places < first[:, None])
    below = len(q) - 1 - grows[:, ::-1].argmax(axis=1)
    at = np.where(excess[rows, first] > 0.0, above, below)
    told = at >= 0
    found = np.full(len(biases), np.nan)
    rows, at = rows[told], at[told]
    share = excess[rows, at] / (excess[rows, at] - excess[rows, at + 1])
    found[told] = weight * slope[at] ** (1.0 - share) * slope[at + 1] ** share
    return found


def _critical(biases: Array, q: Array, square: Array, slope: Array) -> Array:
    """Return the critical weight variance at every bias variance, (B,), along the q that attract: χ_q = V′(q) < 1."""
    weight = 1.0 / slope
    attracts = 1.0 - weight * np.gradient(square, q) > CRITICAL
    if not attracts.any():
        return np.full(len(biases), np.nan)
    bias = (q - weight * square)[attracts]
    found: Array = np.interp(biases, bias, weight[attracts], left=np.nan, right=np.nan)
    return found
