"""The data sets that the lab makes; N examples, F features, K labels."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigmoid_lab.config import schema

Array = NDArray[np.float64]
Examples = tuple[Array, Array]
"""Inputs (N examples, F features) and 0/1 targets (N examples, K labels)."""


def random_labels(block: schema.RandomLabels, random: np.random.Generator) -> Examples:
    """Draw standard normal inputs, and labels by the toss of a coin."""
    inputs = random.standard_normal((block.samples, block.features))
    return inputs, random.integers(0, 2, (block.samples, 1)).astype(float)


def linear(block: schema.Linear, random: np.random.Generator) -> Examples:
    """Label standard normal inputs by the side of a random hyperplane."""
    normal = random.standard_normal((block.features, 1))
    inputs = random.standard_normal((block.samples, block.features))
    distance = inputs @ (normal / np.linalg.norm(normal))
    return inputs, _positive(distance + block.noise * random.standard_normal(distance.shape))


def blobs(block: schema.Blobs, random: np.random.Generator) -> Examples:
    """Draw two Gaussian clouds, their centres ``separation`` apart in a random direction."""
    direction = random.standard_normal(block.features)
    direction /= np.linalg.norm(direction)
    targets = _halves(block.samples, random)
    centres = (targets - 0.5) * block.separation * direction
    return centres + random.standard_normal((block.samples, block.features)), targets


def moons(block: schema.Moons, random: np.random.Generator) -> Examples:
    """Draw two half circles of radius 1, the second turned over and moved by (1, ½)."""
    targets = _halves(block.samples, random)
    angle = np.pi * random.random((block.samples, 1))
    upper = np.hstack([np.cos(angle), np.sin(angle)])
    lower = np.hstack([1.0 - np.cos(angle), 0.5 - np.sin(angle)])
    return _planar(np.where(targets == 1.0, lower, upper), block, random), targets


def circles(block: schema.Circles, random: np.random.Generator) -> Examples:
    """Draw a circle of radius 1 and, labelled positive, one of radius ½ inside it."""
    targets = _halves(block.samples, random)
    angle = 2.0 * np.pi * random.random((block.samples, 1))
    points = (1.0 - 0.5 * targets) * np.hstack([np.cos(angle), np.sin(angle)])
    return _planar(points, block, random), targets


def xor(block: schema.Xor, random: np.random.Generator) -> Examples:
    """Draw points of a square, positive where the coordinates differ in sign; noise moves them afterwards."""
    points = random.uniform(-1.0, 1.0, (block.samples, 2))
    targets = _positive(-points[:, :1] * points[:, 1:])
    return _planar(points, block, random), targets


def multilabel(block: schema.Multilabel, random: np.random.Generator) -> Examples:
    """Draw a chain of labels: each a half-space of the inputs, moved by the label before it.

    Label k is positive where w_k·x + dependence·(2y_{k−1} − 1) > 0 with ‖w_k‖ = 1 (a classifier chain,
    Read et al. 2011); hyperplanes in random directions overlap, so an example may have none, one or all.
    """
    normals = random.standard_normal((block.features, block.labels))
    inputs = random.standard_normal((block.samples, block.features))
    scores = inputs @ (normals / np.linalg.norm(normals, axis=0))
    targets = np.empty_like(scores)
    pull = np.zeros(block.samples)
    for label in range(block.labels):
        targets[:, label] = scores[:, label] + pull > 0.0
        pull = block.dependence * (2.0 * targets[:, label] - 1.0)
    return inputs, targets


GENERATORS: dict[str, Callable[[Any, np.random.Generator], Examples]] = {
    "random-labels": random_labels,
    "linear": linear,
    "blobs": blobs,
    "moons": moons,
    "circles": circles,
    "xor": xor,
    "multilabel": multilabel,
}


def _positive(score: Array) -> Array:
    return (score > 0.0).astype(float)


def _halves(samples: int, random: np.random.Generator) -> Array:
    """Return as many zeros as ones (one fewer where the count is odd), shuffled, (N examples, 1)."""
    return random.permutation(np.arange(samples) % 2).astype(float)[:, None]


def _planar(points: Array, block: schema.PlanarData, random: np.random.Generator) -> Array:
    """Add the noise, and the features that mean nothing."""
    noisy = points + block.noise * random.standard_normal(points.shape)
    return np.hstack([noisy, random.standard_normal((len(points), block.features - 2))])
