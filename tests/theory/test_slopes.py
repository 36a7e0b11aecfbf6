"""Greatest slopes against a dense search over torch's own functions, refined where the slope stops growing."""

from collections.abc import Callable
from math import cosh, exp, inf, sqrt, tanh

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from sigmoid_lab.theory.slopes import GREATEST_SLOPES
from sigmoid_lab.vocabulary import ACTIVATIONS, ActivationName

FUNCTIONS: dict[ActivationName, Callable[[Tensor], Tensor]] = {
    "identity": lambda z: z * 1.0,
    "sigmoid": torch.sigmoid,
    "centred-sigmoid": lambda z: 2 * torch.sigmoid(z) - 1,
    "tanh": torch.tanh,
    "relu": functional.relu,
    "leaky-relu": functional.leaky_relu,
    "elu": functional.elu,
    "selu": functional.selu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "mish": functional.mish,
    "softplus": functional.softplus,
    "softsign": functional.softsign,
    "hard-sigmoid": lambda z: torch.clamp(z / 6 + 0.5, 0, 1),
    "hard-tanh": functional.hardtanh,
    "erf": torch.erf,
}
GRID = torch.linspace(-30.0, 30.0, 120_001, dtype=torch.float64)
INTERIOR: tuple[ActivationName, ...] = ("gelu", "silu", "mish")
"""Those whose slope is greatest at a single z other than 0, where the second derivative vanishes."""


def slopes(name: ActivationName, z: Tensor) -> Tensor:
    z = z.clone().requires_grad_()
    return torch.autograd.grad(FUNCTIONS[name](z).sum(), z)[0]


def curvature(name: ActivationName, at: float) -> float:
    z = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(FUNCTIONS[name](z), z, create_graph=True)
    return torch.autograd.grad(slope, z)[0].item()


def inflection(name: ActivationName, low: float, high: float) -> float:
    """Where the slope turns from growing to shrinking, by bisection."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if curvature(name, middle) > 0 else (low, middle)
    return low


def test_every_activation_has_its_greatest_slope() -> None:
    assert tuple(GREATEST_SLOPES) == ACTIVATIONS


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_no_slope_on_a_dense_grid_is_greater(name: ActivationName) -> None:
    assert slopes(name, GRID).max().item() <= GREATEST_SLOPES[name].slope * (1 + 1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_no_slope_near_the_place_named_is_greater(name: ActivationName) -> None:
    at = min(GREATEST_SLOPES[name].at_z, 50.0)
    near = at + torch.linspace(-1e-4, 1e-4, 20_001, dtype=torch.float64)
    assert slopes(name, near).max().item() <= GREATEST_SLOPES[name].slope * (1 + 1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_bound_is_least_for_slopes_come_as_near_to_it_as_wanted(name: ActivationName) -> None:
    at = min(GREATEST_SLOPES[name].at_z, 50.0)
    near = at + torch.tensor([-1e-9, 0.0, 1e-9], dtype=torch.float64)
    assert slopes(name, near).max().item() == pytest.approx(GREATEST_SLOPES[name].slope, rel=3e-9, abs=0.0)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_no_z_nearer_to_zero_comes_as_near_to_the_bound(name: ActivationName) -> None:
    """Within 1e-8 of its slope, a smooth maximum is about 1e-4 wide, and softplus's slope is there from 18.42 on."""
    near_bound = GRID[slopes(name, GRID) > GREATEST_SLOPES[name].slope * (1 - 1e-8)]
    assert near_bound.abs().min().item() == pytest.approx(min(GREATEST_SLOPES[name].at_z, 18.42), abs=1e-3)


@pytest.mark.parametrize("name", INTERIOR)
def test_the_slope_is_greatest_where_the_curvature_vanishes(name: ActivationName) -> None:
    at = GREATEST_SLOPES[name].at_z
    assert inflection(name, at - 0.3, at + 0.3) == pytest.approx(at, rel=1e-13, abs=0.0)
    assert slopes(name, torch.tensor(at, dtype=torch.float64)).item() == pytest.approx(
        GREATEST_SLOPES[name].slope, rel=1e-15, abs=0.0
    )


def test_gelus_place_is_the_root_of_two() -> None:
    assert GREATEST_SLOPES["gelu"].at_z == sqrt(2)


def test_silus_place_solves_the_equation_named() -> None:
    z = GREATEST_SLOPES["silu"].at_z
    assert z * tanh(z / 2) == pytest.approx(2.0, rel=1e-15, abs=0.0)


def test_selus_bound_is_the_limit_from_below_and_is_not_attained() -> None:
    bound = GREATEST_SLOPES["selu"].slope
    below, above = slopes("selu", torch.tensor([-1e-12, 1e-12], dtype=torch.float64)).tolist()
    assert below == pytest.approx(bound, rel=2e-12, abs=0.0)
    assert below < bound
    assert above < 0.6 * bound


def test_softpluss_bound_is_approached_without_end() -> None:
    assert GREATEST_SLOPES["softplus"].at_z == inf
    for z in (5.0, 10.0, 19.0):
        slope = slopes("softplus", torch.tensor(z, dtype=torch.float64)).item()
        assert 1 - slope == pytest.approx(1 / (1 + exp(z)), rel=1e-6, abs=0.0)


def test_sigmoids_bound_is_a_quarter_and_its_slope_that_of_the_logistic_law() -> None:
    assert GREATEST_SLOPES["sigmoid"].slope == 0.25
    assert slopes("sigmoid", torch.tensor(1.5, dtype=torch.float64)).item() == pytest.approx(
        1 / (4 * cosh(0.75) ** 2), rel=1e-15
    )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_place_is_told_in_words_with_its_number(name: ActivationName) -> None:
    place = GREATEST_SLOPES[name]
    words = {0.0: ("0", "every z", "|z|"), sqrt(2): ("√2",), inf: ("∞",)}
    shown = words.get(place.at_z, (f"{place.at_z:.2f}",))
    assert any(word in place.where for word in shown)
