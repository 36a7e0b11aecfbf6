"""E[f(u)f(v)] of two correlated Gaussians, as a power series in their correlation.

With f(s·x) = Σ aₙ(s)·heₙ(x), heₙ the Hermite polynomials normalised under N(0, 1), and u, v of standard deviations s, t
and correlation c, Mehler's formula gives E[f(u)f(v)] = Σ aₙ(s)·aₙ(t)·cⁿ (O'Donnell 2014, section 11.2). What is left out
from order N on is known exactly at c = ±1, where the whole series is E[f(u)²] and E[f(u)f(−u)]; in between it is given
the shape of ∫ n^(−p)·cⁿ dn over n > N − ½, with the p that a jump of f, or of its slope, leads to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sigmoid_lab.theory.activations import Array, Function
from sigmoid_lab.theory.gaussian import nodes

NEGLIGIBLE = 1e-13
"""A rest below this share of E[f²] is rounding."""


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


def expand(function: Function, scale: Array, kink: float, terms: int, smooth: bool = True) -> Series:
    """Return the series of f(s·x) at each s of ``scale`` (S,); f may have kinks or jumps at 0 and ±``kink``."""
    x, weight = nodes(scale, kink)
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
    rests = (square - np.sum(coefficients[:, parity::2] ** 2, axis=1) for parity, square in enumerate(squares))
    even, odd = (np.where(rest > NEGLIGIBLE * sum(squares), rest, 0.0) for rest in rests)
    return Series(coefficients, even, odd, smooth)


def product(one: Series, other: Series, correlation: Array) -> Array:
    """Return E[f(u)f(v)] at each ``correlation`` (…,), f(u) and f(v) being series that broadcast against it."""
    total = np.zeros_like(correlation)
    for n in reversed(range(one.coefficients.shape[-1])):
        total = total * correlation + one.coefficients[..., n] * other.coefficients[..., n]
    even, odd = np.sqrt(one.even_rest * other.even_rest), np.sqrt(one.odd_rest * other.odd_rest)
    if np.any(even) or np.any(odd):
        shape = _rest(correlation, one.coefficients.shape[-1], one.smooth)
        total += (even + np.sign(correlation) * odd) * shape
    return total


def _rest(correlation: Array, terms: int, smooth: bool) -> Array:
    """Return ∫ n^(−p)·|c|ⁿ dn over n > N − ½, over its value at c = 1; p = 5/2 where f is smooth and else 3/2."""
    root = np.sqrt(-(terms - 0.5) * np.log(np.clip(np.abs(correlation), 1e-300, 1.0)))
    places, shapes = _rest_table(smooth)
    return np.interp(root, places, shapes, right=0.0)


@lru_cache(maxsize=2)
def _rest_table(smooth: bool) -> tuple[Array, Array]:
    """Return the incomplete gamma function Γ(1 − p, r²) over its asymptote at 0, at r from 0 to 5, in closed form."""
    places = np.linspace(0.0, 5.0, 1001)
    shapes = []
    for r in places.tolist():
        decay, tail = math.exp(-r * r), math.sqrt(math.pi) * r * math.erfc(r)
        shapes.append((1.0 - 2.0 * r * r) * decay + 2.0 * r * r * tail if smooth else decay - tail)
    return places, np.array(shapes)
