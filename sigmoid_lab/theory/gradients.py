"""The expected squared norm of every weight's gradient, over the draws of the weights, for given batches.

With layers l = 1…L, Dₗ units in layer l (D₀ inputs), weights of variance vₗ, biases of variance βₗ, and examples b, b′:

    forward    Hᵇᵇ′ = E[aₗ(b)·aₗ(b′)]/Dₗ = E[φ(u)φ(u′)],  (u, u′) Gaussian of covariance Kₗ = vₗDₗ₋₁Hₗ₋₁ + βₗ
               (Cho and Saul 2009, section 2; Poole et al. 2016, equations 3 and 5)
    output     Δᵇᵇ′ = E[∂ℓ/∂z(b) · ∂ℓ/∂z(b′)], z Gaussian of covariance K_L, ℓ the mean loss of the batch
    backward   Δₗ = vₗ₊₁Dₗ₊₁ Δₗ₊₁ ⊙ E[φ′(u)φ′(u′)]  (Schoenholz et al. 2017, equation 18, there for b = b′)
    gradients  E‖∂ℓ/∂Wₗ‖² = DₗDₗ₋₁ Σ over b, b′ of Δₗ ⊙ Hₗ₋₁

The terms of different examples decide from layer 2 on: there are B² − B of them, and where activations have a mean, or the
network makes all examples alike, they are as large as the others.

What is exact: H₀, and K₁ whatever the weights are drawn from. What is approximate: that u is Gaussian, which for layer 1
needs many inputs or normal weights, and elsewhere wide layers; that kernels equal their means (they fluctuate by about
1/√width, which for different examples adds terms of order batch/width to the deep layers' squares where activations
decorrelate examples, and is the reason why predictions for a narrow network of large weights come out some percent low);
and that backward weights are independent of forward ones (Yang 2019 proves it in the limit of infinite width).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sigmoid_lab.theory.activations import CURVES, Array, Curve
from sigmoid_lab.theory.hermite import Series, expand, product
from sigmoid_lab.theory.initialisations import Moments
from sigmoid_lab.theory.losses import SLOPES
from sigmoid_lab.vocabulary import ActivationName, LossName

TERMS = 32
SCALES = 24
"""Chebyshev nodes between the least and the greatest deviation of u over examples."""
LEAST_SHARE = 1e-3
"""A deviation below this share of the greatest counts as that share."""


@dataclass(frozen=True)
class Layer:
    """A linear layer: its fan-in and fan-out, and how it is drawn."""

    fan_in: int
    fan_out: int
    moments: Moments


@dataclass(frozen=True)
class Kernels:
    """What leads into a linear layer: H of its inputs and E[φ′φ′] of the layer before, (R batches, B, B) each."""

    inputs: Array
    slopes: Array


class Scaled:
    ...
