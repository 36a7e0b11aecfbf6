from collections.abc import Callable
from math import erf, log, sqrt

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sigmoid_lab.config.schema import Gaussian, Initialisation, Scheme
from sigmoid_lab.data.streams import stream
from sigmoid_lab.engine.initialise import initialise
from sigmoid_lab.engine.networks import Network, linear_layers

Array = NDArray[np.float64]

FAN_IN, FAN_OUT = 20, 30
SEEDS = range(200)
CHANCE = 1e-6
"""How often a right implementation would fail one of these comparisons of distributions, were the seeds not fixed."""

NAMED: dict[str, tuple[str, float]] = {
    "default": ("uniform", 1 / (3 * FAN_IN)),
    "xavier-uniform": ("uniform", 2 / (FAN_IN + FAN_OUT)),
    "xavier-normal": ("normal", 2 / (FAN_IN + FAN_OUT)),
    "he-uniform": ("uniform", 2 / FAN_IN),
    "he-normal": ("normal", 2 / FAN_IN),
    "lecun-uniform": ("uniform", 1 / FAN_IN),
    "lecun-normal": ("normal", 1 / FAN_IN),
    "xavier": ("normal", 2 / (FAN_IN + FAN_OUT)),
    "he": ("normal", 2 / FAN_IN),
    "lecun": ("normal", 1 / FAN_IN),
}
CASES: dict[str, tuple[Initialisation, str, float]] = {
    **{name: (Scheme.model_validate({"kind": name}), *law) for name, law in NAMED.items()},
    "gain": (Scheme(kind="he-uniform", gain=3.0), "uniform", 9 * 2 / FAN_IN),
    "gaussian": (Gaussian(weight_variance=1.7), "normal", 1.7 / FAN_IN),
}
EXCESS = {"uniform": -1.2, "normal": 0.0}
"""Excess kurtosis: the variance of a squared deviation is (2 + excess)·σ⁴."""

TORCH: dict[str, Callable[[Tensor], Tensor]] = {
    "xavier-uniform": nn.init.xavier_uniform_,
    "xavier-normal": nn.init.xavier_normal_,
    "he-uniform": lambda weight: nn.init.kaiming_uniform_(weight, nonlinearity="relu"),
    "he-normal": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
    "lecun-uniform": lambda weight: nn.init.kaiming_uniform_(weight, nonlinearity="linear"),
    "lecun-normal": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="linear"),
}


def drawn(
    init: Initialisation,
    hidden: tuple[int, ...] = (FAN_OUT,),
    seeds: range = SEEDS,
    dtype: torch.dtype = torch.float64,
    features: int = FAN_IN,
) -> list[tuple[Array, Array]]:
    """Return each layer's weights (E, out, in) and biases (E, out)."""
    network = Network(features, hidden, 1, "tanh", copies=1)
    initialise(network, init, seeds, torch.device("cpu"), dtype)
    return [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in linear_layers(network)]


def uniform_law(variance: float) -> Callable[[Array], Array]:
    bound = sqrt(3 * variance)
    return lambda x: np.clip((x + bound) / (2 * bound), 0, 1)


def normal_law(variance: float) -> Callable[[Array], Array]:
    return lambda x: np.array([(1 + erf(value / sqrt(2 * variance))) / 2 for value in x])


LAWS = {"uniform": uniform_law, "normal": normal_law}


def margin(count: int) -> float:
    """How far an empirical distribution strays from its law: P(sup|F_n − F| > m) ≤ 2·exp(−2nm²) (Massart 1990)."""
    return sqrt(log(2 / CHANCE) / (2 * count))


def distance(sample: Array, law: Callable[[Array], Array]) -> float:
    """Kolmogorov's: the greatest distance of the sample's distribution from the law's."""
    ordered = np.sort(sample.ravel())
    expected, steps = law(ordered), np.arange(len(ordered) + 1) / len(ordered)
    return float(max(np.max(np.abs(expected - steps[:-1])), np.max(np.abs(expected - steps[1:]))))


def assert_same_law(one: Array, other: Array) -> None:
    every = np.sort(np.concatenate([one.ravel(), other.ravel()]))
    shares = [np.searchsorted(np.sort(sample.ravel()), every, "right") / sample.size for sample in (one, other)]
    assert np.max(np.abs(shares[0] - shares[1])) < margin(one.size) + margin(other.size)


@pytest.mark.parametrize("case", CASES)
def test_the_mean_of_weights_is_zero_within_five_standard_errors(case: str) -> None:
    init, _, variance = CASES[case]
    weights = drawn(init)[0][0]
    assert abs(weights.mean()) < 5 * sqrt(variance / weights.size)


@pytest.mark.parametrize("case", CASES)
def test_the_variance_of_weights_is_the_schemes_within_five_standard_errors(case: str) -> None:
    init, kind, variance = CASES[case]
    weights = drawn(init)[0][0]
    assert abs((weights**2).mean() / variance - 1) < 5 * sqrt((2 + EXCESS[kind]) / weights.size)


@pytest.mark.parametrize("case", CASES)
def test_weights_follow_the_schemes_distribution(case: str) -> None:
    init, kind, variance = CASES[case]
    weights = drawn(init)[0][0][:50]
    assert distance(weights, LAWS[kind](variance)) < margin(weights.size)


@pytest.mark.parametrize("name", [name for name, (kind, _) in NAMED.items() if kind == "uniform"])
def test_uniform_weights_stay_within_their_bound_and_come_near_it(name: str) -> None:
    weights, bound = drawn(CASES[name][0])[0][0], sqrt(3 * NAMED[name][1])
    assert 0.999 * bound < np.abs(weights).max() <= bound


@pytest.mark.parametrize("name", TORCH)
def test_weights_are_distributed_as_those_of_torch_init(name: str) -> None:
    torch.manual_seed(0)
    theirs = torch.stack([TORCH[name](torch.empty(FAN_OUT, FAN_IN)) for _ in range(100)]).double().numpy()
    assert_same_law(drawn(CASES[name][0], seeds=range(100))[0][0], theirs)


@pytest.fixture(scope="module")
def linear() -> tuple[Array, Array]:
    """Weights and biases of many plain nn.Linear."""
    torch.manual_seed(0)
    modules = [nn.Linear(FAN_IN, FAN_OUT) for _ in SEEDS]
    weights, biases = ([getattr(module, name) for module in modules] for name in ("weight", "bias"))
    return torch.stack(weights).detach().double().numpy(), torch.stack(biases).detach().double().numpy()


def test_the_default_is_distributed_as_nn_linear_draws_it(linear: tuple[Array, Array]) -> None:
    (weights, biases), *_ = drawn("default")
    assert_same_law(weights, linear[0])
    assert_same_law(biases, linear[1])


def test_the_default_has_the_moments_of_nn_linear(linear: tuple[Array, Array]) -> None:
    for ours, theirs in zip(drawn("default")[0], linear, strict=True):
        error = sqrt((2 + EXCESS["uniform"]) / ours.size) * sqrt(2)
        assert abs((ours**2).mean() / (theirs**2).mean() - 1) < 5 * error
        assert abs((ours**4).mean() / (theirs**4).mean() - 1) < 5 * sqrt((25 / 9 - 1) / ours.size) * sqrt(2)


def test_the_default_has_the_bounds_of_nn_linear(linear: tuple[Array, Array]) -> None:
    for ours, theirs in zip(drawn("default")[0], linear, strict=True):
        assert np.abs(ours).max() <= 1 / sqrt(FAN_IN)
        assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=2e-3)


def test_default_biases_are_uniform_with_the_variance_of_the_weights() -> None:
    biases = drawn("default")[0][1]
    assert distance(biases, uniform_law(1 / (3 * FAN_IN))) < margin(biases.size)


def test_default_biases_are_drawn_apart_from_the_weights() -> None:
    weights, biases = drawn("default")[0]
    correlation = np.corrcoef(weights[:, :, 0].ravel(), biases.ravel())[0, 1]
    assert abs(correlation) < 5 / sqrt(biases.size)


@pytest.mark.parametrize("case", [case for case in [*CASES, "orthogonal"] if case != "default"])
def test_biases_are_zero_but_for_the_default(case: str) -> None:
    init: Initialisation = "orthogonal" if case == "orthogonal" else CASES[case][0]
    assert not any(biases.any() for _, biases in drawn(init, seeds=range(3)))


def test_gaussian_biases_have_the_variance_named() -> None:
    biases = drawn(Gaussian(weight_variance=1.0, bias_variance=0.3))[0][1]
    assert distance(biases, normal_law(0.3)) < margin(biases.size)


def test_a_gain_multiplies_weights_and_leaves_default_biases() -> None:
    plain, louder = drawn("default", seeds=range(3)), drawn(Scheme(kind="default", gain=4.0), seeds=range(3))
    np.testing.assert_allclose(louder[0][0], 4 * plain[0][0], rtol=1e-14)
    assert np.array_equal(louder[0][1], plain[0][1])


@pytest.mark.parametrize("hidden", [(7, 4, 7, 20), (30, 30), (1, 5)])
@pytest.mark.parametrize("gain", [1.0, 1.2])
def test_orthogonal_weights_have_orthonormal_rows_or_columns(hidden: tuple[int, ...], gain: float) -> None:
    for weights, _ in drawn(Scheme(kind="orthogonal", gain=gain), hidden, range(5)):
        for weight in weights:
            tall = weight if weight.shape[0] >= weight.shape[1] else weight.T
            np.testing.assert_allclose(tall.T @ tall, gain**2 * np.eye(tall.shape[1]), atol=1e-13)


@pytest.mark.parametrize("features", [2, 3])
def test_every_entry_of_an_orthogonal_weight_in_three_dimensions_is_uniform(features: int) -> None:
    """A coordinate of a point drawn evenly on a sphere is uniform (Archimedes)."""
    weights = drawn("orthogonal", (3,) if features == 2 else (2,), range(3000), features=features)[0][0]
    assert weights.shape[1:] == ((3, 2) if features == 2 else (2, 3))
    for row in range(weights.shape[1]):
        for column in range(weights.shape[2]):
            assert distance(weights[:, row, column], uniform_law(1 / 3)) < margin(len(weights))


def test_square_orthogonal_weights_turn_and_reflect_equally_often() -> None:
    determinants = np.linalg.det(drawn("orthogonal", (4,), range(1000), features=4)[0][0])
    np.testing.assert_allclose(np.abs(determinants), 1.0, rtol=1e-12)
    assert abs(determinants.mean()) < 5 / sqrt(1000)


def test_layers_of_one_network_are_drawn_apart() -> None:
    (first, _), (second, _), *_ = drawn("he-normal", (FAN_IN, FAN_IN))
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 5 / sqrt(first.size)


def test_the_first_layer_is_what_the_stream_of_weights_gives_first() -> None:
    bound = 1 / sqrt(FAN_IN)
    for copy, weight in enumerate(drawn("default", seeds=range(3))[0][0]):
        expected = stream(copy, "weights").uniform(-bound, bound, (FAN_OUT, FAN_IN))
        np.testing.assert_allclose(weight, expected, rtol=0, atol=1e-16)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_shorter_numbers_are_the_float64_draws_rounded_once(dtype: torch.dtype) -> None:
    network = Network(FAN_IN, (FAN_OUT,), 1, "tanh", copies=1)
    initialise(network, "default", range(3), torch.device("cpu"), dtype)
    for layer, (weights, biases) in zip(linear_layers(network), drawn("default", seeds=range(3)), strict=True):
        assert torch.equal(layer.weight, torch.from_numpy(weights).to(dtype))
        assert torch.equal(layer.bias, torch.from_numpy(biases).to(dtype))
