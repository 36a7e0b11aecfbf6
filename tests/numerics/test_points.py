from collections.abc import Callable
from math import inf, nan

import pytest
import torch
from torch import Tensor

from sigmoid_lab.functions.losses import LOSSES
from sigmoid_lab.functions.sigmoids import SIGMOIDS, two_branch
from sigmoid_lab.numerics.formats import FORMATS
from sigmoid_lab.numerics.points import Point, loss_points, measure, sigmoid_points, verdict
from sigmoid_lab.results.stability import Verdict
from sigmoid_lab.vocabulary import DTYPES, DtypeName

Z = (-100.0, -17.0, -1.0, 0.5, 1.0, 10.0, 50.0)


RIGHT = ("exact", "close")


def right(points: list[Point]) -> list[tuple[bool, bool]]:
    """Say at each point whether the value is right, and whether the slope is."""
    return [(point.value.verdict in RIGHT, point.slope.verdict in RIGHT) for point in points]


@pytest.mark.parametrize(
    ("value", "exact", "error", "found"),
    [
        (0.5, 0.5, 0.0, "exact"),
        (0.5, 0.5, 0.5, "exact"),
        (0.5, 0.5, 0.5001, "close"),
        (0.5, 0.5, 4.0, "close"),
        (0.5, 0.5, 4.001, "wrong"),
        (0.0, 1e-45, 1.0, "wrong"),
        (0.0, 0.0, 0.4, "exact"),
        (inf, 1.0, inf, "inf"),
        (-inf, inf, inf, "inf"),
        (inf, inf, 0.0, "exact"),
        (nan, 1.0, inf, "nan"),
        (nan, inf, inf, "nan"),
        (nan, nan, 0.0, "exact"),
        (1.0, nan, inf, "wrong"),
        (1.0, inf, inf, "wrong"),
    ],
)
def test_the_verdict_follows_the_contract(value: float, exact: float, error: float, found: Verdict) -> None:
    assert verdict(value, exact, error) == found


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_two_branches_are_right_forward_and_backward(dtype: DtypeName) -> None:
    assert right(sigmoid_points(two_branch, FORMATS[dtype], Z)) == [(True, True)] * len(Z)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_flipped_sign_is_caught(dtype: DtypeName) -> None:
    points = sigmoid_points(lambda z: two_branch(-z), FORMATS[dtype], Z)
    assert not any(value for value, _ in right(points))


def steps_off(steps: int) -> Callable[[Tensor], Tensor]:
    """Return the two-branch form, some values of the format too high, with the slope untouched."""

    def sigmoid(z: Tensor) -> Tensor:
        value = two_branch(z)
        bits = value.detach().view({2: torch.int16, 4: torch.int32, 8: torch.int64}[z.element_size()])
        return value + ((bits + steps).view(z.dtype) - value.detach())

    return sigmoid


@pytest.mark.parametrize("dtype", DTYPES)
def test_one_unit_in_the_last_place_is_caught(dtype: DtypeName) -> None:
    (good,) = sigmoid_points(two_branch, FORMATS[dtype], [0.0])
    (bad,) = sigmoid_points(steps_off(1), FORMATS[dtype], [0.0])
    assert (good.value.verdict, good.value.error_ulp) == ("exact", 0.0)
    assert (bad.value.verdict, bad.value.error_ulp) == ("close", 1.0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_five_units_are_wrong(dtype: DtypeName) -> None:
    (bad,) = sigmoid_points(steps_off(5), FORMATS[dtype], [0.0])
    assert (bad.value.verdict, bad.value.error_ulp) == ("wrong", 5.0)


def test_a_right_value_with_a_nan_slope_is_told_apart() -> None:
    (point,) = sigmoid_points(SIGMOIDS["where"], FORMATS["float32"], [1000.0])
    assert (point.value.verdict, point.slope.verdict) == ("exact", "nan")


def test_a_zero_slope_is_wrong_where_the_format_holds_the_exact_one() -> None:
    (point,) = sigmoid_points(SIGMOIDS["torch"], FORMATS["float32"], [50.0])
    assert (point.slope.value, point.slope.verdict) == (0.0, "wrong")
    assert point.slope.exact == pytest.approx(1.92874985e-22, rel=1e-7)


def test_z_is_rounded_to_the_format_first() -> None:
    (point,) = sigmoid_points(SIGMOIDS["torch"], FORMATS["float16"], [0.1])
    assert point.z == 0.0999755859375
    assert point.value.error_ulp <= 0.5


def test_what_stands_at_one_z_depends_on_no_other() -> None:
    z = [-10.0 + step / 16 for step in range(321)]
    together = measure(SIGMOIDS["torch"], FORMATS["float32"], z)
    alone = [measure(SIGMOIDS["torch"], FORMATS["float32"], [each]) for each in z]
    assert [values[0] for values, _ in alone] == together[0]
    assert [slopes[0] for _, slopes in alone] == together[1]


@pytest.mark.parametrize("target", [0, 1])
def test_the_max_form_of_ordinary_logits_is_right(target: int) -> None:
    points = loss_points(LOSSES["max-form"], target, FORMATS["float64"], [-1.0, 1.0])
    assert right(points) == [(True, True)] * 2


def test_a_loss_that_is_infinite_is_right_where_the_exact_one_is() -> None:
    (point,) = loss_points(LOSSES["hand-written-bce"], 0, FORMATS["float32"], [inf])
    assert (point.value.exact, point.slope.exact) == (inf, 1.0)
