import math
import struct
from bisect import bisect_left
from collections.abc import Callable
from decimal import Decimal, getcontext, localcontext
from fractions import Fraction
from math import inf, nan

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mpf

from sigmoid_lab.numerics import exact
from sigmoid_lab.numerics.formats import FORMATS

getcontext().prec = 80
ONE = Decimal(1)

Z = [math.copysign(sign * 1.07**step * 1e-4, sign) for step in range(170) for sign in (-1, 1)] + [0.0, -700.0, 700.0]
BFLOATS = FORMATS["bfloat16"].ordered(FORMATS["bfloat16"].not_negative, FORMATS["bfloat16"].finite).tolist()


def sigmoid(z: float) -> Decimal:
    return ONE / (ONE + (-Decimal(z)).exp())


def packed(number: float, code: str) -> float:
    """Round by Python's own packing, which refuses what rounds to infinity."""
    try:
        (found,) = struct.unpack(code, struct.pack(code, number))
    except OverflowError:
        return math.copysign(inf, number)
    assert isinstance(found, float)
    return found


def doubles(real: Callable[[float], mpf]) -> list[float]:
    return [exact.rounded(real(z), FORMATS["float64"]) for z in Z]


def test_the_sigmoid_rounds_to_that_of_decimal_arithmetic() -> None:
    assert doubles(exact.sigmoid) == [float(sigmoid(z)) for z in Z]


def test_the_slope_rounds_to_that_of_decimal_arithmetic() -> None:
    assert doubles(exact.slope) == [float(sigmoid(z) * sigmoid(-z)) for z in Z]


@pytest.mark.parametrize("target", [0, 1])
def test_the_slope_of_the_cross_entropy_rounds_to_that_of_decimal_arithmetic(target: int) -> None:
    wanted = [float(-sigmoid(-z) if target else sigmoid(z)) for z in Z]
    assert doubles(lambda z: exact.cross_entropy_slope(z, target)) == wanted


@pytest.mark.parametrize("target", [0, 1])
def test_the_cross_entropy_rounds_to_that_of_decimal_arithmetic(target: int) -> None:
    with localcontext(prec=350):  # what is added to 1 is as little as e^−700
        wanted = [float(-(sigmoid(z) if target else sigmoid(-z)).ln()) for z in Z]
    assert doubles(lambda z: exact.cross_entropy(z, target)) == wanted


@pytest.mark.parametrize(
    ("z", "value", "slope", "loss_of_0", "loss_of_1"),
    [
        (-inf, 0.0, 0.0, 0.0, inf),
        (inf, 1.0, 0.0, inf, 0.0),
        (1e308, 1.0, 0.0, 1e308, 0.0),
        (-1e308, 0.0, 0.0, 0.0, 1e308),
    ],
)
def test_the_ends_are_the_limits(z: float, value: float, slope: float, loss_of_0: float, loss_of_1: float) -> None:
    reals = (exact.sigmoid(z), exact.slope(z), exact.cross_entropy(z, 0), exact.cross_entropy(z, 1))
    assert [exact.rounded(real, FORMATS["float64"]) for real in reals] == [value, slope, loss_of_0, loss_of_1]


def test_everything_of_nan_is_nan() -> None:
    reals = (exact.sigmoid(nan), exact.slope(nan), exact.cross_entropy(nan, 0), exact.cross_entropy_slope(nan, 1))
    assert all(math.isnan(exact.rounded(real, FORMATS["float32"])) for real in reals)


@given(st.floats(allow_nan=False))
@example(65519.99999999999)
@example(65520.0)
@example(2.0**-25)
@example(2.0**-25 * (1 + 2**-52))
@example(1.0 + 2.0**-11)
@example(1.0 + 2.0**-11 + 2.0**-36)
def test_float16_rounds_as_python_packs_it(number: float) -> None:
    assert exact.rounded(number, FORMATS["float16"]) == packed(number, "<e")


@given(st.floats(-70000.0, 70000.0))
def test_float16_rounds_as_python_packs_it_in_its_own_range(number: float) -> None:
    assert exact.rounded(number, FORMATS["float16"]) == packed(number, "<e")


@given(st.floats(allow_nan=False))
@example(3.4028235677973366e38)
@example(2.0**-150)
def test_float32_rounds_as_python_packs_it(number: float) -> None:
    assert exact.rounded(number, FORMATS["float32"]) == packed(number, "<f")


@given(st.floats(0.0, BFLOATS[-1]))
@example(1.0 + 2.0**-8)
@example(1.0 + 3 * 2.0**-8)
@example(2.0**-134)
@example(3 * 2.0**-134)
def test_bfloat16_rounds_to_the_nearest_and_to_the_even_one_of_two(number: float) -> None:
    above = bisect_left(BFLOATS, number)
    nearest = min(
        {max(above - 1, 0), above}, key=lambda index: (abs(Fraction(BFLOATS[index]) - Fraction(number)), index % 2)
    )
    assert exact.rounded(number, FORMATS["bfloat16"]) == BFLOATS[nearest]


@given(st.floats(allow_nan=False))
def test_a_float64_is_its_own_rounding(number: float) -> None:
    assert exact.rounded(number, FORMATS["float64"]) == number


@pytest.mark.parametrize(
    ("value", "ulp"),
    [(0.5, 0.0), (0.5 + 2**-11, 1.0), (0.5 - 2**-12, 0.5), (1.0, 1024.0), (0.0, 1024.0), (inf, inf), (nan, inf)],
)
def test_errors_are_in_units_of_the_exact_ones_last_place(value: float, ulp: float) -> None:
    assert exact.error_in_ulp(value, exact.sigmoid(0.0), FORMATS["float16"]) == ulp


def test_an_error_counts_from_the_real_number_and_not_from_the_rounded_one() -> None:
    error = exact.error_in_ulp(0.0, exact.sigmoid(-17.5), FORMATS["float16"])
    assert error == pytest.approx(float(sigmoid(-17.5)) / 2**-24)


@pytest.mark.parametrize("z", [-inf, inf, nan])
def test_what_is_not_finite_is_right_or_infinitely_wrong(z: float) -> None:
    loss = exact.cross_entropy(z, 0)
    right = exact.rounded(loss, FORMATS["float32"])
    assert exact.error_in_ulp(right, loss, FORMATS["float32"]) == 0.0
    if not math.isfinite(right):
        assert exact.error_in_ulp(1.0, loss, FORMATS["float32"]) == inf
