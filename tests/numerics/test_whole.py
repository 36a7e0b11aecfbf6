"""Every input of a short format, held against the same inputs one by one in exact arithmetic."""

import pytest
import torch

from sigmoid_lab.functions.sigmoids import SIGMOIDS
from sigmoid_lab.numerics.formats import FORMATS
from sigmoid_lab.numerics.points import sigmoid_points
from sigmoid_lab.numerics.whole import try_whole
from sigmoid_lab.results.stability import RIGHT
from sigmoid_lab.vocabulary import DtypeName, SigmoidName


def test_an_exact_sigmoid_would_have_no_fault() -> None:
    found = try_whole(lambda z: torch.sigmoid(z.double()).to(z.dtype), FORMATS["bfloat16"])
    assert (found.wrong_values, found.nan_values, found.nan_slopes) == (0, 0, 0)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", ["torch", "naive", "where", "exp-abs"])
def test_faults_are_those_that_exact_arithmetic_finds(name: SigmoidName, dtype: DtypeName) -> None:
    form = FORMATS[dtype]
    points = sigmoid_points(SIGMOIDS[name], form, form.ordered(0, form.finite).tolist()[::37])
    values = sum(point.value.verdict not in RIGHT for point in points)
    slopes = sum(point.slope.verdict not in RIGHT for point in points)
    whole = try_whole(SIGMOIDS[name], form)
    assert abs(whole.wrong_values - 37 * values) <= 37 * 4
    assert abs(whole.wrong_slopes - 37 * slopes) <= 37 * 12


def test_the_one_slope_of_the_two_branch_form_that_is_wrong_is_found() -> None:
    found = try_whole(SIGMOIDS["two-branch"], FORMATS["float16"])
    (point,) = sigmoid_points(SIGMOIDS["two-branch"], FORMATS["float16"], (found.at_z,))
    assert found.wrong_slopes == 1
    assert found.slope_ulp == pytest.approx(point.slope.error_ulp, rel=1e-9)
    assert point.slope.verdict == "wrong"


def test_every_nan_is_counted() -> None:
    found = try_whole(lambda z: z * torch.nan, FORMATS["float16"])
    assert found.nan_values == found.nan_slopes == found.wrong_values == found.wrong_slopes == found.inputs == 63_488
