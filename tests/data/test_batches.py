from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sigmoid_lab.config.schema import Training
from sigmoid_lab.data.batches import batches, step_count

SHAPES = st.integers(1, 40).flatmap(lambda examples: st.tuples(st.just(examples), st.integers(1, examples)))


def one_pass(seeds: tuple[int, ...], examples: int, batch_size: int, start: int = 0) -> list[NDArray[np.int64]]:
    count = -(-examples // batch_size)
    return list(islice(batches(seeds, examples, batch_size), start * count, (start + 1) * count))


@given(SHAPES, st.integers(0, 2))
def test_every_pass_shows_every_network_every_example_once(shape: tuple[int, int], start: int) -> None:
    together = np.hstack(one_pass((3, 8), *shape, start))
    assert np.array_equal(np.sort(together, axis=1), np.tile(np.arange(shape[0]), (2, 1)))


@given(SHAPES)
def test_batches_are_full_but_for_the_last_which_holds_what_is_left(shape: tuple[int, int]) -> None:
    examples, batch_size = shape
    sizes = [batch.shape for batch in one_pass((3, 8), examples, batch_size)]
    left = examples % batch_size or batch_size
    assert sizes == [(2, batch_size)] * (len(sizes) - 1) + [(2, left)]


def test_every_pass_is_shuffled_anew() -> None:
    first, second = (np.hstack(one_pass((3,), 100, 10, start)) for start in (0, 1))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first[0], np.arange(100))


def test_every_seed_has_its_own_order() -> None:
    one, other = np.hstack(one_pass((3, 4), 100, 10))
    assert not np.array_equal(one, other)


def test_an_order_depends_on_its_seed_alone() -> None:
    alone = np.hstack(one_pass((4,), 100, 10, 2))[0]
    together = np.hstack(one_pass((9, 4, 3), 100, 10, 2))[1]
    assert np.array_equal(alone, together)


def test_the_order_of_examples_does_not_depend_on_the_size_of_batches() -> None:
    assert np.array_equal(np.hstack(one_pass((4,), 100, 10, 1)), np.hstack(one_pass((4,), 100, 33, 1)))


def test_every_example_comes_first_equally_often() -> None:
    """Of 4000 seeds each of 8 examples is first in about 500, with a standard deviation of 21."""
    firsts = next(batches(tuple(range(4000)), 8, 1))[:, 0]
    assert np.abs(np.bincount(firsts, minlength=8) - 500).max() < 5 * np.sqrt(4000 * 7 / 64)


@pytest.mark.parametrize(
    ("training", "examples", "steps"),
    [
        (Training(steps=7), 100, 7),
        (Training(steps=0), 100, 0),
        (Training(epochs=0), 100, 0),
        (Training(epochs=1, batch_size=32), 96, 3),
        (Training(epochs=1, batch_size=32), 97, 4),
        (Training(epochs=5, batch_size=32), 100, 20),
        (Training(epochs=5, batch_size=100), 100, 5),
    ],
)
def test_steps_are_counted_or_the_batches_of_the_epochs(training: Training, examples: int, steps: int) -> None:
    assert step_count(training, examples) == steps
