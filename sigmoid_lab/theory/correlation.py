"""Where two signals' correlation settles: c* of C(c) = (σ_w² E[φ(u)φ(u′)] + σ_b²)/q*; see ``theory/mean_field.py``.

Near the critical line c* is so near 1 that C(c) − c is rounding. Hence ε = 1 − c is sought, by what is summed without
cancellation, with u and u′ the sum and the difference of two independent normals of variance (1 ∓ ε/2)·q* and ½ε·q*:

    1 − C(1 − ε) = ½σ_w² E[(φ(u) − φ(u′))²]/q*,    χ₁ − χ_c = ½σ_w² E[(φ′(u) − φ′(u′))²]

The first, over ε, falls from χ₁ at ε = 0, because C is convex, and passes 1 at 1 − c*.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sigmoid_lab.theory.activations import Array, Curve, Function
from sigmoid_lab.theory.gaussian import REACH, legendre, nodes

ROUNDING = 1e-15
"""ln((1 − C)/ε) this near to 0 is 0."""


def settled(curve: Curve, q: float, weight_variance: float, chi_1: float, at_zero: float) -> tuple[float, float]:
    """Return c* < 1 and χ_c there, for a fixed point q > 0 with χ₁ > 1 and C(0) = ``at_zero``."""

    def excess(root: float) -> float:
        """Return ln((1 − C(1 − ε))/ε) from √ε, in which it is smooth also where φ has kinks."""
        epsilon = root * root
        return math.log(weight_variance * half_square(curve.value, q, epsilon, curve.kink) / (q * epsilon))

    epsilon = _crossing(excess, math.log(chi_1), math.log1p(-at_zero)) ** 2
    return 1.0 - epsilon, chi_1 - weight_variance * half_square(curve.slope, q, epsilon, curve.kink)


def half_square(function: Function, q: float, epsilon: float, kink: float = 0.0) -> float:
    """Return ½E[(f(u) − f(u′))²] for u, u′ of variance q and correlation 1 − ε, f smooth but at 0 and ±``kink``."""
    together, apart = math.sqrt(q * (1.0 - 0.5 * epsilon)), math.sqrt(0.5 * q * epsilon)
    y, weight = (found[0] for found in nodes(np.array([apart]), kink))
    difference = apart * y[:, None]
    total, inner = _sums(together, difference, kink)
    square = sum((function(m + difference) - function(m - difference)) ** 2 for m in (total, -total))
    return float(np.sum(weight[:, None] * inner * square))


def _sums(deviation: float, difference: Array, kink: float) -> tuple[Array, Array]:
    """Return where to look for half the sum of u and u′, (D differences, M nodes), and what it counts.

    Panels are as fine as f, whose scale is 1, needs where u or u′ is 0, and end where one of them is a kink.
    """
    reach = REACH * deviation
    steps = 2.0 ** np.arange(-1.0, math.ceil(math.log2(max(reach, 1.0))) + 1.0)
    kinks = np.hstack([np.abs(kink - difference), kink + difference])
    units = np.tile(deviation * np.arange(REACH + 1.0), (len(difference), 1))
    edges = np.sort(np.hstack([difference - steps, difference, difference + steps, kinks, units])).clip(0.0, reach)
    half = 0.5 * np.diff(edges)[:, :, None]
    point, weight = legendre()
    total = (edges[:, :-1, None] + half * (1.0 + point)).reshape(len(difference), -1)
    density = np.exp(-0.5 * (total / deviation) ** 2) / (math.sqrt(2.0 * math.pi) * deviation)
    return total, (half * weight).reshape(len(difference), -1) * density


def _crossing(function: Callable[[float], float], at_zero: float, at_one: float) -> float:
    """Return where a function falls through 0 between 0 and 1, by regula falsi (Illinois; Dowell and Jarratt 1971)."""
    low, high, above, below, place, found = 0.0, 1.0, at_zero, at_one, 1.0, at_one
    while abs(found) > ROUNDING:
        place, last = low + (high - low) * above / (above - below), found
        if not low < place < high:
            break
        found = function(place)
        same = found * last > 0.0
        if found > 0.0:
            low, above, below = place, found, 0.5 * below if same else below
        else:
            high, below, above = place, found, 0.5 * above if same else above
    return place
