"""Expectations under a Gaussian, E[f(s·x)] with x ~ N(0, 1), for every scale s of interest at once.

Gauss–Hermite nodes miss what a function does near 0 where s is large. Here x ≥ 0 is divided into panels that no kink
lies inside, as fine near 0 as the function (whose own scale is 1) needs and nowhere coarser than the Gaussian needs;
each has its own Gauss–Legendre rule. f is summed over pairs ±x, so that what is odd in f cancels exactly.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sigmoid_lab.theory.activations import Array, Function

NODES = 16
"""Gauss–Legendre nodes of a panel."""
TURN = 16.0
"""Radians that a wave turns in a panel at most: 16 nodes integrate e^(i·8·t) over −1 … 1 to 2e-16."""
REACH = 13.0
"""Where the Gaussian ends: beyond, x² and Hermite functions times the density are below 1e-17."""


class Nodes(NamedTuple):
    """Where to look and what it counts: x > 0 and weights, (S scales, M nodes) each; the weights sum to ½."""

    x: Array
    weight: Array


def nodes(scale: Array, kink: float = 0.0, waves: float = 0.0) -> Nodes:
    """Return quadrature nodes for f(s·x) at each s of ``scale`` (S,), f smooth but at 0 and ±``kink``.

    They are close enough for f times a wave that turns by ``waves`` rad while x grows by 1.
    """
    inverse = 1.0 / np.maximum(scale, 1.0)[:, None]
    halvings = int(np.ceil(np.log2(np.max(scale, initial=1.0)))) + 1
    fine = inverse ** np.linspace(1.0, 0.0, halvings)[None, :]
    edges = np.hstack([np.zeros_like(inverse), 0.5 * inverse, fine, *_beyond_one(scale, kink, max(1.0, waves / TURN))])
    edges.sort(axis=1)
    half = 0.5 * np.diff(edges, axis=1)[:, :, None]
    point, weight = legendre()
    x = (edges[:, :-1, None] + half * (1.0 + point)).reshape(len(scale), -1)
    density = np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi)
    return Nodes(x, (half * weight).reshape(len(scale), -1) * density)


def _beyond_one(scale: Array, kink: float, panels: float) -> list[Array]:
    """Return the edges of so many panels a unit, from 1 to the end, and the kink's place where it lies before that."""
    units = np.tile(np.linspace(1.0, REACH, 1 + math.ceil((REACH - 1.0) * panels))[1:], (len(scale), 1))
    if kink == 0.0:
        return [units]
    place = kink / np.maximum(scale, kink / REACH)
    return [units, place[:, None]]


@lru_cache(maxsize=1)
def legendre() -> tuple[Array, Array]:
    """Return the points and weights of one panel, from −1 to 1."""
    point, weight = np.polynomial.legendre.leggauss(NODES)
    return point, weight


def expectation(function: Function, scale: Array, kink: float = 0.0) -> Array:
    """Return E[f(s·x)] for each s of ``scale`` (S,), to about 1e-13 of E|f(s·x)|.

    Relative to E|f|, that is, and not to a mean that nearly cancels; where f is odd the mean is exactly 0.
    """
    x, weight = nodes(scale, kink)
    z = scale[:, None] * x
    mean: Array = np.sum(weight * (function(z) + function(-z)), axis=1)
    return mean
