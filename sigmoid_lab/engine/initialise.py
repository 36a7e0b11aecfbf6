"""First weights: drawn network by network from each one's own seed, so that no neighbour changes them."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sigmoid_lab.config.schema import Initialisation
from sigmoid_lab.data.streams import stream
from sigmoid_lab.engine.networks import Network, linear_layers
from sigmoid_lab.theory.initialisations import Moments, moments

Array = NDArray[np.float64]


def initialise(
    network: Network, init: Initialisation, seeds: Sequence[int], device: torch.device, dtype: torch.dtype
) -> None:
    """Give a stack new weights and biases, a copy a seed: drawn in float64, one stream a network, all weights first."""
    layers = linear_layers(network)
    shapes = [(layer.weight.shape[-2], layer.weight.shape[-1]) for layer in layers]
    schemes = [moments(init, fan_in, fan_out) for fan_out, fan_in in shapes]
    weights = [np.empty((len(seeds), *shape)) for shape in shapes]
    biases = [np.zeros((len(seeds), fan_out)) for fan_out, _ in shapes]
    for copy, seed in enumerate(seeds):
        random = stream(seed, "weights")
        for scheme, weight in zip(schemes, weights, strict=True):
            weight[copy] = draw_weight(scheme, weight[copy].shape, random)
        for scheme, bias in zip(schemes, biases, strict=True):
            if scheme.bias_variance > 0.0:
                bias[copy] = _draw(scheme.distribution, scheme.bias_variance, bias[copy].shape, random)
    for layer, weight, bias in zip(layers, weights, biases, strict=True):
        layer.weight = nn.Parameter(torch.from_numpy(weight).to(device, dtype))
        layer.bias = nn.Parameter(torch.from_numpy(bias).to(device, dtype))


def draw_weight(scheme: Moments, shape: tuple[int, int], random: np.random.Generator) -> Array:
    """Draw one layer's weight, (out, in)."""
    if scheme.distribution != "orthogonal":
        return _draw(scheme.distribution, scheme.weight_variance, shape, random)
    return sqrt(scheme.weight_variance * max(shape)) * _orthogonal(shape, random)


def _draw(distribution: str, variance: float, shape: tuple[int, ...], random: np.random.Generator) -> Array:
    if distribution == "uniform":
        bound = sqrt(3.0 * variance)
        return random.uniform(-bound, bound, shape)
    return sqrt(variance) * random.standard_normal(shape)


def _orthogonal(shape: tuple[int, int], random: np.random.Generator) -> Array:
    """Return the Q of a normal matrix, its signs chosen so that Q is uniform (Mezzadri 2007, section 5)."""
    tall = random.standard_normal((max(shape), min(shape)))
    q, r = np.linalg.qr(tall)
    q *= np.sign(np.diag(r))
    return q if shape[0] >= shape[1] else q.T
