"""First weights: drawn network by network from each one's own seed, so that no neighbour changes them."""

from collections.abc import Sequence
from functools import lru_cache
from math import prod, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sigmoid_lab.config.schema import Initialisation
from sigmoid_lab.data.streams import stream
from sigmoid_lab.engine.networks import Network, linear_layers
from sigmoid_lab.theory.initialisations import Distribution, Moments, moments

Array = NDArray[np.float64]


def initialise(
    network: Network, init: Initialisation, seeds: Sequence[int], device: torch.device, dtype: torch.dtype
) -> None:
    """Give a stack new weights and biases, a copy a seed: drawn in float64, one stream a network, all weights first."""
    layers = linear_layers(network)
    shapes = [(layer.weight.shape[-2], layer.weight.shape[-1]) for layer in layers]
    schemes = [moments(init, fan_in, fan_out) for fan_out, fan_in in shapes]
    drawn = [
        *shapes,
        *((fan_out,) for (fan_out, _), scheme in zip(shapes, schemes, strict=True) if scheme.bias_variance),
    ]
    draws = _standard_draws(schemes[0].distribution, tuple(seeds), tuple(drawn))
    for layer, scheme, weight in zip(layers, schemes, draws, strict=False):
        layer.weight = nn.Parameter(torch.from_numpy(np.ascontiguousarray(_weight(scheme, weight))).to(device, dtype))
    biases = iter(draws[len(layers) :])
    for layer, scheme, (fan_out, _) in zip(layers, schemes, shapes, strict=True):
        bias = sqrt(scheme.bias_variance) * next(biases) if scheme.bias_variance else np.zeros((len(seeds), fan_out))
        layer.bias = nn.Parameter(torch.from_numpy(bias).to(device, dtype))


@lru_cache(maxsize=1)
def _standard_draws(
    distribution: Distribution, seeds: tuple[int, ...], shapes: tuple[tuple[int, ...], ...]
) -> list[NDArray[np.float64]]:
    """Draw numbers of mean 0 and variance 1, (E networks, *shape) for each shape, one after another in each stream.

    Kept for the next stack, which has the same seeds and often the same shapes.
    """
    ends = np.cumsum([prod(shape) for shape in shapes])
    numbers = np.empty((len(seeds), ends[-1]))
    for row, seed in zip(numbers, seeds, strict=True):
        random = stream(seed, "weights")
        random.random(out=row) if distribution == "uniform" else random.standard_normal(out=row)
    if distribution == "uniform":
        numbers = sqrt(3.0) * (2.0 * numbers - 1.0)
    parts = np.split(numbers, ends[:-1], axis=1)
    return [part.reshape(len(seeds), *shape) for part, shape in zip(parts, shapes, strict=True)]


def _weight(scheme: Moments, draws: Array) -> Array:
    """Turn a layer's standard draws, (E networks, out, in), into its weights."""
    if scheme.distribution != "orthogonal":
        return sqrt(scheme.weight_variance) * draws
    weight: Array = sqrt(scheme.weight_variance * max(draws.shape[1:])) * orthogonal(draws)
    return weight


def orthogonal(draws: Array) -> Array:
    """Return the Q of each normal matrix, its signs chosen so that Q is uniform (Mezzadri 2007, section 5)."""
    wide = draws.shape[1] < draws.shape[2]
    q, r = np.linalg.qr(draws.swapaxes(1, 2) if wide else draws)
    q *= np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None, :]
    return q.swapaxes(1, 2) if wide else q
