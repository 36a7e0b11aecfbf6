import time
from collections.abc import Iterator, Sequence
from itertools import chain
from threading import Event

import pytest

from sigmoid_lab.store.writer import MOST_UNSAVED, save_beside


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


def test_no_more_results_are_in_memory_than_it_should_hold() -> None:
    made, saved, most = 0, 0, 0

    def results() -> Iterator[int]:
        nonlocal made, most
        for result in range(10 * MOST_UNSAVED):
            made += 1
            most = max(most, made - saved)
            yield result

    def save(batch: Sequence[int]) -> None:
        nonlocal saved
        time.sleep(0.02)
        saved += len(batch)

    save_beside(results(), save)
    assert saved == 10 * MOST_UNSAVED
    assert most <= MOST_UNSAVED


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
        for result in range(10 * MOST_UNSAVED):
            came.append(result)
            yield result

    def save(_: Sequence[int]) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        save_beside(results(), save)
    assert len(came) <= MOST_UNSAVED
