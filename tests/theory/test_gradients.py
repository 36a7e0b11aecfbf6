"""Predicted gradient norms against plain numpy networks that share nothing with the lab's engine, and closed forms."""

from itertools import pairwise

import numpy as np
import pytest

from sigmoid_lab.config.schema import Gaussian, Initialisation
from sigmoid_lab.theory.activations import CURVES, Array
from sigmoid_lab.theory.gradients import forward, layers_of, rms_by_layer, rms_of_first_layer
from sigmoid_lab.theory.initialisations import moments
from sigmoid_lab.theory.losses import SLOPES
from sigmoid_lab.theory.mean_field import mean_square, mean_square_slope
from sigmoid_lab.vocabulary import LOSSES, ActivationName, LossName

NETWORKS = 500


def batch(examples: int, features: int, labels: int = 1) -> tuple[Array, Array]:
    random = np.random.default_rng(7)
    return random.standard_normal((examples, features)), random.integers(0, 2, (examples, labels)).astype(float)


def predicted(
    name: ActivationName, init: Initialisation, widths: tuple[int, ...], loss: LossName, x: Array, y: Array
) -> Array:
    layers = layers_of(init, widths)
    kernels = forward(name, layers[:-1], x[None])
    assert kernels is not None
    return np.array(rms_by_layer(kernels, layers, loss, y[None]))


def measured(
    name: ActivationName, init: Initialisation, widths: tuple[int, ...], loss: LossName, x: Array, y: Array
) -> tuple[Array, Array]:
    """Return root mean squares over drawn networks, by layer, and their standard errors, relative to them."""
    random, curve = np.random.default_rng(3), CURVES[name]
    schemes = [moments(init, *pair) for pair in pairwise(widths)]

    def draw(uniform: bool, variance: float, *shape: int) -> Array:
        standard = np.sqrt(3.0) * random.uniform(-1, 1, shape) if uniform else random.standard_normal(shape)
        drawn: Array = np.sqrt(variance) * standard
        return drawn

    squares = np.empty((NETWORKS, len(schemes)))
    for row in squares:
        a, slopes, weights = [x], [], []
        for scheme, fan_in, units in zip(schemes, widths, widths[1:], strict=False):
            uniform = scheme.distribution == "uniform"
            weights.append(draw(uniform, scheme.weight_variance, units, fan_in))
            z = a[-1] @ weights[-1].T + draw(uniform, scheme.bias_variance, units)
            a.append(curve.value(z))
            slopes.append(curve.slope(z))
        low, high = SLOPES[loss](z, 0.0), SLOPES[loss](z, 1.0)
        back = np.where(y == 1.0, high, low) / y.size
        for layer in reversed(range(len(schemes))):
            row[layer] = np.sum((back.T @ a[layer]) ** 2)
            back = (back @ weights[layer]) * slopes[layer - 1] if layer else back
    mean = squares.mean(axis=0)
    return np.sqrt(mean), squares.std(axis=0) / mean / np.sqrt(NETWORKS) / 2


def assert_predicted(
    name: ActivationName,
    init: Initialisation,
    widths: tuple[int, ...],
    loss: LossName,
    x: Array,
    y: Array,
    error: float = 0.02,
) -> None:
    root, uncertainty = measured(name, init, widths, loss, x, y)
    deviation = predicted(name, init, widths, loss, x, y) / root - 1.0
    assert np.all(np.abs(deviation) < error + 4.0 * uncertainty), deviation


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "selu", "hard-tanh", "gelu"])
@pytest.mark.parametrize("init", ["default", "lecun"])
def test_norms_are_those_of_drawn_networks(name: ActivationName, init: Initialisation) -> None:
    x, y = batch(16, 10)
    assert_predicted(name, init, (10, 128, 128, 128, 1), "bce-with-logits", x, y)


@pytest.mark.parametrize("loss", ["mse", "hand-written-bce-eps"])
def test_other_losses_and_many_labels_are_met_too(loss: LossName) -> None:
    x, y = batch(12, 6, labels=3)
    assert_predicted("tanh", "xavier-uniform", (6, 100, 150, 3), loss, x, y)


def test_one_example_and_large_weights() -> None:
    x, y = batch(1, 10)
    init = Gaussian(weight_variance=4.0, bias_variance=0.3)
    assert_predicted("tanh", init, (10, 200, 200, 1), "bce-with-logits", x, y)


def test_terms_between_examples_are_most_of_the_norm_where_all_have_one_label() -> None:
    x, _ = batch(16, 10)

    def norms(inputs: Array) -> Array:
        labels = np.ones((len(inputs), 1))
        return predicted("sigmoid", "default", (10, 128, 128, 1), "bce-with-logits", inputs, labels)

    alone = np.sqrt(np.sum([norms(x[b : b + 1]) ** 2 for b in range(16)], axis=0)) / 16
    whole = norms(x)
    np.testing.assert_allclose(whole[1:] / alone[1:], 4.0, rtol=0.03)  # √16: all examples are alike from layer 2 on
    assert whole[0] / alone[0] < 1.5


def test_a_linear_network_of_no_depth_has_the_closed_form() -> None:
    """One hidden identity layer, one example, δ = ±½: squares are v₂D₁‖x‖²/4 in layer 1 and v₁D₁‖x‖²/4 in layer 2."""
    x, y = batch(1, 5)
    tiny = Gaussian(weight_variance=1e-8)
    first, second = predicted("identity", tiny, (5, 7, 1), "bce-with-logits", x, y)
    square = float(np.sum(x**2))
    assert first == pytest.approx(np.sqrt(1e-8 * square / 4), rel=1e-7)
    assert second == pytest.approx(np.sqrt(1e-8 / 5 * 7 * square / 4), rel=1e-7)


def test_cross_entropies_agree_and_the_others_do_not() -> None:
    x, y = batch(8, 4)
    found = {loss: predicted("relu", "he", (4, 16, 1), loss, x, y)[0] for loss in LOSSES}
    same = [found[loss] for loss in LOSSES if loss not in ("mse", "hand-written-bce-eps")]
    assert len(set(same)) == 1
    assert found["mse"] < 0.7 * same[0]
    assert found["hand-written-bce-eps"] == pytest.approx(same[0], rel=1e-4)
    assert found["hand-written-bce-eps"] != same[0]


@pytest.mark.parametrize("name", ["sigmoid", "relu", "hard-tanh"])
def test_first_layers_by_depth_are_those_of_networks_of_that_depth(name: ActivationName) -> None:
    x, y = batch(8, 10)
    layers = layers_of("xavier", (10, 32, 32, 32, 32, 1))
    kernels = forward(name, layers[:-1], x[None])
    assert kernels is not None
    found = rms_of_first_layer(kernels, layers[:-1], layers[-1], "bce-with-logits", y[None])
    alone = [predicted(name, "xavier", (10, *(32,) * depth, 1), "bce-with-logits", x, y)[0] for depth in (1, 2, 3, 4)]
    assert found == pytest.approx(alone, rel=1e-12)


def test_several_batches_give_their_root_mean_square() -> None:
    """The deviations that the series are interpolated between are other ones, which costs a little."""
    x, y = batch(24, 10)
    layers = layers_of("default", (10, 32, 1))
    pooled, *each = (
        rms_by_layer(kernels, layers, "bce-with-logits", targets)
        for inputs, targets in [
            (x.reshape(3, 8, 10), y.reshape(3, 8, 1)),
            *((x[None, s : s + 8], y[None, s : s + 8]) for s in (0, 8, 16)),
        ]
        if (kernels := forward("tanh", layers[:-1], inputs))
    )
    assert pooled == pytest.approx(np.sqrt(np.mean(np.square(np.array(each)), axis=0)), rel=1e-6)


def test_a_thousand_layers_leave_a_number_and_not_zero_times_something() -> None:
    x, y = batch(4, 10)
    found = predicted("sigmoid", "default", (10, *(16,) * 300, 1), "bce-with-logits", x, y)
    assert 0.0 < found[0] < 1e-200
    steps = found[1:200] / found[:199]
    np.testing.assert_allclose(steps[20:], steps[50], rtol=1e-6)


def test_orthogonal_weights_have_no_theory() -> None:
    x, _ = batch(4, 8)
    layers = layers_of("orthogonal", (8, 8, 1))
    assert forward("tanh", layers[:-1], x[None]) is None


def test_a_signal_beyond_numbers_has_no_prediction() -> None:
    x, _ = batch(4, 8)
    layers = layers_of(Gaussian(weight_variance=1e30), (8, *(8,) * 20, 1))
    assert forward("relu", layers[:-1], x[None]) is None


def test_an_example_of_zeros_is_an_example() -> None:
    x, y = batch(8, 10)
    x[3] = 0.0
    assert_predicted("relu", "he", (10, 128, 128, 1), "bce-with-logits", x, y, 0.05)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "hard-tanh", "gelu"])
def test_an_example_has_its_own_mean_squares_among_examples_of_very_different_sizes(name: ActivationName) -> None:
    x = np.logspace(-1.5, 1.5, 8)
    curve, layers = CURVES[name], layers_of(Gaussian(weight_variance=1.0), (1, 64, 1))
    kernels = forward(name, layers[:1], x[None, :, None])
    assert kernels is not None
    values, slopes = (np.diagonal(kernel[0]) for kernel in (kernels.inputs[1], kernels.slopes[0]))
    np.testing.assert_allclose(values, mean_square(curve, x**2), rtol=1e-3)
    np.testing.assert_allclose(slopes, mean_square_slope(curve, x**2), rtol=1e-3)
