"""A finite network layer by layer, before anything is trained: q of every layer, and the gradient that reaches it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from sigmoid_lab.errors import LabError
from sigmoid_lab.theory.activations import CURVES
from sigmoid_lab.theory.gaussian import expectation
from sigmoid_lab.theory.gradients import Layer
from sigmoid_lab.theory.mean_field import NO_SIGNAL
from sigmoid_lab.vocabulary import ActivationName

GREATEST_POWER = 300
GREATEST = 10.0**GREATEST_POWER


@dataclass(frozen=True)
class Signal:
    """One linear layer: the variance of its z, its χ, and E‖∂L/∂zˡ‖² over the output layer's.

    ``chi`` = vₗ₊₁·Dₗ·E[φ′(z)²], the factor from layer l + 1 to l, null at the output; v is the variance of a weight, D
    a width. ``squared_gradient_ratio`` is null where no float holds it; its decimal logarithm is always there.
    ``log_variance`` is the variance of the logarithm of one network's own ratio over draws of its weights, to
    first order in 1/width: the sum over the layers between of (3·E[φ′⁴]/E[φ′²]² − 1)/width, 5/width for ReLU (Hanin and
    Nica 2020); null where φ has a scale of its own, so that q, which fluctuates too, moves χ.
    """

    layer: int
    q: float
    chi: float | None
    squared_gradient_ratio: float | None
    log10_squared_gradient_ratio: float
    log_variance: float | None


def signals(activation: ActivationName, layers: Sequence[Layer]) -> list[Signal]:
    """Return every layer's signal for inputs of mean square 1; raise LabError where q overflows.

    q¹ = v₁D₀ + β₁ and qˡ⁺¹ = vₗ₊₁Dₗ·E[φ(√qˡ·x)²] + βₗ₊₁ (Poole et al. 2016, equation 3, each layer its own).
    """
    curve = CURVES[activation]
    q = [layers[0].moments.weight_variance * layers[0].fan_in + layers[0].moments.bias_variance]
    chi, spread = [], []
    for number, layer in enumerate(layers[1:], start=2):
        gain, scale = layer.moments.weight_variance * layer.fan_in, np.array([max(math.sqrt(q[-1]), NO_SIGNAL)])
        square, slope_2, slope_4 = (
            float(expectation(power, scale, curve.kink)[0])
            for power in (lambda z: curve.value(z) ** 2, lambda z: curve.slope(z) ** 2, lambda z: curve.slope(z) ** 4)
        )
        q.append(gain * square + layer.moments.bias_variance)
        if not q[-1] < GREATEST:
            raise LabError(
                f"layers: q grows beyond {GREATEST:g} at layer {number} ({activation}); ask for fewer layers or a "
                "smaller weight variance"
            )
        chi.append(gain * slope_2)
        spread.append((3.0 * slope_4 / slope_2**2 - 1.0) / layer.fan_in)
    ratios = list(accumulate(map(math.log10, reversed(chi)), initial=0.0))[::-1]
    spreads = list(accumulate(reversed(spread), initial=0.0))[::-1]
    return [
        Signal(
            layer=index + 1,
            q=q[index],
            chi=chi[index] if index < len(chi) else None,
            squared_gradient_ratio=10.0 ** ratios[index] if abs(ratios[index]) < GREATEST_POWER else None,
            log10_squared_gradient_ratio=ratios[index],
            log_variance=spreads[index] if curve.homogeneous else None,
        )
        for index in range(len(layers))
    ]
