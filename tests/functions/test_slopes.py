"""Slopes by formula against autograd through torch's own modules, which test_activations holds to closed forms."""

import pytest
import torch
from torch import Tensor

from sigmoid_lab.functions.activations import ACTIVATIONS, value_and_slope
from sigmoid_lab.functions.slopes import SLOPES
from sigmoid_lab.vocabulary import ACTIVATIONS as NAMES
from sigmoid_lab.vocabulary import ActivationName

SHORT = {"float16": torch.float16, "bfloat16": torch.bfloat16}
FLAT: tuple[ActivationName, ...] = ("identity", "relu", "leaky-relu", "hard-sigmoid", "hard-tanh")
"""Those that are straight lines between their corners."""


def by_formula(name: ActivationName, z: Tensor) -> Tensor:
    return SLOPES[name](z, ACTIVATIONS[name]()(z))


def by_autograd(name: ActivationName, z: Tensor) -> Tensor:
    if name == "hard-sigmoid":  # torch's own multiplies by a sixth that is rounded to float32
        return (6.0 * value_and_slope(ACTIVATIONS[name](), z)[1].double()).round().div(6.0).to(z.dtype)
    return value_and_slope(ACTIVATIONS[name](), z)[1]


def every_finite(dtype: torch.dtype) -> Tensor:
    z = torch.arange(-(2**15), 2**15, dtype=torch.int16).view(dtype)
    return z[z.isfinite()]


def test_the_table_holds_every_word() -> None:
    assert tuple(SLOPES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_slopes_in_float64_are_those_of_autograd(name: ActivationName) -> None:
    z = torch.linspace(-20.0, 20.0, 80_001, dtype=torch.float64)
    torch.testing.assert_close(by_formula(name, z), by_autograd(name, z), rtol=0.0, atol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_slopes_in_float32_are_within_ten_roundings_of_autograd_in_float64(name: ActivationName) -> None:
    z = torch.linspace(-60.0, 60.0, 120_001)
    error = by_formula(name, z).double() - by_autograd(name, z.double())
    assert error.abs().max().item() < 10 * 2**-23


@pytest.mark.parametrize("dtype", SHORT)
@pytest.mark.parametrize("name", NAMES)
def test_slopes_of_every_number_of_a_short_format_are_within_three_roundings(name: ActivationName, dtype: str) -> None:
    z = every_finite(SHORT[dtype])
    found = by_formula(name, z)
    assert found.dtype == z.dtype
    error = found.double() - by_autograd(name, z.double())
    assert error.abs().max().item() < 3 * torch.finfo(z.dtype).eps


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", NAMES)
def test_slopes_of_extreme_numbers_are_finite(name: ActivationName, dtype: torch.dtype) -> None:
    z = torch.tensor(
        [torch.finfo(dtype).max, 1e30, 1e4, 1e3, 745.0, 100.0, 1e-30, torch.finfo(dtype).tiny], dtype=dtype
    )
    assert by_formula(name, torch.cat([z, -z])).isfinite().all()


@pytest.mark.parametrize("name", FLAT)
def test_corners_have_the_slope_that_autograd_takes(name: ActivationName) -> None:
    corners = torch.tensor([-3.0, -1.0, -0.0, 0.0, 1.0, 3.0], dtype=torch.float64)
    near = torch.cat([torch.nextafter(corners, corners + 1), corners, torch.nextafter(corners, corners - 1)])
    assert torch.equal(by_formula(name, near), by_autograd(name, near))


@pytest.mark.parametrize("name", NAMES)
def test_what_a_slope_is_computed_from_is_left_as_it_was(name: ActivationName) -> None:
    z = torch.randn(3, 4)
    a = ACTIVATIONS[name]()(z)
    before = z.clone(), a.clone()
    SLOPES[name](z, a)
    assert torch.equal(z, before[0])
    assert torch.equal(a, before[1])
