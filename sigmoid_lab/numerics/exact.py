"""What is right: σ, its slope and the cross-entropy as real numbers, and what they are worth in a format.

Real numbers have PRECISION bits here; a rounded one could be wrong only where the real one lies that near to the middle
of two neighbours. σ comes nearest to such a middle at |z| = 2^−52 in float64, where ½ + z/4 is one and −z³/48, or
2^−161, decides.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import copysign, inf, isfinite, isinf, isnan, ldexp
from typing import TYPE_CHECKING

from sigmoid_lab.numerics.formats import Format

if TYPE_CHECKING:
    from mpmath import MPContext, mpf

PRECISION = 400
REMEMBERED = 4096


@cache
def _arithmetic() -> MPContext:
    from mpmath import MPContext

    context = MPContext()
    context.prec = PRECISION
    return context


@lru_cache(REMEMBERED)
def sigmoid(z: float) -> mpf:
    """Return σ(z); 0 and 1 at ∓∞."""
    if z < 0.0:
        power = _arithmetic().exp(z)
        return power / (1 + power)
    return 1 / (1 + _arithmetic().exp(-_arithmetic().mpf(z)))


@lru_cache(REMEMBERED)
def slope(z: float) -> mpf:
    """Return σ′(z) = σ(z)·σ(−z); 0 at ±∞."""
    return sigmoid(z) * sigmoid(-z)


@lru_cache(REMEMBERED)
def cross_entropy(z: float, target: int) -> mpf:
    """Return −log σ(z) for target 1 and −log σ(−z) for target 0."""
    return _softplus(-z if target else z)


@lru_cache(REMEMBERED)
def cross_entropy_slope(z: float, target: int) -> mpf:
    """Return σ(z) − y for target y, 0 or 1, without the cancellation."""
    return -sigmoid(-z) if target else sigmoid(z)


def _softplus(z: float) -> mpf:
    """Return log(1 + e^z)."""
    context = _arithmetic()
    if z > 0.0:
        return context.mpf(z) + context.log1p(context.exp(-context.mpf(z)))
    return context.log1p(context.exp(context.mpf(z)))


def rounded(real: mpf | float, form: Format) -> float:
    """Return the value of a format that is nearest to a real number, the even one of two; ±∞ beyond the greatest."""
    real = _arithmetic().mpf(real)
    if not _arithmetic().isfinite(real):
        return float(real)
    digits, exponent = real.man_exp
    place = max(digits.bit_length() + exponent - 1, form.least_exponent) - form.precision + 1
    units = _shifted(digits, exponent - place)
    if units.bit_length() + place - 1 > form.greatest_exponent:
        return -inf if real < 0 else inf
    return copysign(ldexp(units, place), -1.0 if real < 0 else 1.0)


def _shifted(digits: int, exponent: int) -> int:
    """Return digits·2^exponent as the nearest integer, the even one of two."""
    if exponent >= 0:
        return digits << exponent
    if -exponent > digits.bit_length() + 1:
        return 0
    whole, rest = divmod(digits, 1 << -exponent)
    half = 1 << (-exponent - 1)
    return whole + (rest > half or (rest == half and whole % 2 == 1))


def error_in_ulp(value: float, real: mpf, form: Format) -> float:
    """Return how far a value is from a real number, in units of the last place of the latter, rounded.

    What is not a finite number is 0 off where it is right, and infinitely far where it is not.
    """
    right = rounded(real, form)
    if isnan(right) or isinf(right) or not isfinite(value):
        return 0.0 if value == right or (isnan(value) and isnan(right)) else inf
    return float(_arithmetic().ldexp(abs(_arithmetic().mpf(value) - real), -form.place(right)))
