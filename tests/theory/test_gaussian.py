"""Gaussian expectations against closed forms, and against mpmath's adaptive quadrature with thirty digits."""

from collections.abc import Callable

import mpmath
import numpy as np
import pytest

from sigmoid_lab.theory.activations import CURVES, Array
from sigmoid_lab.theory.gaussian import expectation, nodes
from sigmoid_lab.vocabulary import ACTIVATIONS, ActivationName

SCALES = np.array([1e-6, 1e-3, 0.1, 0.5, 1.0, 2.0, 5.0, 20.0, 100.0, 1000.0])

EXACT: dict[ActivationName, Callable[[mpmath.mpf], mpmath.mpf]] = {
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "elu": lambda z: z if z > 0 else mpmath.expm1(z),
    "gelu": lambda z: z * mpmath.ncdf(z),
    "mish": lambda z: z * mpmath.tanh(mpmath.log1p(mpmath.exp(z))),
    "softsign": lambda z: z / (1 + abs(z)),
    "hard-sigmoid": lambda z: max(0, min(1, z / 6 + mpmath.mpf(1) / 2)),
    "hard-tanh": lambda z: max(-1, min(1, z)),
}


def squares(name: ActivationName, scale: Array) -> Array:
    return expectation(lambda z: CURVES[name].value(z) ** 2, scale, CURVES[name].kink)


def square_slopes(name: ActivationName, scale: Array) -> Array:
    return expectation(lambda z: CURVES[name].slope(z) ** 2, scale, CURVES[name].kink)


def adaptive(function: Callable[[mpmath.mpf], mpmath.mpf], scale: float) -> float:
    """Integrate between breakpoints at every scale and kink."""
    places = {k / scale for k in (0.1, 0.3, 1, 3, 10, 30, 100)} | {1, 2, 4, 6, 9, 14}
    ends = sorted({0.0} | {sign * place for place in places if place <= 14 for sign in (-1, 1)})
    with mpmath.workdps(30):
        return float(mpmath.quad(lambda x: function(scale * x) ** 2 * mpmath.npdf(x), ends))


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("scale", [1e-6, 0.5, 5.0, 1000.0])
def test_mean_squares_are_those_of_adaptive_quadrature(name: ActivationName, scale: float) -> None:
    assert squares(name, np.array([scale]))[0] == pytest.approx(adaptive(EXACT[name], scale), rel=1e-12, abs=0.0)


def test_relus_mean_square_is_half_the_variance() -> None:
    np.testing.assert_allclose(squares("relu", SCALES), SCALES**2 / 2, rtol=1e-14)


def test_leaky_relus_mean_square_is_half_of_one_and_the_leaks_square() -> None:
    np.testing.assert_allclose(squares("leaky-relu", SCALES), SCALES**2 * (1 + 0.01**2) / 2, rtol=1e-14)


def test_erfs_mean_square_is_an_arcsine() -> None:
    """Williams 1997, equation 11."""
    expected = 2 / np.pi * np.arcsin(2 * SCALES**2 / (1 + 2 * SCALES**2))
    np.testing.assert_allclose(squares("erf", SCALES), expected, rtol=1e-12)


def test_erfs_mean_square_slope_is_a_root() -> None:
    np.testing.assert_allclose(square_slopes("erf", SCALES), 4 / np.pi / np.sqrt(1 + 4 * SCALES**2), rtol=1e-13)


def test_gelus_mean_is_a_root() -> None:
    """By Stein's lemma E[zΦ(z)] = q·E[Φ′(z)], the density at 0 of a normal of variance 1 + q, times q."""
    expected = SCALES**2 / np.sqrt(2 * np.pi * (1 + SCALES**2))
    # Relative to E|f|, of the order of s: halves that nearly cancel leave their rounding.
    assert np.all(np.abs(expectation(CURVES["gelu"].value, SCALES) - expected) < 1e-13 * SCALES)


@pytest.mark.parametrize("name", ["identity", "centred-sigmoid", "tanh", "softsign", "hard-tanh", "erf"])
def test_the_mean_of_an_odd_function_is_exactly_zero(name: ActivationName) -> None:
    assert not np.any(expectation(CURVES[name].value, SCALES, CURVES[name].kink))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_steins_lemma_holds(name: ActivationName) -> None:
    """E[z·φ(z)] = q·E[φ′(z)]: value and slope, kinks included, belong together."""
    curve = CURVES[name]
    left = expectation(lambda z: z * curve.value(z), SCALES, curve.kink)
    right = SCALES**2 * expectation(curve.slope, SCALES, curve.kink)
    total = expectation(lambda z: np.abs(z * curve.value(z)), SCALES, curve.kink)
    assert np.all(np.abs(left - right) < 1e-13 * total)


def test_a_scale_among_others_counts_as_it_does_alone() -> None:
    alone = [squares("tanh", np.array([scale]))[0] for scale in SCALES]
    np.testing.assert_allclose(squares("tanh", SCALES), alone, rtol=1e-13)


def test_weights_add_up_to_half_the_gaussian() -> None:
    np.testing.assert_allclose(nodes(SCALES, 3.0).weight.sum(axis=1), 0.5, rtol=1e-14)
