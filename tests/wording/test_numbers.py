import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmoid_lab.wording.numbers import number, power_of_ten, share


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.25, "0.25"),
        (1.0, "1"),
        (0.00390625, "0.003906"),
        (0.000999, "9.99e-04"),
        (1e-30, "1.00e-30"),
        (99999.0, "1e+05"),
        (123456.0, "1.23e+05"),
        (-0.5, "-0.5"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "NaN"),
    ],
)
def test_numbers_are_written_as_people_read_them(value: float | None, text: str) -> None:
    assert number(value) == text


@given(st.floats(min_value=-1e300, max_value=1e300))
def test_a_written_number_is_within_half_a_percent(value: float) -> None:
    assert float(number(value)) == pytest.approx(value, rel=0.0051)


def test_shares_are_percentages() -> None:
    assert share(0.125) == "12.5 %"
    assert share(4.54e-05) == "0.00454 %"
    assert share(None) == "–"


@pytest.mark.parametrize(
    ("log10", "text"),
    [(-400.0, "1.00e-400"), (-599.69897, "2.00e-600"), (512.5, "3.16e+512"), (-3e-5 - 400, "1.00e-400")],
)
def test_a_power_of_ten_beyond_every_float_is_written_as_numbers_are(log10: float, text: str) -> None:
    assert power_of_ten(log10) == text
