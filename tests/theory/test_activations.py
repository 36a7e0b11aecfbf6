"""The numpy formulas against torch's own functions and autograd, and against many digits where z is tiny."""

import mpmath
import numpy as np
import pytest
import torch

from sigmoid_lab.functions.activations import ACTIVATIONS as MODULES
from sigmoid_lab.functions.activations import value_and_slope
from sigmoid_lab.theory.activations import CURVES
from sigmoid_lab.vocabulary import ACTIVATIONS, ActivationName

Z = np.linspace(-30.0, 30.0, 6_002)  # even: no kink is hit
EVERY = pytest.mark.parametrize("name", ACTIVATIONS)


def test_every_activation_has_its_formulas() -> None:
    assert tuple(CURVES) == ACTIVATIONS


@EVERY
def test_values_and_slopes_are_those_of_torch(name: ActivationName) -> None:
    value, slope = value_and_slope(MODULES[name](), torch.from_numpy(Z))
    # torch's softplus, and so its mish, is its argument from 20 on; its slope of hard-sigmoid is a sixth in float32.
    error = 3e-9 if name in ("softplus", "mish") else 1e-15
    np.testing.assert_allclose(CURVES[name].value(Z), value.numpy(), rtol=1e-12, atol=error)
    np.testing.assert_allclose(CURVES[name].slope(Z), slope.numpy(), rtol=1e-11, atol=6e-9)


@EVERY
def test_slopes_are_the_limits_of_differences(name: ActivationName) -> None:
    curve, step = CURVES[name], 1e-5
    difference = (curve.value(Z + step) - curve.value(Z - step)) / (2.0 * step)
    np.testing.assert_allclose(curve.slope(Z), difference, atol=1e-9)


@EVERY
def test_a_curve_is_smooth_but_at_zero_and_at_its_kinks(name: ActivationName) -> None:
    """Third differences of a function whose slope jumps are of the order of the step, of a smooth one of its cube."""
    curve, step = CURVES[name], 1e-3
    z = np.linspace(-5.0, 5.0, 10_001)
    rough = np.abs(np.diff(curve.value(z), n=3)) > 1e-2 * step
    at = z[1:-2][rough]
    assert all(min(abs(place), abs(abs(place) - curve.kink)) < 3 * step for place in at)


@pytest.mark.parametrize("z", [-1e-12, 1e-12, -700.0, -40.0])
def test_tiny_values_keep_their_digits(z: float) -> None:
    with mpmath.workdps(60):
        exact = {
            "sigmoid": 1 / (1 + mpmath.exp(-z)),
            "tanh": mpmath.tanh(z),
            "softplus": mpmath.log1p(mpmath.exp(z)),
            "elu": z if z > 0 else mpmath.expm1(z),
            "silu": z / (1 + mpmath.exp(-z)),
            "mish": z * mpmath.tanh(mpmath.log1p(mpmath.exp(z))),
        }
        for name, value in exact.items():
            found = CURVES[name].value(np.array([z]))[0]  # type: ignore[index]
            assert found == pytest.approx(float(value), rel=1e-13, abs=0.0)


@pytest.mark.parametrize("z", [12.0, 40.0, -12.0, 300.0])
def test_slopes_of_saturated_functions_do_not_cancel(z: float) -> None:
    with mpmath.workdps(400):
        sigmoid, tanh = mpmath.diff(lambda x: 1 / (1 + mpmath.exp(-x)), z), mpmath.sech(z) ** 2
    assert CURVES["sigmoid"].slope(np.array([z]))[0] == pytest.approx(float(sigmoid), rel=1e-12, abs=0.0)
    assert CURVES["tanh"].slope(np.array([z]))[0] == pytest.approx(float(tanh), rel=1e-12, abs=0.0)


@EVERY
def test_homogeneous_curves_know_no_scale_and_others_do(name: ActivationName) -> None:
    curve = CURVES[name]
    scaled = np.allclose(curve.value(7.0 * Z), 7.0 * curve.value(Z), rtol=1e-14, atol=0.0)
    assert scaled == curve.homogeneous


@EVERY
def test_slopes_jump_where_they_are_said_to(name: ActivationName) -> None:
    curve = CURVES[name]
    at = curve.kink + np.array([-1e-9, 1e-9])
    before, after = curve.slope(at)
    assert (abs(after - before) > 1e-3) == curve.slope_jumps
