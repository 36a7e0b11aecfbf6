"""E[f(u)f(v)] of two correlated Gaussians, as a power series in their correlation.

With f(s·x) = Σ aₙ(s)·heₙ(x), heₙ the Hermite polynomials normalised under N(0, 1), and u, v of standard deviations
s, t and correlation c, Mehler's formula gives E[f(u)f(v)] = Σ aₙ(s)·aₙ(t)·cⁿ (O'Donnell 2014, section 11.2). What is
left out from order N on is known exactly at c = ±1, where the whole series is E[f(u)²] and E[f(u)f(−u)]; in between it
is given the shape of ∫ n^(−p)·cⁿ dn over n > N − ½, with the p that a jump of f, or of its slope, leads to; and where s
and t differ, the geometric mean of both sizes, which bounds it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from sigmoid_lab.theory.activations import Array, Function
from sigmoid_lab.theory.gaussian import nodes

NEGLIGIBLE = 1e-13
"""A term below this share of E[f²] is rounding."""
PLACES, REACH = 200, 5
"""Steps of a table for every 1 of its argument, and where it ends."""


@dataclass(frozen=True)
class Series:
    """f(s·x) for many s: aₙ(s), (…, N terms), and what its even and odd terms beyond them add up to, (…,) each."""

    coefficients: Array
    even_rest: Array
    odd_rest: Array
    smooth: bool
    """Whether f is continuous, and at most its slope jumps."""

    @property
    def square(self) -> Array:
        """Return E[f(s·x)²], (…,)."""
        total: Array = np.sum(self.coefficients**2, axis=-1) + self.even_rest + self.odd_rest
        return total

    def __getitem__(self, index: Any) -> Series:
        """Return the series of some s, or with axes added."""
        return Series(self.coefficients[index], self.even_rest[index], self.odd_rest[index], self.smooth)

    def interpolated(self, matrix: Array) -> Series:
        """Return series at places between the S that this one has, by a matrix (…, S) of weights."""
        even, odd = (np.maximum(matrix @ rest, 0.0) for rest in (self.even_rest, self.odd_rest))
        return Series(matrix @ self.coefficients, even, odd, self.smooth)


def expand(function: Function, scale: Array, kink: float, terms: int, smooth: bool = True) -> Series:
    """Return the series of f(s·x) at each s of ``scale`` (S,); f may have kinks or jumps at 0 and ±``kink``."""
    x, weight = nodes(scale, kink, math.sqrt(terms))
    z = scale[:, None] * x
    right, left = function(z), function(-z)
    parts = 0.5 * (right + left), 0.5 * (right - left)
    weighted = tuple(2.0 * weight * part for part in parts)
    coefficients = np.empty((len(scale), terms))
    before, polynomial = np.zeros_like(x), np.ones_like(x)
    for n in range(terms):
        coefficients[:, n] = np.einsum("sm,sm->s", weighted[n % 2], polynomial)
        before, polynomial = polynomial, (x * polynomial - math.sqrt(n) * before) / math.sqrt(n + 1)
    squares = [np.einsum("sm,sm->s", *pair) for pair in zip(weighted, parts, strict=True)]
    coefficients[coefficients**2 <= NEGLIGIBLE * sum(squares)[:, None]] = 0.0
    rests = (square - np.sum(coefficients[:, parity::2] ** 2, axis=1) for parity, square in enumerate(squares))
    even, odd = (np.where(rest > NEGLIGIBLE * sum(squares), rest, 0.0) for rest in rests)
    return Series(coefficients, even, odd, smooth)


def product(one: Series, other: Series, correlation: Array) -> Array:
    """Return E[f(u)f(v)] at each ``correlation`` (…,), f(u) and f(v) being series that broadcast against it."""
    total, room = np.zeros_like(correlation), np.empty_like(correlation)
    terms = one.coefficients.shape[-1]
    counts = np.any(one.coefficients.reshape(-1, terms), axis=0) & np.any(other.coefficients.reshape(-1, terms), axis=0)
    for n in reversed(range(int(np.max(np.nonzero(counts), initial=-1)) + 1)):
        total *= correlation
        if counts[n]:
            total += np.multiply(one.coefficients[..., n], other.coefficients[..., n], out=room)
    even, odd = np.sqrt(one.even_rest * other.even_rest), np.sqrt(one.odd_rest * other.odd_rest)
    if np.any(even) or np.any(odd):
        total += (even + np.sign(correlation) * odd) * _rest(correlation, terms, one.smooth)
    return total


def _rest(correlation: Array, terms: int, smooth: bool) -> Array:
    """Return ∫ n^(−p)·|c|ⁿ dn over n > N − ½, over its value at c = 1; p = 5/2 where f is smooth and else 3/2."""
    root = np.sqrt((0.5 - terms) * np.log(np.clip(np.abs(correlation), 1e-300, 1.0)))
    table = _rest_table(smooth)
    place = np.minimum(root * PLACES, PLACES * REACH - 1.0)
    left = place.astype(int)
    share = place - left
    shape: Array = (1.0 - share) * table[left] + share * table[left + 1]
    return shape


@lru_cache(maxsize=2)
def _rest_table(smooth: bool) -> Array:
    """Return the incomplete gamma function Γ(1 − p, r²) over its asymptote at 0, in closed form, at even steps of r."""
    shapes = []
    for place in range(PLACES * REACH + 1):
        r = place / PLACES
        decay, tail = math.exp(-r * r), math.sqrt(math.pi) * r * math.erfc(r)
        shapes.append((1.0 - 2.0 * r * r) * decay + 2.0 * r * r * tail if smooth else decay - tail)
    shapes[-2:] = 0.0, 0.0
    return np.array(shapes)
