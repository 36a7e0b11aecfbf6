"""The expected squared norm of every weight's gradient, over the draws of the weights, for given batches.

With layers l = 1…L, Dₗ units in layer l (D₀ inputs), weights of variance vₗ, biases of variance βₗ, and examples b, b′:

    forward    Hᵇᵇ′ = E[aₗ(b)·aₗ(b′)]/Dₗ = E[φ(u)φ(u′)],  (u, u′) Gaussian of covariance Kₗ = vₗDₗ₋₁Hₗ₋₁ + βₗ
               (Cho and Saul 2009, section 2; Poole et al. 2016, equations 3 and 5)
    output     Δᵇᵇ′ = E[∂ℓ/∂z(b) · ∂ℓ/∂z(b′)], z Gaussian of covariance K_L, ℓ the mean loss of the batch
    backward   Δₗ = vₗ₊₁Dₗ₊₁ Δₗ₊₁ ⊙ E[φ′(u)φ′(u′)]  (Schoenholz et al. 2017, mean field theory of
               backpropagation, there for b = b′)
    gradients  E‖∂ℓ/∂Wₗ‖² = DₗDₗ₋₁ Σ over b, b′ of Δₗ ⊙ Hₗ₋₁

The terms of different examples decide from layer 2 on: there are B² − B of them, and where activations have a mean, or
the network makes all examples alike, they are as large as the others.

What is exact: H₀, and K₁ whatever the weights are drawn from. What is approximate: that u is Gaussian, which for layer
1 takes many inputs or normal weights, and elsewhere wide layers; that backward weights are independent of forward ones
(proved for infinite width by Yang 2019); and that kernels equal their means. Kernels fluctuate by about 1/√width, which
for different examples adds terms of order B/width to the squares: where activations keep examples apart, as large
weights make them do, the last layers' norms are predicted that much too small.

No spread is told: the one that is known to first order in 1/width (``theory/network.py``) is that of ∂ℓ/∂z for one
input. Single norms of a batch vary with the output's z too, and less where examples differ, so that it neither bounds
nor estimates how much: 4 and 16 layers of 64 ReLU units, He's weights and 32 examples gave standard deviations of the
logarithm of layer 1's norm of 0.27 and 0.44 where it says 0.28 and 0.56, and 0.23 for one layer, where it says 0.14.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sigmoid_lab.theory.activations import CURVES, Array, Function
from sigmoid_lab.theory.hermite import Series, expand, product
from sigmoid_lab.theory.initialisations import Moments, moments
from sigmoid_lab.theory.losses import SLOPES
from sigmoid_lab.vocabulary import ActivationName, LossName

if TYPE_CHECKING:
    from sigmoid_lab.config.schema import Initialisation

TERMS = 24
LEAST_SCALES, SCALES_A_FACTOR_E = 12, 7
"""Chebyshev nodes between the least and the greatest deviation of u over examples; with 12 alone hard-tanh's norms were
2 % off where examples differ by a hundred."""
LEAST_SHARE = 1e-3
"""A deviation below this share of the greatest counts as that share."""
BLOCK = 2**14
"""Pairs of examples worked on at a time, which a core's cache holds."""
LARGEST = 1e140
"""Variances beyond this, or below its inverse, leave what a float can square."""


@dataclass(frozen=True)
class Layer:
    """A linear layer: its inputs, its units, and how it is drawn."""

    fan_in: int
    units: int
    moments: Moments


@dataclass(frozen=True)
class Kernels:
    """H of every hidden layer's inputs and of the output layer's, and E[φ′φ′] of every hidden layer, (R, B, B) each."""

    inputs: tuple[Array, ...]
    slopes: tuple[Array, ...]


def layers_of(init: Initialisation, widths: Sequence[int]) -> tuple[Layer, ...]:
    """Return the linear layers of a network of ``widths``, inputs first."""
    return tuple(Layer(*pair, moments(init, *pair)) for pair in pairwise(widths))


def forward(activation: ActivationName, hidden: Sequence[Layer], inputs: Array) -> Kernels | None:
    """Return the kernels of R batches, ``inputs`` (R batches, B examples, F features).

    None where there is no theory: orthogonal weights, which are not independent, and signals that overflow.
    """
    curve = CURVES[activation]
    kernels = [inputs @ inputs.swapaxes(1, 2) / inputs.shape[2]]
    slopes: list[Array] = []
    for layer in hidden:
        covariance = _covariance(layer, kernels[-1])
        if covariance is None:
            return None
        deviation, correlation = covariance
        kernels.append(_kernel(curve.value, deviation, correlation, curve.kink))
        slopes.append(_kernel(curve.slope, deviation, correlation, curve.kink, not curve.slope_jumps))
    return Kernels(tuple(kernels), tuple(slopes))


def rms_by_layer(kernels: Kernels, layers: Sequence[Layer], loss: LossName, targets: Array) -> list[float] | None:
    """Return √E‖∂ℓ/∂Wₗ‖² of every layer, over draws of the weights and the R batches; ``targets`` (R, B, K labels).

    None where there is no theory.
    """
    output = _output(kernels.inputs[-1], layers[-1], loss, targets)
    if output is None:
        return None
    back, scale, found = output, 0.0, [_rms(output, kernels.inputs[-1], layers[-1], 0.0)]
    for inputs, slopes, layer, above in reversed(
        list(zip(kernels.inputs, kernels.slopes, layers, layers[1:], strict=False))
    ):
        back, more = _scaled(back * slopes)
        scale += more + _gain(above)
        found.append(_rms(back, inputs, layer, scale))
    return found[::-1]


def rms_of_first_layer(
    kernels: Kernels, hidden: Sequence[Layer], output: Layer, loss: LossName, targets: Array
) -> list[float | None]:
    """Return √E‖∂ℓ/∂W₁‖² of the networks that have the first 1, 2, … of the ``hidden`` layers, then the output layer.

    All hidden layers have one width; None where there is no theory.
    """
    found: list[float | None] = []
    path, scale = np.ones_like(kernels.inputs[0]), 0.0
    for depth, (inputs, slopes) in enumerate(zip(kernels.inputs[1:], kernels.slopes, strict=True), start=1):
        path, more = _scaled(path * slopes)
        scale += more
        back = _output(inputs, output, loss, targets)
        found.append(None if back is None else _rms(back * path, kernels.inputs[0], hidden[0], scale + _gain(output)))
        scale += _gain(hidden[min(depth, len(hidden) - 1)])
    return found


def _output(inputs: Array, layer: Layer, loss: LossName, targets: Array) -> Array | None:
    """Return Δ of the output layer, (R, B, B): the mean over its K units, each with labels of its own."""
    covariance = _covariance(layer, inputs)
    if covariance is None:
        return None
    deviation, correlation = covariance
    total = np.zeros_like(correlation)
    low, high = (_series(_of_label(loss, label), deviation) for label in (0.0, 1.0))
    for of_label in np.moveaxis(targets, 2, 0):
        series = _chosen(of_label == 1.0, high, low)
        total += _products(series, correlation)
    _, examples, labels = targets.shape
    total /= labels * (examples * labels) ** 2
    return total


def _of_label(loss: LossName, label: float) -> Function:
    return lambda z: SLOPES[loss](z, label)


def _covariance(layer: Layer, inputs: Array) -> tuple[Array, Array] | None:
    """Return the deviations of u, (R, B), and its correlations, (R, B, B); None where there is no theory."""
    drawn = layer.moments
    if drawn.distribution == "orthogonal":
        return None
    covariance = drawn.weight_variance * layer.fan_in * inputs + drawn.bias_variance
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    greatest = float(variance.max())
    if not 1.0 / LARGEST < greatest < LARGEST:
        return None
    deviation = np.sqrt(np.maximum(variance, LEAST_SHARE**2 * greatest))
    correlation = covariance / (deviation[:, :, None] * deviation[:, None, :])
    return deviation, np.clip(correlation, -1.0, 1.0)


def _kernel(function: Function, deviation: Array, correlation: Array, kink: float, smooth: bool = True) -> Array:
    return _products(_series(function, deviation, kink, smooth), correlation)


def _products(series: Series, correlation: Array) -> Array:
    """Return E[f(u)f(u′)] for every pair of examples, (R, B, B), a few batches at a time."""
    step = max(1, BLOCK // correlation[0].size)
    blocks = (slice(start, start + step) for start in range(0, len(correlation), step))
    return np.concatenate([product(series[b, :, None], series[b, None], correlation[b]) for b in blocks])


def _series(function: Function, deviation: Array, kink: float = 0.0, smooth: bool = True) -> Series:
    """Return the series of f at every example's deviation, (R, B), by interpolation between a few deviations."""
    places, matrix = _interpolation(np.log(deviation))
    return expand(function, np.exp(places), kink, TERMS, smooth).interpolated(matrix)


def _interpolation(at: Array) -> tuple[Array, Array]:
    """Return Chebyshev nodes (S,) that span ``at`` (R, B), and the matrix (R, B, S) that interpolates between them.

    Barycentric formula (Berrut and Trefethen 2004, equations 4.2 and 5.3).
    """
    middle, half = 0.5 * (at.max() + at.min()), 0.5 * (at.max() - at.min()) + 1e-3
    count = max(LEAST_SCALES, math.ceil(SCALES_A_FACTOR_E * 2.0 * half))
    angles = math.pi * (np.arange(count) + 0.5) / count
    places = middle + half * np.cos(angles)
    gaps = at[..., None] - places
    gaps[gaps == 0.0] = 1e-300
    weights = (-1.0) ** np.arange(count) * np.sin(angles) / gaps
    return places, weights / weights.sum(axis=-1, keepdims=True)


def _chosen(where: NDArray[np.bool_], one: Series, other: Series) -> Series:
    coefficients = np.where(where[..., None], one.coefficients, other.coefficients)
    even = np.where(where, one.even_rest, other.even_rest)
    odd = np.where(where, one.odd_rest, other.odd_rest)
    return Series(coefficients, even, odd, one.smooth)


def _scaled(kernel: Array) -> tuple[Array, float]:
    """Return a kernel over its greatest entry, and the logarithm of that: deep products leave what a float holds."""
    greatest = float(np.abs(kernel).max())
    return (kernel / greatest, math.log(greatest)) if greatest > 0.0 else (kernel, 0.0)


def _gain(layer: Layer) -> float:
    """Return ln(vₗDₗ), what a layer's weights do to a squared gradient on its way down."""
    return math.log(layer.moments.weight_variance * layer.units)


def _rms(back: Array, inputs: Array, layer: Layer, scale: float) -> float:
    mean_square = layer.units * layer.fan_in * float(np.sum(back * inputs)) / len(inputs)
    return math.sqrt(max(mean_square, 0.0)) * _exp(0.5 * scale)


def _exp(x: float) -> float:
    return math.exp(x) if x < 709.0 else math.inf
