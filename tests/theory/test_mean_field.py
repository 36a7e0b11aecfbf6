"""Fixed points and critical lines against closed forms, papers, and an iteration that knows no quadrature of ours."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmoid_lab.theory.mean_field import FixedPoint, critical_points, depth_scale, variance_map
from sigmoid_lab.vocabulary import ACTIVATIONS, ActivationName


def only(name: ActivationName, weight: float, bias: float) -> FixedPoint:
    (point,) = variance_map(name, weight, bias).fixed_points
    return point


def test_relu_has_the_fixed_point_of_a_geometric_series() -> None:
    point = only("relu", 1.5, 0.2)
    assert point.q_star == pytest.approx(0.2 / (1 - 0.75), rel=1e-12)
    assert point.chi_1 == pytest.approx(0.75, rel=1e-13)
    assert point.chi_q == pytest.approx(0.75, rel=1e-13)
    assert point.mean == pytest.approx(math.sqrt(point.q_star / (2 * math.pi)), rel=1e-13)
    assert (point.c_star, point.phase, point.stable) == (1.0, "ordered", True)


def test_erf_solves_its_arcsine_equation() -> None:
    point = variance_map("erf", 2.0, 0.1).fixed_points[0]
    q = point.q_star
    assert 4 / math.pi * math.asin(2 * q / (1 + 2 * q)) + 0.1 == pytest.approx(q, rel=1e-12)
    assert point.chi_1 == pytest.approx(8 / math.pi / math.sqrt(1 + 4 * q), rel=1e-12)
    c = point.c_star
    assert c is not None
    assert 4 / math.pi * math.asin(2 * q * c / (1 + 2 * q)) + 0.1 == pytest.approx(q * c, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "weight", "bias"),
    [("sigmoid", 104.0, 0.0), ("sigmoid", 122.0, 8.0), ("tanh", 3.6, 1.0), ("gelu", 2.5, 0.0)],
)
def test_just_beyond_the_critical_line_two_signals_keep_their_distance_at_c_star(
    name: ActivationName, weight: float, bias: float
) -> None:
    """q·(1 − c*) = ½σ_w² E[(φ(u) − φ(u′))²], u and u′ the sum and the difference of two independent normals."""
    from sigmoid_lab.theory.activations import CURVES

    point = next(point for point in variance_map(name, weight, bias).fixed_points if point.q_star > 0.0)
    c, phi = point.c_star, CURVES[name].value
    assert c is not None
    assert c < 1.0
    x = np.linspace(-9.0, 9.0, 1201)
    density = np.exp(-0.5 * x * x) / np.sum(np.exp(-0.5 * x * x))
    mean, half = math.sqrt(point.q_star * (1 + c) / 2) * x, math.sqrt(point.q_star * (1 - c) / 2) * x
    apart = phi(mean[:, None] + half) - phi(mean[:, None] - half)
    assert 0.5 * weight * density @ apart**2 @ density == pytest.approx(point.q_star * (1 - c), rel=1e-8)


def test_at_he_initialisation_every_q_is_a_fixed_point_of_relu() -> None:
    point = only("relu", 2.0, 0.0)
    assert point.every_q
    assert (point.q_star, point.phase, point.c_star) == (2.0, "critical", 1.0)


def test_a_linear_network_that_keeps_its_signals_keeps_their_correlation_whatever_it_is() -> None:
    point = only("identity", 1.0, 0.0)
    assert (point.every_q, point.c_star) == (True, None)
    assert point.chi_c == pytest.approx(1.0, rel=1e-14)


def test_a_linear_network_that_forgets_its_inputs_makes_them_alike() -> None:
    assert only("identity", 0.5, 0.1).c_star == 1.0


def test_selu_keeps_mean_zero_and_variance_one_at_lecun_initialisation() -> None:
    """Klambauer et al. 2017, section 2: the fixed point that λ and α are made for, and its attraction."""
    point, origin = variance_map("selu", 1.0, 0.0).fixed_points
    assert point.q_star == pytest.approx(1.0, rel=1e-12)
    assert point.mean == pytest.approx(0.0, abs=1e-13)
    assert point.chi_q == pytest.approx(0.782648, rel=1e-6)
    assert (point.stable, origin.q_star, origin.stable) == (True, 0.0, False)


def test_tanhs_critical_weight_variance_is_that_of_schoenholz() -> None:
    """σ_w² = 1.76 at σ_b² = 0.05, the critical point of Schoenholz et al. 2017."""
    ((weight, point),) = critical_points("tanh", 0.05)
    assert weight == pytest.approx(1.76, abs=0.005)
    assert point.chi_1 == pytest.approx(1.0, rel=1e-13)


@pytest.mark.parametrize(
    ("name", "weight"),
    [("identity", 1.0), ("relu", 2.0), ("leaky-relu", 2 / (1 + 1e-4)), ("tanh", 1.0), ("centred-sigmoid", 4.0)],
)
def test_critical_weight_variances_without_bias(name: ActivationName, weight: float) -> None:
    assert [found for found, _ in critical_points(name, 0.0)] == [pytest.approx(weight, rel=1e-13)]


def test_erfs_critical_weight_variance_without_bias_is_a_quarter_of_pi() -> None:
    ((weight, _),) = critical_points("erf", 0.0)
    assert weight == pytest.approx(math.pi / 4, rel=1e-13)


def test_sigmoid_is_critical_at_a_weight_variance_of_a_hundred() -> None:
    ((weight, point),) = critical_points("sigmoid", 0.0)
    assert weight == pytest.approx(103.0076, rel=1e-6)
    again = variance_map("sigmoid", weight, 0.0).fixed_points[0]
    assert again.q_star == pytest.approx(point.q_star, rel=1e-12)
    assert again.phase == "critical"


@pytest.mark.parametrize(("name", "bias"), [("relu", 0.1), ("identity", 0.1), ("softplus", 0.0), ("softplus", 1.0)])
def test_some_have_no_critical_point(name: ActivationName, bias: float) -> None:
    assert critical_points(name, bias) == ()


@pytest.mark.parametrize(("weight", "bias"), [(2.0, 0.1), (3.0, 0.0), (2.5, 1e-9)])
def test_relu_grows_without_bound(weight: float, bias: float) -> None:
    found = variance_map("relu", weight, bias)
    assert found.grows
    assert not any(point.stable for point in found.fixed_points)


def test_gelu_has_a_stable_zero_an_unstable_point_and_growth_beyond() -> None:
    found = variance_map("gelu", 2.5, 0.0)
    zero, edge = found.fixed_points
    assert (zero.q_star, zero.stable, edge.stable, found.grows) == (0.0, True, False, True)
    assert edge.chi_q > 1.0


def test_at_zero_no_correlation_is_told() -> None:
    origin = variance_map("tanh", 0.5, 0.0).fixed_points[0]
    assert (origin.q_star, origin.c_star, origin.chi_c) == (0.0, None, None)
    assert origin.chi_1 == pytest.approx(0.5, rel=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_stable_point_is_where_iteration_of_a_monte_carlo_map_ends(name: ActivationName) -> None:
    """The same numbers x at every iteration, so that this map has a fixed point of its own, close to V's."""
    from sigmoid_lab.theory.activations import CURVES

    x = np.random.default_rng(0).standard_normal(100_000)
    x = np.concatenate([x, -x]) / x.std()
    q = 1.0
    for _ in range(60):
        q = 1.2 * float(np.mean(CURVES[name].value(math.sqrt(q) * x) ** 2)) + 0.3 if name != "identity" else 0.6
    weight, bias = (1.2, 0.3) if name != "identity" else (0.5, 0.3)
    assert variance_map(name, weight, bias).fixed_points[0].q_star == pytest.approx(q, rel=0.01)


@given(
    name=st.sampled_from(ACTIVATIONS),
    weight=st.floats(1e-3, 20.0),
    bias=st.one_of(st.just(0.0), st.floats(1e-6, 10.0)),
)
def test_whatever_is_told_is_consistent(name: ActivationName, weight: float, bias: float) -> None:
    found = variance_map(name, weight, bias)
    points = found.fixed_points
    assert [p.stable for p in points] == sorted((p.stable for p in points), reverse=True)
    assert points or found.grows
    for point in points:
        numbers = (point.q_star, point.mean, point.chi_1, point.chi_q)
        assert all(map(math.isfinite, numbers))
        assert (point.phase == "chaotic") == (point.chi_1 > 1 + 1e-9)
        if point.c_star is not None and point.chi_c is not None:
            assert 0.0 <= point.c_star <= 1.0
            assert point.chi_c <= 1.0 + 1e-6
    if not found.grows:
        assert any(point.stable for point in points)


@pytest.mark.parametrize(
    ("chi", "layers"),
    [(math.exp(-0.5), 2.0), (math.e, -1.0), (1.0, math.inf), (0.0, 0.0), (None, None)],
)
def test_a_depth_scale_is_the_inverse_logarithm(chi: float | None, layers: float | None) -> None:
    assert depth_scale(chi) == (pytest.approx(layers) if layers is not None else None)
