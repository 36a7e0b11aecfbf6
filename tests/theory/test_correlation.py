"""c* of functions with kinks, and near the critical line, against closed forms in many digits."""

import math

import mpmath
import pytest

from sigmoid_lab.theory.mean_field import critical_points, variance_map
from sigmoid_lab.vocabulary import ActivationName

KINKS: dict[ActivationName, tuple[float, float]] = {"hard-tanh": (1.0, 1.0), "hard-sigmoid": (3.0, 1.0 / 6.0)}
"""Where the hard forms bend, and their slope between."""


def distance_of_a_hard_form(name: ActivationName, weight: float, q: float, near: float) -> float:
    """Return 1 − c* by Price's theorem, applied twice: C″ is the density of u and u′ at two kinks.

    (χ₁ − 1)(1 − c) = σ_w²a² ∫ (t − c)·2(p(k, k; t) − p(k, −k; t)) dt over t from c to 1, with a the slope, ±k the kinks
    and p the density of two standard normals of correlation t = cos θ at k/√q.
    """
    kink, slope = KINKS[name]
    with mpmath.workdps(40):
        square, gain = mpmath.mpf(kink) ** 2 / q, mpmath.mpf(weight) * mpmath.mpf(slope) ** 2
        chi_1 = gain * mpmath.erf(mpmath.sqrt(square / 2))

        def bend(t: mpmath.mpf) -> mpmath.mpf:
            apart = mpmath.exp(-square / (1 - t)) if t < 1 else 0
            return (mpmath.exp(-square / (1 + t)) - apart) / mpmath.pi

        def excess(angle: mpmath.mpf) -> mpmath.mpf:
            c = mpmath.cos(angle)
            lost = mpmath.quad(lambda theta: (mpmath.cos(theta) - c) * bend(mpmath.cos(theta)), [0, angle / 2, angle])
            return (chi_1 - 1) * (1 - c) - gain * lost

        return float(1 - mpmath.cos(mpmath.findroot(excess, mpmath.acos(1 - mpmath.mpf(near)))))


@pytest.mark.parametrize(
    ("name", "weight", "bias"),
    [
        ("hard-sigmoid", 107.0, 0.0),
        ("hard-sigmoid", 108.0, 0.0),
        ("hard-sigmoid", 1e4, 0.0),
        ("hard-tanh", 1.4, 0.05),
        ("hard-tanh", 1e6, 0.05),
    ],
)
def test_c_star_of_a_hard_form_is_that_of_prices_theorem(name: ActivationName, weight: float, bias: float) -> None:
    point = variance_map(name, weight, bias).fixed_points[0]
    assert point.c_star is not None
    found = 1.0 - point.c_star
    assert found == pytest.approx(distance_of_a_hard_form(name, weight, point.q_star, found), rel=1e-9)


@pytest.mark.parametrize(("beyond", "error"), [(1e-2, 1e-9), (1e-4, 1e-9), (1e-6, 1e-6)])
def test_c_star_of_erf_solves_its_arcsine_equation_however_near_the_critical_line(beyond: float, error: float) -> None:
    """Williams 1997, equation 11."""
    ((critical, _),) = critical_points("erf", 0.05)
    weight = critical * (1.0 + beyond)
    point = variance_map("erf", weight, 0.05).fixed_points[0]
    with mpmath.workdps(40):
        gain = 2 * mpmath.mpf(weight) / mpmath.pi

        def excess(q: mpmath.mpf, c: mpmath.mpf) -> mpmath.mpf:
            return gain * mpmath.asin(2 * q * c / (1 + 2 * q)) + mpmath.mpf(0.05) - q * c

        q = mpmath.findroot(lambda q: excess(q, 1), point.q_star)
        c = mpmath.findroot(lambda c: excess(q, c) / (1 - c), (1 - 2 * beyond, 1 - beyond))
        assert point.c_star is not None
        assert 1.0 - point.c_star == pytest.approx(float(1 - c), rel=error)


@pytest.mark.parametrize("name", ["tanh", "hard-tanh", "softsign", "erf"])
def test_without_bias_two_signals_of_an_odd_function_lose_all_they_have_in_common(name: ActivationName) -> None:
    point = variance_map(name, 3.0, 0.0).fixed_points[0]
    assert point.c_star == 0.0


def test_chi_c_of_erf_is_its_closed_form() -> None:
    """σ_w²·4/π/√((1 + 2q)² − 4q²c²), the derivative of Williams's arcsine by qc."""
    point = variance_map("erf", 3.0, 0.05).fixed_points[0]
    assert point.c_star is not None
    q, c = point.q_star, point.c_star
    assert point.chi_c == pytest.approx(12.0 / math.pi / math.sqrt((1 + 2 * q) ** 2 - (2 * q * c) ** 2), rel=1e-12)
