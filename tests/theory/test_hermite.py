"""Mehler's series against closed forms of two correlated Gaussians, and against a plain double integral."""

import numpy as np
import pytest

from sigmoid_lab.theory.activations import CURVES, Function
from sigmoid_lab.theory.hermite import Series, expand, product
from sigmoid_lab.vocabulary import ActivationName

CORRELATIONS = np.array([-1.0, -0.99, -0.5, 0.0, 0.3, 0.6, 0.9, 0.99, 0.9999, 1.0])
S, T = 0.6, 1.5


def both(function: Function, terms: int, kink: float = 0.0, smooth: bool = True) -> tuple[Series, Series]:
    """Return the series at S and at T, each broadcast against correlations."""
    series = expand(function, np.array([S, T]), kink, terms, smooth)
    return series[:1], series[1:]


def double_integral(function: Function, correlation: float) -> float:
    """Sum over an even grid of two independent normals, which is as good as any rule for smooth functions."""
    x = np.linspace(-9.0, 9.0, 1201)
    weight = np.exp(-0.5 * x * x)
    weight /= weight.sum()
    v = T * (correlation * x[:, None] + np.sqrt(1.0 - correlation**2) * x)
    return float((weight * function(S * x)) @ function(v) @ weight)


def test_erf_has_the_arcsine_of_williams() -> None:
    """Williams 1997, equation 11."""
    scales = 2 * S * T / np.sqrt((1 + 2 * S * S) * (1 + 2 * T * T))
    one, other = both(CURVES["erf"].value, 128)
    expected = 2 / np.pi * np.arcsin(scales * CORRELATIONS)
    np.testing.assert_allclose(product(one, other, CORRELATIONS), expected, atol=1e-13)


def test_relu_has_the_arc_cosine_kernel_of_degree_one() -> None:
    """Cho and Saul 2009, equations 5 and 6."""
    angle = np.arccos(CORRELATIONS)
    expected = S * T / (2 * np.pi) * (np.sin(angle) + (np.pi - angle) * np.cos(angle))
    for terms, error in ((24, 2e-5), (128, 5e-7)):
        one, other = both(CURVES["relu"].value, terms)
        np.testing.assert_allclose(product(one, other, CORRELATIONS), expected, atol=error * S * T)


def test_the_step_has_the_arc_cosine_kernel_of_degree_zero() -> None:
    one, other = both(CURVES["relu"].slope, 24, smooth=False)
    expected = (np.pi - np.arccos(CORRELATIONS)) / (2 * np.pi)
    np.testing.assert_allclose(product(one, other, CORRELATIONS), expected, atol=4e-4)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "gelu", "mish", "silu", "softplus"])
@pytest.mark.parametrize("correlation", [-0.7, 0.3, 0.9])
def test_smooth_functions_have_the_double_integral(name: ActivationName, correlation: float) -> None:
    for function in (CURVES[name].value, CURVES[name].slope):
        one, other = both(function, 128)
        found = product(one, other, np.array([correlation]))[0]
        assert found == pytest.approx(double_integral(function, correlation), abs=1e-10)


@pytest.mark.parametrize(("name", "error"), [("tanh", 1e-4), ("sigmoid", 1e-7), ("selu", 1e-3), ("hard-tanh", 0.03)])
def test_a_few_terms_and_the_rest_are_near_many(name: ActivationName, error: float) -> None:
    curve = CURVES[name]
    few, many = (
        product(*both(curve.slope, terms, curve.kink, not curve.slope_jumps), CORRELATIONS) for terms in (24, 128)
    )
    np.testing.assert_allclose(few, many, atol=error * many.max())


@pytest.mark.parametrize("name", ["relu", "hard-tanh", "tanh", "elu", "softsign"])
@pytest.mark.parametrize("terms", [4, 24])
def test_the_series_ends_in_the_mean_square(name: ActivationName, terms: int) -> None:
    """However few its terms are: E[f(u)²] at c = 1, E[f(u)f(−u)] at c = −1."""
    curve, scale = CURVES[name], np.array([0.8])
    series = expand(curve.value, scale, curve.kink, terms)
    assert series.square[0] == pytest.approx(_mean(lambda z: curve.value(z) ** 2, curve.kink), rel=1e-12)
    opposite = _mean(lambda z: curve.value(z) * curve.value(-z), curve.kink)
    assert product(series, series, np.array([-1.0]))[0] == pytest.approx(opposite, abs=1e-12)


def _mean(function: Function, kink: float) -> float:
    from sigmoid_lab.theory.gaussian import expectation

    return float(expectation(function, np.array([0.8]), kink)[0])


def test_coefficients_of_the_identity_are_its_scale_alone() -> None:
    coefficients = expand(lambda z: z, np.array([0.5, 2.0]), 0.0, 3).coefficients
    np.testing.assert_allclose(coefficients, np.array([[0.0, 0.5, 0.0], [0.0, 2.0, 0.0]]), atol=1e-14)
