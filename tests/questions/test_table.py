import math

import pytest

from sigmoid_lab import LabError, table
from sigmoid_lab.questions.numbers import numbers


def test_sigmoid_at_the_usual_points() -> None:
    answer = table()
    assert [row.z for row in answer.rows] == [-5, -2, -1, 0, 1, 2, 5]
    for row in answer.rows:
        value = 1.0 / (1.0 + math.exp(-row.z))
        assert row.value == pytest.approx(value, rel=1e-6)
        # Near 1 float32 holds 1 − σ to 6e-8 only, which is 9e-6 of the slope at z = 5.
        assert row.derivative == pytest.approx(value * (1.0 - value), abs=6e-8)
        assert row.share_of_max_slope == pytest.approx(4.0 * value * (1.0 - value), abs=24e-8)


def test_the_dtype_asked_for_is_the_one_computed_in() -> None:
    (single,) = table(at=[1.0], dtype="float32").rows
    (double,) = table(at=[1.0], dtype="float64").rows
    (half,) = table(at=[1.0], dtype="float16").rows
    assert double.value == pytest.approx(1.0 / (1.0 + math.exp(-1.0)), rel=1e-15)
    assert 0.0 < abs(single.value - double.value) < abs(half.value - double.value) < 1e-3


def test_sigmoid_has_its_greatest_slope_of_a_quarter_at_zero() -> None:
    (greatest,) = table().greatest_slope
    assert (greatest.slope, greatest.at_z) == (0.25, 0.0)


def test_an_activation_named_twice_is_shown_once() -> None:
    assert [greatest.activation for greatest in table(["tanh", "tanh"]).greatest_slope] == ["tanh"]


def test_an_unknown_activation_names_the_nearest() -> None:
    with pytest.raises(LabError, match="'sigmod' is unknown; did you mean 'sigmoid'"):
        table(["sigmod"])


def test_z_that_is_no_number_is_named() -> None:
    with pytest.raises(LabError, match="'two' is no number"):
        numbers("1,two,3")


def test_z_may_be_infinite_or_nan() -> None:
    below, above, nan = table(at=numbers("-inf,inf,nan")).rows
    assert (below.value, above.value) == (0.0, 1.0)
    assert math.isnan(nan.value)
