"""Shapes are as tall as their numbers are large."""

import pytest

from sigmoid_lab.view.shapes import bar, blocks, log_ends, log_height, spread_out


@pytest.mark.parametrize(
    ("height", "drawn"), [(0.0, ""), (1.0, "████"), (0.5, "██"), (0.53, "██▏"), (2.0, "████"), (-1.0, ""), (None, "")]
)
def test_a_bar_grows_by_eighths_of_a_character(height: float | None, drawn: str) -> None:
    assert bar(height, 4) == drawn


def test_blocks_rise_from_the_least_to_the_greatest() -> None:
    assert blocks([at / 7 for at in range(8)]) == "▁▂▃▄▅▆▇█"


def test_what_has_no_height_is_a_gap() -> None:
    assert blocks([0.0, None, 1.0]) == "▁ █"


def test_a_logarithmic_height_is_even_in_powers_of_ten() -> None:
    heights = [log_height(value, 1e-30, 1.0) for value in (1e-30, 1e-20, 1e-10, 1.0)]
    assert heights == pytest.approx([0.0, 1 / 3, 2 / 3, 1.0])


def test_zero_nothing_and_infinity_have_no_place_on_a_logarithmic_scale() -> None:
    assert [log_height(value, 1e-3, 1.0) for value in (0.0, None, float("inf"))] == [None] * 3
    assert log_ends([0.0, None, float("nan"), 1e-9, 3.0]) == (1e-9, 3.0)
    assert log_ends([0.0]) == (1.0, 1.0)


def test_one_value_alone_is_the_greatest() -> None:
    assert log_height(0.5, 0.5, 0.5) == 1.0


def test_a_long_course_keeps_its_ends() -> None:
    assert spread_out(range(101), 5) == [0, 25, 50, 75, 100]
    assert spread_out([1.0, 2.0], 5) == [1.0, 2.0]
