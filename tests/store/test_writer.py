import time
from collections.abc import Iterator, Sequence
from itertools import chain
from threading import Event

import pytest

from sigmoid_lab.store.writer import MOST_WAITING, save_beside


def test_every_result_is_saved_once_and_in_order() -> None:
    saved: list[int] = []
    save_beside(range(1_000), saved.extend)
    assert saved == list(range(1_000))


def test_results_that_come_during_a_save_are_saved_together() -> None:
    batches: list[list[int]] = []
    all_came = Event()

    def results() -> Iterator[int]:
        yield from range(5)
        all_came.set()

    def save(batch: Sequence[int]) -> None:
        assert all_came.wait(60.0)
        batches.append(list(batch))

    save_beside(results(), save)
    assert list(chain(*batches)) == list(range(5))
    assert len(batches) <= 2


def test_no_more_results_wait_than_memory_should_hold() -> None:
    sizes: list[int] = []
    many_came = Event()

    def results() -> Iterator[int]:
        for result in range(10 * MOST_WAITING):
            if result == MOST_WAITING:
                many_came.set()
            yield result

    def save(batch: Sequence[int]) -> None:
        assert many_came.wait(60.0)
        time.sleep(0.05)
        sizes.append(len(batch))

    save_beside(results(), save)
    assert sum(sizes) == 10 * MOST_WAITING
    assert max(sizes) <= MOST_WAITING


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_what_came_before_an_interruption_is_saved(error: type[BaseException]) -> None:
    saved: list[int] = []

    def results() -> Iterator[int]:
        yield from range(5)
        raise error

    with pytest.raises(error):
        save_beside(results(), saved.extend)
    assert saved == list(range(5))


def test_an_error_of_saving_ends_the_work() -> None:
    came: list[int] = []

    def results() -> Iterator[int]:
        for result in range(10 * MOST_WAITING):
            came.append(result)
            yield result

    def save(_: Sequence[int]) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        save_beside(results(), save)
    assert len(came) <= MOST_WAITING
