"""What infinitely wide networks do to a signal and to a gradient: W ~ N(0, σ_w²/fan_in), b ~ N(0, σ_b²).

    variance      V(q) = σ_w² E[φ(√q·x)²] + σ_b², fixed points q* = V(q*)      (Poole et al. 2016, equation 3)
    stability     χ_q = V′(q*) = σ_w² E[x·φ(√q*·x)·φ′(√q*·x)]/√q*; q* attracts where it is below 1
    gradient      χ₁ = σ_w² E[φ′(√q*·x)²], and E‖∂L/∂zˡ‖² = χ₁·E‖∂L/∂zˡ⁺¹‖²
                  (Schoenholz et al. 2017, mean field theory of backpropagation)
    correlation   C(c) = (σ_w² E[φ(u)φ(u′)] + σ_b²)/q*, (u, u′) of variance q* and correlation c   (Poole, equation 5)
    at c*         χ_c = C′(c*) = σ_w² E[φ′(u)φ′(u′)]; at c = 1 it is χ₁

C is a power series without negative coefficients, hence convex on [0, 1], and C(1) = 1: where χ₁ ≤ 1 two signals become
alike, c* = 1; where χ₁ > 1 exactly one c* < 1 attracts. Only where φ is linear and σ_b = 0 can χ₁ be 1 and C(0) be 0:
then C(c) = c, and every c is a fixed point.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sigmoid_lab.results.theory import Phase
from sigmoid_lab.theory.activations import CURVES, Array, Curve
from sigmoid_lab.theory.correlation import settled
from sigmoid_lab.theory.gaussian import expectation
from sigmoid_lab.vocabulary import ActivationName

LEAST_Q, GREATEST_Q, A_DECADE = 1e-12, 1e12, 10
"""Between which q fixed points are looked for, and at how many places a decade."""
NO_SIGNAL = 1e-150
"""A deviation of u so small that φ is its tangents at 0."""
ROUNDING = 1e-12
"""V(q)/q this near to 1 is 1."""
CRITICAL = 1e-9
"""χ this near to 1 is 1."""


@dataclass(frozen=True)
class FixedPoint:
    """A q* and what holds there; no c* where no signal is left to have a correlation (q* = 0) or every c is one.

    ``stable`` says that a small departure from q* does not grow, ``every_q`` that every q is a fixed point and the one
    told is that of inputs of mean square 1.
    """

    q_star: float
    stable: bool
    mean: float
    chi_1: float
    chi_q: float
    c_star: float | None
    chi_c: float | None
    phase: Phase
    every_q: bool


@dataclass(frozen=True)
class VarianceMap:
    """The fixed points of V, stable ones first, and whether q grows without bound beyond the last."""

    fixed_points: tuple[FixedPoint, ...]
    grows: bool


def variance_map(activation: ActivationName, weight_variance: float, bias_variance: float) -> VarianceMap:
    """Return what the variance of u does from layer to layer."""
    curve = CURVES[activation]

    def excess(q: Array) -> Array:
        """Return V(q)/q − 1."""
        found: Array = (weight_variance * mean_square(curve, q) + bias_variance) / q - 1.0
        return found

    at_zero = weight_variance * float(mean_square(curve, np.zeros(1))[0]) + bias_variance
    grid = _grid(min(LEAST_Q, at_zero / 10.0) if at_zero else LEAST_Q, weight_variance + bias_variance)
    places, last = _roots(excess, grid)
    if last == 0.0:
        return VarianceMap((_fixed_point(curve, weight_variance, weight_variance, bias_variance, every_q=True),), False)
    if at_zero == 0.0:
        places.insert(0, 0.0)
    points = [_fixed_point(curve, q, weight_variance, bias_variance) for q in places]
    return VarianceMap(tuple(sorted(points, key=lambda point: not point.stable)), last > 0.0)


def critical_points(activation: ActivationName, bias_variance: float) -> tuple[tuple[float, FixedPoint], ...]:
    """Return every σ_w² at which a fixed point has χ₁ = 1, and that fixed point; nothing where there is none.

    At a fixed point with χ₁ = 1, σ_w² = 1/E[φ′²] and hence q − E[φ²]/E[φ′²] = σ_b²: an equation in q alone.
    """
    curve = CURVES[activation]

    def excess(q: Array) -> Array:
        """Return (q − E[φ²]/E[φ′²] − σ_b²)/q."""
        found: Array = 1.0 - (mean_square(curve, q) / mean_square_slope(curve, q) + bias_variance) / q
        return found

    places, last = _roots(excess, _grid(LEAST_Q, bias_variance))
    if last == 0.0:  # every q is such a point; the one of inputs of mean square 1 is told
        places = [1.0 / float(mean_square_slope(curve, np.ones(1))[0])]
    elif bias_variance == 0.0 == float(mean_square(curve, np.zeros(1))[0]):
        places.insert(0, 0.0)
    weights = [1.0 / float(mean_square_slope(curve, np.array([q]))[0]) for q in places]
    return tuple(
        (weight, _fixed_point(curve, q, weight, bias_variance, every_q=last == 0.0))
        for q, weight in zip(places, weights, strict=True)
    )


def depth_scale(chi: float | None) -> float | None:
    """Return −1/ln χ, in layers: infinite where χ is 1, negative where it is greater, 0 where it is 0."""
    if chi is None:
        return None
    if abs(chi - 1.0) <= CRITICAL:
        return math.inf
    return -1.0 / math.log(chi) if chi > 0.0 else 0.0


def mean_square(curve: Curve, q: Array) -> Array:
    """Return E[φ(√q·x)²] at each q (Q,)."""
    return expectation(lambda z: curve.value(z) ** 2, np.sqrt(q), curve.kink)


def mean_square_slope(curve: Curve, q: Array) -> Array:
    """Return E[φ′(√q·x)²] at each q (Q,)."""
    return expectation(lambda z: curve.slope(z) ** 2, np.maximum(np.sqrt(q), NO_SIGNAL), curve.kink)


def _grid(least: float, variances: float) -> Array:
    low, high = math.log10(least), math.log10(GREATEST_Q * max(1.0, variances))
    return np.logspace(low, high, math.ceil(A_DECADE * (high - low)))


def _roots(function: Callable[[Array], Array], grid: Array) -> tuple[list[float], float]:
    """Return where a function changes its sign, by bisection in log q, and its last sign; 0 if it is 0 throughout."""
    found = function(grid)
    (told,) = np.nonzero(np.abs(found) > ROUNDING)
    signs = np.sign(found[told])
    (changes,) = np.nonzero(np.diff(signs))
    low, high = np.log(grid[told[changes]]), np.log(grid[told[changes + 1]])
    for _ in range(60 if len(changes) else 0):
        middle = 0.5 * (low + high)
        before = np.sign(function(np.exp(middle))) == signs[changes]
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return np.exp(low).tolist(), float(signs[-1]) if len(signs) else 0.0


def _fixed_point(
    curve: Curve, q: float, weight_variance: float, bias_variance: float, every_q: bool = False
) -> FixedPoint:
    s = max(math.sqrt(q), NO_SIGNAL)
    scale = np.array([s])
    chi_1 = weight_variance * float(mean_square_slope(curve, np.array([q]))[0])
    pull = expectation(lambda z: z / s * (curve.value(z) / s) * curve.slope(z), scale, curve.kink)
    chi_q = weight_variance * float(pull[0])
    mean = float(expectation(curve.value, scale, curve.kink)[0]) if q else 0.0
    c_star, chi_c = _correlation(curve, q, mean, weight_variance, bias_variance, chi_1) if q else (None, None)
    return FixedPoint(
        q_star=q,
        stable=_stable(curve, q, weight_variance, bias_variance, chi_q),
        mean=mean,
        chi_1=chi_1,
        chi_q=chi_q,
        c_star=c_star,
        chi_c=chi_c,
        every_q=every_q,
        phase="critical" if abs(chi_1 - 1.0) <= CRITICAL else "ordered" if chi_1 < 1.0 else "chaotic",
    )


def _stable(curve: Curve, q: float, weight_variance: float, bias_variance: float, chi_q: float) -> bool:
    """Say whether a small departure from q* does not grow; where χ_q = 1 this is seen a little above q*."""
    if abs(abs(chi_q) - 1.0) > CRITICAL:
        return abs(chi_q) < 1.0
    above = q + 1e-4 * max(q, 1.0)
    mapped = weight_variance * float(mean_square(curve, np.array([above]))[0]) + bias_variance
    return mapped <= above * (1.0 + ROUNDING)


def _correlation(
    curve: Curve, q: float, mean: float, weight_variance: float, bias_variance: float, chi_1: float
) -> tuple[float | None, float]:
    """Return the c* that attracts and χ_c there; None and the χ_c of every c where every c is a fixed point."""
    at_zero = (weight_variance * mean**2 + bias_variance) / q
    if chi_1 > 1.0 + CRITICAL:
        return settled(curve, q, weight_variance, chi_1, at_zero)
    return None if at_zero == 0.0 and chi_1 >= 1.0 - CRITICAL else 1.0, chi_1
