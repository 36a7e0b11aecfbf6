"""Bands of depth scales."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmoid_lab.wording.phases import BANDS, KEEPS, UNBOUNDED, band


@pytest.mark.parametrize(
    ("chi_1", "words"),
    [
        (0.0, "shrinks in 0 to 1 layers"),
        (0.3, "shrinks in 0 to 1 layers"),
        (0.5, "shrinks in 1 to 3 layers"),
        (0.8, "shrinks in 3 to 10 layers"),
        (0.95, "shrinks in 10 to 30 layers"),
        (0.98, "shrinks in 30 to 100 layers"),
        (0.995, KEEPS),
        (1.0, KEEPS),
        (1.005, KEEPS),
        (1.02, "grows in 30 to 100 layers"),
        (1.25, "grows in 3 to 10 layers"),
        (10.0, "grows in 0 to 1 layers"),
        (None, UNBOUNDED),
    ],
)
def test_a_slope_has_the_band_of_its_depth_scale(chi_1: float | None, words: str) -> None:
    assert band(chi_1) == words


@given(st.floats(0.0, 1e300), st.floats(0.0, 1e300))
def test_bands_follow_slopes(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert BANDS.index(band(low)) <= BANDS.index(band(high))


@given(st.floats(1e-300, 1e300))
def test_an_inverse_grows_as_fast_as_the_slope_shrinks(chi_1: float) -> None:
    if abs(math.log(chi_1)) > 1e-9 and band(chi_1) == band(chi_1 * (1 + 1e-12)) == band(chi_1 * (1 - 1e-12)):
        pairs = dict(zip(BANDS[:-1], reversed(BANDS[:-1]), strict=True))
        assert band(1.0 / chi_1) == pairs[band(chi_1)]
