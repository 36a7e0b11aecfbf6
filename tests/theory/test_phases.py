"""Planes of χ₁ against closed forms, and against the fixed points that are worked out one by one."""

import numpy as np
import pytest

from sigmoid_lab.theory.activations import CURVES
from sigmoid_lab.theory.mean_field import critical_points, mean_square, variance_map
from sigmoid_lab.theory.phases import plane
from sigmoid_lab.vocabulary import ACTIVATIONS, ActivationName

WEIGHTS, BIASES = np.logspace(-1.0, 3.0, 21), np.logspace(-3.0, 1.0, 9)


def test_erfs_slope_is_that_of_its_closed_form() -> None:
    """E[φ′²] = 4/(π·√(1 + 4q)) at the q that solves σ_w²·(2/π)·asin(2q/(1 + 2q)) + σ_b² = q."""
    found = plane("erf", np.array([2.0]), np.array([0.1])).chi_1[0, 0]
    q = 1.0
    for _ in range(500):
        q = 4.0 / np.pi * np.arcsin(2.0 * q / (1.0 + 2.0 * q)) + 0.1
    assert found == pytest.approx(8.0 / np.pi / np.sqrt(1.0 + 4.0 * q), rel=1e-5)


def test_relu_shrinks_gradients_by_half_the_weight_variance_and_settles_nowhere_above_two() -> None:
    found = plane("relu", np.array([0.5, 1.5, 2.5]), np.array([0.01, 1.0]))
    np.testing.assert_allclose(found.chi_1, [[0.25, 0.75, np.nan]] * 2, rtol=1e-12)
    assert np.isnan(found.critical).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_point_is_that_of_a_stable_fixed_point(name: ActivationName) -> None:
    found = plane(name, WEIGHTS, BIASES)
    for row, column in ((0, 0), (4, 3), (8, 7), (2, 14), (5, 18), (6, 20)):
        single = variance_map(name, float(WEIGHTS[column]), float(BIASES[row]))
        stable = [point.chi_1 for point in single.fixed_points if point.stable]
        assert len(stable) <= 1
        np.testing.assert_allclose(found.chi_1[row, column], stable[0] if stable else np.nan, rtol=2e-5)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_critical_line_is_where_the_slope_is_one(name: ActivationName) -> None:
    found = plane(name, WEIGHTS, BIASES).critical
    for bias, weight in zip(BIASES[::4], found[::4], strict=True):
        stable = [at for at, point in critical_points(name, float(bias)) if point.stable]
        np.testing.assert_allclose(weight, stable[0] if stable else np.nan, rtol=2e-5)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_mean_square_increases_with_the_variance(name: ActivationName) -> None:
    """So V does, and the side that inputs of mean square 1 start on tells where they settle."""
    assert np.all(np.diff(mean_square(CURVES[name], np.logspace(-6.0, 8.0, 200))) > 0.0)
