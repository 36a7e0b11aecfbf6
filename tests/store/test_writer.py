import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from support.stacks import plan_for

from sigmoid_lab.environment import describe
from sigmoid_lab.results.measured import HISTOGRAM_BINS, EndColumns, LayerColumns, StackResult, StepColumns
from sigmoid_lab.store import writer
from sigmoid_lab.store.run import Run
from sigmoid_lab.store.writer import ENOUGH, MOST_UNSAVED, save_beside


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


def test_results_that_come_close_together_are_saved_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "SECONDS_FOR_OTHERS", 60.0)
    batches: list[list[int]] = []

    def results() -> Iterator[int]:
        for result in range(ENOUGH):
            yield result
            time.sleep(0.01)

    save_beside(results(), lambda batch: batches.append([*batch]))
    assert batches == [[*range(ENOUGH)]]


def test_a_save_that_failed_is_told_also_of_work_that_is_interrupted() -> None:
    def results() -> Iterator[int]:
        yield 0
        raise KeyboardInterrupt

    def save(_: Sequence[int]) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full") as told:
        save_beside(results(), save)
    assert isinstance(told.value.__context__, KeyboardInterrupt)


def test_a_result_that_no_other_follows_is_saved_before_the_work_ends() -> None:
    saved = Event()

    def results() -> Iterator[int]:
        yield 0
        assert saved.wait(60.0)

    save_beside(results(), lambda _: saved.set())


def test_as_many_results_as_are_enough_wait_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "SECONDS_FOR_OTHERS", 60.0)
    saved = Event()

    def results() -> Iterator[int]:
        yield from range(ENOUGH)
        assert saved.wait(30.0)

    save_beside(results(), lambda _: saved.set())


def test_results_do_not_wait_for_others_once_the_work_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "SECONDS_FOR_OTHERS", 60.0)
    began = time.monotonic()
    save_beside([0], lambda _: None)
    assert time.monotonic() - began < 30.0


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


NETWORKS, STEPS = 20, 10


def made_up(stack: int) -> StackResult:
    """Return a result of which the weights take about as much memory as all that was measured."""

    def column() -> list[float | None]:
        return [stack + copy / NETWORKS for copy in range(NETWORKS)]

    series = [StepColumns(step, {"loss": column()}, [LayerColumns(1, column(), None, None)]) for step in range(STEPS)]
    counts = [[0] * HISTOGRAM_BINS for _ in range(NETWORKS)]
    ends = EndColumns([False] * NETWORKS, column(), column(), column(), counts)
    seeds = tuple(range(stack * NETWORKS, (stack + 1) * NETWORKS))
    return StackResult(stack, 0, seeds, series, ends, {"weight": np.zeros((NETWORKS, 10, 10))}, 1.0)


def most_bytes(action: Callable[[], object]) -> int:
    """Return the greatest memory in use for an action."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def most_bytes_to_save(stacks: int, folder: Path) -> int:
    """Return the lesser of two tries: now and then a table of Python's own, of all names, doubles in the middle."""

    def once(runs: Path) -> int:
        with Run.create(runs, plan_for(seeds=stacks * NETWORKS), describe()) as run:
            return most_bytes(lambda: save_beside(map(made_up, range(stacks)), run.save))

    return min(once(folder / name) for name in ("one", "other"))


def test_memory_does_not_grow_with_the_stacks_that_are_saved(tmp_path: Path) -> None:
    few, many = (most_bytes_to_save(stacks, tmp_path / f"{stacks}") for stacks in (10, 100))
    assert many - few < MOST_UNSAVED * most_bytes(lambda: made_up(0))
