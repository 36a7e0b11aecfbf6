"""Finite networks against plain numpy networks, many of them, and closed forms."""

import math

import numpy as np
import pytest

from sigmoid_lab import LabError
from sigmoid_lab.theory.activations import CURVES, Array
from sigmoid_lab.theory.gradients import Layer, layers_of
from sigmoid_lab.theory.initialisations import Moments
from sigmoid_lab.theory.network import signals
from sigmoid_lab.vocabulary import ActivationName


def ratios(name: ActivationName, layers: list[Layer], networks: int) -> Array:
    """Return ‖∂L/∂zˡ‖² over the output layer's, (networks, layers), of networks drawn here, for one input each."""
    random, curve = np.random.default_rng(1), CURVES[name]
    found = np.empty((networks, len(layers)))
    for row in found:
        a = random.standard_normal(layers[0].fan_in)
        a *= np.sqrt(len(a) / np.sum(a**2))
        weights, slopes = [], []
        for layer in layers:
            m = layer.moments
            weights.append(np.sqrt(m.weight_variance) * random.standard_normal((layer.units, layer.fan_in)))
            z = weights[-1] @ a + np.sqrt(m.bias_variance) * random.standard_normal(layer.units)
            a = curve.value(z)
            slopes.append(curve.slope(z))
        back = random.standard_normal(layers[-1].units)
        norms = [np.sum(back**2)]
        for weight, slope in zip(weights[:0:-1], slopes[-2::-1], strict=True):
            back = (back @ weight) * slope
            norms.append(np.sum(back**2))
        row[:] = np.array(norms[::-1]) / norms[0]
    return found


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "hard-tanh", "softplus"])
def test_gradient_ratios_are_those_of_drawn_networks(name: ActivationName) -> None:
    """Hidden layers of different widths, so that a misplaced width shows."""
    layers = list(layers_of("lecun", (20, 300, 150, 300, 5)))
    measured = ratios(name, layers, 400)
    predicted = [signal.squared_gradient_ratio or 0.0 for signal in signals(name, layers)]
    errors = measured.std(axis=0) / 20
    np.testing.assert_array_less(np.abs(measured.mean(axis=0) - predicted), 4 * errors + 0.02 * np.array(predicted))


def test_the_logarithm_of_relus_ratio_varies_by_five_over_the_width_a_layer() -> None:
    """Hanin and Nica 2020."""
    layers = [Layer(100, 100, Moments("normal", 0.02, 0.0)) for _ in range(6)]
    found = signals("relu", layers)
    assert [signal.log_variance for signal in found] == pytest.approx([0.25, 0.2, 0.15, 0.1, 0.05, 0.0], rel=1e-12)
    variance = np.log(ratios("relu", layers, 2000)).var(axis=0)
    np.testing.assert_allclose(variance[:5], [0.25, 0.2, 0.15, 0.1, 0.05], rtol=0.12)


def test_no_spread_is_told_where_q_fluctuates_too() -> None:
    assert {signal.log_variance for signal in signals("tanh", layers_of("lecun", (4, 8, 1)))} == {None}


def test_torchs_default_starts_at_a_third_and_its_biases() -> None:
    first, second, output = signals("identity", layers_of("default", (10, 64, 64, 1)))
    assert first.q == pytest.approx(1 / 3 + 1 / 30, rel=1e-14)
    assert second.q == pytest.approx(first.q / 3 + 1 / 192, rel=1e-13)
    assert second.chi == pytest.approx(1 / 3, rel=1e-13)
    assert (output.chi, output.squared_gradient_ratio) == (None, 1.0)


def test_a_signal_that_overflows_is_refused_with_its_layer() -> None:
    layers = [Layer(10, 10, Moments("normal", 1e4, 0.0)) for _ in range(200)]
    with pytest.raises(LabError, match=r"beyond 1e\+300 at layer 60 \(identity\)"):
        signals("identity", layers)


@pytest.mark.parametrize("weight_variance", [0.02, 2.0])
def test_a_gradient_that_no_float_holds_is_told_by_its_logarithm(weight_variance: float) -> None:
    """χ of a linear network is the weight variance times the width."""
    first, *_, output = signals(
        "identity", [Layer(10, 10, Moments("normal", weight_variance, 0.0)) for _ in range(200)]
    )
    assert first.log10_squared_gradient_ratio == pytest.approx(199 * math.log10(10 * weight_variance), rel=1e-12)
    assert (output.squared_gradient_ratio, output.log10_squared_gradient_ratio) == (1.0, 0.0)


@pytest.mark.parametrize(("name", "scale"), [("tanh", 1e11), ("sigmoid", 0.1)])
def test_a_ratio_is_null_where_no_float_holds_it_and_never_0(name: ActivationName, scale: float) -> None:
    found = signals(name, [Layer(10, 10, Moments("normal", scale, 0.0)) for _ in range(501)])
    assert found[0].squared_gradient_ratio is None
    for signal in found:
        if signal.squared_gradient_ratio is not None:
            assert math.log10(signal.squared_gradient_ratio) == pytest.approx(signal.log10_squared_gradient_ratio)


def test_a_signal_that_underflows_keeps_its_slope() -> None:
    layers = [Layer(10, 10, Moments("normal", 1e-301, 0.0)) for _ in range(4)]
    assert [signal.chi for signal in signals("relu", layers)] == [pytest.approx(5e-301)] * 3 + [None]
