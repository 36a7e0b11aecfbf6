import json
import math

import pytest

from sigmoid_lab import LabError
from sigmoid_lab.questions.theory import theory
from sigmoid_lab.vocabulary import ACTIVATIONS


def test_nothing_asked_is_torchs_default_at_a_width_of_64() -> None:
    answer = theory()
    assert answer.settings["init"] == "default"
    assert {row.activation for row in answer.rows} == {"sigmoid", "relu"}
    for row in answer.rows:
        assert row.weight_variance == pytest.approx(1 / 3)
        assert row.bias_variance == pytest.approx(1 / 192)


def test_an_initialisation_is_its_variances_at_the_width() -> None:
    (named,) = theory(["tanh"], init="he", width=128).rows[:1]
    (given,) = theory(["tanh"], 2.0, 0.0).rows[:1]
    assert named.q_star == pytest.approx(given.q_star, rel=1e-12)
    assert named.phase == given.phase == "chaotic"


def test_stable_points_come_first_and_growth_last() -> None:
    rows = theory(["gelu"], 2.5).rows
    assert [(row.stable, row.phase) for row in rows] == [(True, "ordered"), (False, "chaotic"), (None, "unbounded")]
    assert rows[-1].q_star is None
    assert rows[-1].chi_1 is None


def test_depths_are_inverse_logarithms_and_growth_is_negative() -> None:
    stable, unstable = theory(["tanh"], 1.5).rows
    assert stable.chi_1 is not None
    assert stable.gradient_depth == pytest.approx(-1 / math.log(stable.chi_1))
    assert unstable.gradient_depth == pytest.approx(-1 / math.log(1.5))


def test_critical_solves_for_the_weight_variance_or_says_that_there_is_none() -> None:
    answer = theory(["relu", "softplus", "tanh"], critical=True)
    assert [row.activation for row in answer.rows] == ["relu", "tanh"]
    assert [row.weight_variance for row in answer.rows] == pytest.approx([2.0, 1.0])
    assert answer.rows[0].every_q
    assert answer.never_critical == ("softplus",)
    assert answer.settings["weight_variance"] is None


def test_a_finite_network_is_told_layer_by_layer_the_output_included() -> None:
    answer = theory(["sigmoid", "relu"], layers=3, width=32)
    assert [(row.activation, row.layer) for row in answer.by_layer] == [
        (name, layer) for name in ("sigmoid", "relu") for layer in (1, 2, 3, 4)
    ]
    assert answer.by_layer[3].squared_gradient_ratio == 1.0


def test_variances_given_hold_in_every_layer_of_a_network() -> None:
    first, *_ = theory(["identity"], 1.7, 0.2, layers=2, features=3).by_layer
    assert first.q == pytest.approx(1.9)
    assert first.squared_gradient_ratio == pytest.approx(1.7**2)


def test_no_number_of_an_answer_is_undefined() -> None:
    for answer in (theory(["relu"], 2.0), theory(["tanh"], critical=True), theory(["relu"], 3.0, 1.0)):
        assert "NaN" not in json.dumps(answer.plain())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"activations": ["tan"]}, "did you mean 'tanh'"),
        ({"weight_variance": -1.0}, "weight-variance: -1 is out of range"),
        ({"weight_variance": math.nan}, "weight-variance: nan"),
        ({"weight_variance": 1e308}, r"weight-variance: 1e\+308 is out of range"),
        ({"weight_variance": 1e-308}, "weight-variance: 1e-308 is out of range"),
        ({"weight_variance": 0.0}, "weight-variance: 0 is out of range"),
        ({"bias_variance": 1e-300, "critical": True}, "bias-variance: 1e-300 .* must be 0, or from 1e-12"),
        ({"bias_variance": math.nan}, "bias-variance: nan"),
        ({"bias_variance": -0.1}, "bias-variance: -0.1 is out of range"),
        ({"bias_variance": math.inf}, "bias-variance: inf"),
        ({"init": "he", "weight_variance": 1.0}, "give either"),
        ({"init": "kaiming"}, "'kaiming' is unknown"),
        ({"init": "orthogonal"}, "no theory of orthogonal weights"),
        ({"critical": True, "weight_variance": 1.0}, "leave out --weight-variance"),
        ({"critical": True, "init": "he"}, "leave out --init"),
        ({"critical": True, "layers": 2}, "critical: says nothing of layers"),
        ({"layers": 0}, "layers: 0 is out of range"),
        ({"width": 10**9}, "width"),
        ({"features": 0}, "features: 0"),
        ({"activations": ["relu"], "weight_variance": 1e6, "layers": 1000}, r"q grows beyond 1e\+300 at layer"),
    ],
)
def test_bad_values_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(LabError, match=message):
        theory(**arguments)  # type: ignore[arg-type]


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(LabError) as caught:
        theory(weight_variance=-1.0, bias_variance=-1.0, layers=-1)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(("weight", "bias"), [(1e-12, 0.0), (1e-12, 1e12), (1e12, 1e-12), (1.0, 1e-12)])
def test_every_activation_has_an_answer_at_the_ends_of_what_is_taken(weight: float, bias: float) -> None:
    """A warning of numpy's would fail it."""
    answer = theory(ACTIVATIONS, weight, bias, layers=1, width=1, features=1)
    assert {row.activation for row in answer.rows} == set(ACTIVATIONS)
    assert "NaN" not in json.dumps(answer.plain())
