import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmoid_lab.config.schema import LAST_SEED
from sigmoid_lab.data.streams import NUMBERS, StreamName, stream

SEEDS = st.integers(0, LAST_SEED) | st.integers(0, 100) | st.integers(2**32 - 5, 2**32 + 5)
NAMES = st.sampled_from(sorted(NUMBERS))


def first(seed: int, name: StreamName) -> tuple[float, ...]:
    return tuple(stream(seed, name).random(4).tolist())


@pytest.mark.parametrize("name", NUMBERS)
def test_a_stream_is_the_same_whenever_it_is_asked_for(name: StreamName) -> None:
    assert first(7, name) == first(7, name)


@given(st.tuples(SEEDS, NAMES), st.tuples(SEEDS, NAMES))
def test_two_streams_are_equal_only_if_seed_and_name_are(
    one: tuple[int, StreamName], other: tuple[int, StreamName]
) -> None:
    assert (first(*one) == first(*other)) == (one == other)


@pytest.mark.parametrize("other", [2**32 + 5, 2**33 + 5, 3 * 2**32 + 5])
@pytest.mark.parametrize("name", NUMBERS)
def test_seeds_that_share_their_low_bits_share_no_stream(name: StreamName, other: int) -> None:
    assert first(other, name) not in {first(5, each) for each in NUMBERS}


def test_neighbouring_seeds_and_names_are_uncorrelated() -> None:
    drawn = np.array([stream(seed, name).standard_normal(2000) for seed in range(5) for name in NUMBERS])
    correlations = np.corrcoef(drawn)[np.triu_indices(len(drawn), 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(2000)
