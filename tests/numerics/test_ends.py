import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from sigmoid_lab.functions.activations import value_and_slope
from sigmoid_lab.functions.sigmoids import SIGMOIDS
from sigmoid_lab.numerics.ends import first, one_from, slope_zero_from, zero_from
from sigmoid_lab.numerics.formats import FORMATS
from sigmoid_lab.vocabulary import SIGMOIDS as NAMES
from sigmoid_lab.vocabulary import DtypeName, SigmoidName

HALF = FORMATS["float16"]
EVERY_Z = HALF.ordered(0, HALF.finite)


def nearest_to_zero(holds: Tensor, sign: int) -> float | None:
    found: list[float] = EVERY_Z[holds & (EVERY_Z * sign > 0)].tolist()
    return min(found, key=abs, default=None)


@pytest.mark.parametrize("name", NAMES)
def test_ends_are_those_of_a_whole_scan(name: SigmoidName) -> None:
    function = SIGMOIDS[name]
    value, slope = value_and_slope(function, EVERY_Z)
    assert zero_from(function, HALF) == nearest_to_zero(value == 0.0, -1)
    assert one_from(function, HALF) == nearest_to_zero(value == 1.0, 1)
    assert slope_zero_from(function, HALF, -1) == nearest_to_zero(slope == 0.0, -1)
    assert slope_zero_from(function, HALF, 1) == nearest_to_zero(slope == 0.0, 1)


@pytest.mark.parametrize("sign", [-1, 1])
@given(bound=st.floats(min_value=0.0, exclude_min=True, max_value=1e308))
def test_a_threshold_of_float64_is_found_to_the_last_bit(sign: int, bound: float) -> None:
    assert first(lambda z: z.abs() >= bound, FORMATS["float64"], sign) == sign * bound


def test_what_holds_at_the_greatest_value_alone_is_found() -> None:
    assert first(lambda z: z == 65504.0, HALF, 1) == 65504.0


def test_what_never_holds_has_no_end() -> None:
    assert first(lambda z: ~z.isfinite(), FORMATS["float64"], 1) is None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_value_before_the_end_is_not_yet_zero(dtype: DtypeName) -> None:
    form = FORMATS[dtype]
    end = zero_from(SIGMOIDS["two-branch"], form)
    assert end is not None
    at_end = torch.tensor([end], dtype=form.dtype)
    before = torch.nextafter(at_end, torch.zeros_like(at_end))
    values = SIGMOIDS["two-branch"](torch.cat([at_end, before]))
    assert values[0] == 0.0
    assert values[1] == math.ldexp(1.0, form.place(0.0))
