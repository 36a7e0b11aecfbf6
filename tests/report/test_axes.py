"""The labels of a logarithmic axis: few, round, in the order of reading, and there even within one decade."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmoid_lab.report.axes import LEAST_TICKS, MOST_TICKS, NARROWEST, notation, ticks, wide
from sigmoid_lab.report.figure import Figure, write
from sigmoid_lab.report.lines import lines


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (8e-5, 0.5, [1e-4, 1e-3, 1e-2, 1e-1]),
        (1e-10, 1.0, [1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1.0]),
        (0.02, 2.0, [0.03, 0.1, 0.3, 1.0]),
        (0.2, 0.8, [0.2, 0.4, 0.6, 0.8]),
        (0.93, 1.07, [0.95, 1.0, 1.05]),
    ],
)
def test_labels_are_powers_of_ten_or_round_numbers_between(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected, rel=1e-12)


@given(low=st.floats(1e-300, 1e290), decades=st.floats(0.0, 300.0))
def test_labels_are_few_but_never_none_and_lie_on_the_axis(low: float, decades: float) -> None:
    low, high = wide((low, min(low * 10.0**decades, 1e300)))
    found = ticks(low, high)
    assert LEAST_TICKS - 1 <= len(found) <= MOST_TICKS + 1
    assert low * (1.0 - 1e-8) <= found[0] < found[-1] <= high * (1.0 + 1e-8)


def test_ends_that_are_the_same_are_drawn_apart() -> None:
    low, high = wide((2.0, 2.0))
    assert low * NARROWEST < 2.0 < high / NARROWEST


def test_small_numbers_are_labelled_by_their_powers() -> None:
    assert (notation(1e-4, 1.0), notation(1e-3, 99.0)) == ("~e", "~g")


@pytest.mark.parametrize(
    ("norms", "labels"),
    [
        ((0.2, 0.8), ["0.2", "0.4", "0.6", "0.8"]),
        ((8e-5, 2.0), ["1e-4", "1e-3", "1e-2", "1e-1", "1"]),
        ((0.5, 2e5), ["1", "1e1", "1e2", "1e3", "1e4", "1e5"]),
    ],
)
def test_every_label_is_drawn(norms: tuple[float, float], labels: list[str], tmp_path: Path) -> None:
    rows = [{"group": "a", "layer": 1 + i, "median": x, "low": x, "high": x} for i, x in enumerate(norms)]
    write([Figure("", "", rows, [lines(rows, ["a"], "layer", "norm", logarithmic=True)])], tmp_path / "x.svg")
    drawing = (tmp_path / "x.svg").read_text(encoding="utf-8")
    axes = re.findall(r'aria-label="Y-axis titled \'norm\'.*?role-axis-title', drawing, re.DOTALL)
    assert [label.replace("−", "-") for label in re.findall(r">([^<]+)</text>", axes[0])] == labels
