from itertools import product

import pytest

from sigmoid_lab.config.schema import Gaussian, Initialisation, Scheme
from sigmoid_lab.theory.initialisations import Moments, moments
from sigmoid_lab.vocabulary import INITIALISATIONS, InitialisationName

FAN_IN, FAN_OUT = 8, 24
PAIRS = tuple(product([1, 7, 64], repeat=2))
EXPECTED: dict[InitialisationName, Moments] = {
    "default": Moments("uniform", 1 / 24, 1 / 24),
    "xavier": Moments("normal", 1 / 16, 0.0),
    "xavier-uniform": Moments("uniform", 1 / 16, 0.0),
    "xavier-normal": Moments("normal", 1 / 16, 0.0),
    "he": Moments("normal", 1 / 4, 0.0),
    "he-uniform": Moments("uniform", 1 / 4, 0.0),
    "he-normal": Moments("normal", 1 / 4, 0.0),
    "lecun": Moments("normal", 1 / 8, 0.0),
    "lecun-uniform": Moments("uniform", 1 / 8, 0.0),
    "lecun-normal": Moments("normal", 1 / 8, 0.0),
    "orthogonal": Moments("orthogonal", 1 / 24, 0.0),
}


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_moments_are_those_of_the_papers(name: InitialisationName) -> None:
    assert moments(name, FAN_IN, FAN_OUT) == EXPECTED[name]


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_a_bare_word_is_its_scheme_with_gain_one(name: InitialisationName) -> None:
    assert moments(Scheme(kind=name), FAN_IN, FAN_OUT) == EXPECTED[name]


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_a_gain_multiplies_the_weights_and_so_squares_into_their_variance(name: InitialisationName) -> None:
    plain, gained = EXPECTED[name], moments(Scheme(kind=name, gain=3.0), FAN_IN, FAN_OUT)
    assert gained.weight_variance == pytest.approx(9 * plain.weight_variance, rel=1e-15)
    assert (gained.distribution, gained.bias_variance) == (plain.distribution, plain.bias_variance)


def test_a_gaussian_divides_the_weights_variance_by_fan_in_and_takes_the_biases_as_it_is() -> None:
    assert moments(Gaussian(weight_variance=2.0, bias_variance=0.5), FAN_IN, FAN_OUT) == Moments("normal", 0.25, 0.5)


@pytest.mark.parametrize(("fan_in", "fan_out"), PAIRS)
def test_xavier_alone_looks_at_both_sides_alike(fan_in: int, fan_out: int) -> None:
    assert moments("xavier", fan_in, fan_out) == moments("xavier", fan_out, fan_in)
    assert moments("orthogonal", fan_in, fan_out) == moments("orthogonal", fan_out, fan_in)


@pytest.mark.parametrize(("fan_in", "fan_out"), PAIRS)
def test_he_normal_is_the_gaussian_of_weight_variance_two(fan_in: int, fan_out: int) -> None:
    both: list[Initialisation] = ["he-normal", Gaussian(weight_variance=2.0)]
    assert len({moments(init, fan_in, fan_out) for init in both}) == 1
