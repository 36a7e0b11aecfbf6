import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmoid_lab.results.spread import Spread

NONE = Spread(None, None, None, None, None)
ORDINARY = st.integers(-(10**9), 10**9).map(lambda thousandths: thousandths / 1000)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SIZES = st.floats(0.0, allow_infinity=False)
"""What is summarised is never far below zero: norms, losses, shares."""


def numbers(spread: Spread) -> list[float]:
    found = [spread.median, spread.mean, spread.rms, spread.low, spread.high]
    return [number for number in found if number is not None]


@given(st.lists(ORDINARY, min_size=1, max_size=60))
def test_a_spread_is_what_numpy_finds(values: list[float]) -> None:
    expected = [
        np.median(values),
        np.mean(values),
        np.sqrt(np.mean(np.square(values))),
        np.quantile(values, 0.05),
        np.quantile(values, 0.95),
    ]
    size = max(map(abs, values))
    assert numbers(Spread.of(values)) == pytest.approx(expected, rel=1e-12, abs=1e-13 * size)


def test_a_hundred_and_one_values_have_their_sixth_and_ninety_sixth_as_ends() -> None:
    spread = Spread.of(float(value) for value in reversed(range(101)))
    assert (spread.low, spread.median, spread.high) == (5.0, 50.0, 95.0)
    assert spread.mean == 50.0
    assert spread.rms == pytest.approx(math.sqrt(100 * 201 / 6))


def test_one_value_is_all_of_its_spread() -> None:
    assert Spread.of([-3.0]) == Spread(median=-3.0, mean=-3.0, rms=3.0, low=-3.0, high=-3.0)


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf, math.nan, None]])
def test_nothing_finite_has_a_spread_of_nulls(values: list[float | None]) -> None:
    assert Spread.of(values) == NONE


@given(st.lists(st.floats() | st.none(), max_size=30))
def test_what_is_not_finite_or_missing_is_left_out(values: list[float | None]) -> None:
    finite = [value for value in values if value is not None and math.isfinite(value)]
    assert Spread.of(values) == Spread.of(finite)


@given(st.lists(FINITE, max_size=30), st.randoms())
def test_order_does_not_matter(values: list[float], random: Random) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    assert Spread.of(shuffled) == Spread.of(values)


@given(st.lists(SIZES, min_size=1, max_size=30))
def test_every_number_of_a_spread_lies_between_the_least_and_the_greatest_value(values: list[float]) -> None:
    low, high = min(values), max(values)
    room = 1e-15 * high
    for number in numbers(Spread.of(values)):
        assert low - room <= number <= high + room


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=30))
def test_the_root_mean_square_is_at_least_the_mean(values: list[float]) -> None:
    _, mean, rms, *_ = numbers(Spread.of(values))
    assert rms >= mean * (1 - 1e-14)


@pytest.mark.parametrize("size", [1e-300, 1e-30, 1e300])
def test_the_squares_of_a_root_mean_square_neither_underflow_nor_overflow(size: float) -> None:
    assert Spread.of([size, size, 0.0, 0.0]).rms == pytest.approx(size / math.sqrt(2), rel=1e-14, abs=0.0)


def test_the_mean_of_huge_values_does_not_overflow() -> None:
    assert Spread.of([1.7e308, 1.5e308, 1.6e308]).mean == pytest.approx(1.6e308)


def test_a_mean_loses_no_small_value_among_great_ones() -> None:
    assert Spread.of([1e16, 1.0, -1e16]).mean == pytest.approx(1 / 3)


@given(st.floats(1e-300, 1e300), st.integers(1, 40))
def test_equal_values_have_themselves_as_every_number_of_their_spread(value: float, count: int) -> None:
    assert numbers(Spread.of([value] * count)) == [value] * 5


def test_zeros_have_a_spread_of_zeros() -> None:
    assert numbers(Spread.of([0.0, 0.0])) == [0.0] * 5


def test_counts_are_summarised_like_floats() -> None:
    assert Spread.of([1, 2, 3]) == Spread.of([1.0, 2.0, 3.0])
