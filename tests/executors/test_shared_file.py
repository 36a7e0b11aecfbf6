"""A file in memory: what was put last is taken, whatever its size, here and in another process."""

import os

import numpy as np
import pytest

from sigmoid_lab.executors import forkserver
from sigmoid_lab.executors.shared_file import KEPT_BYTES, SharedFile


@pytest.mark.parametrize("size", [0, 1, 10_000_000, 3])
def test_what_was_put_last_is_taken(size: int) -> None:
    shared = SharedFile()
    shared.put("x" * 20_000_000)
    shared.put(np.arange(size))
    assert shared.take().tolist() == list(range(size))
    shared.close()


def test_the_memory_of_a_large_value_is_given_back_with_the_next() -> None:
    shared = SharedFile()
    shared.put(b"x" * (3 * KEPT_BYTES))
    shared.put("small")
    assert os.fstat(shared.descriptor).st_size == KEPT_BYTES
    assert shared.take() == "small"
    shared.close()


def _double(shared: SharedFile) -> None:
    shared.put(2 * shared.take())


def test_another_process_takes_and_puts() -> None:
    shared = SharedFile()
    shared.put(np.arange(1_000_000))
    process = forkserver.started().Process(target=_double, args=(shared,))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert shared.take().sum() == 1_000_000 * 999_999
    shared.close()


def test_it_is_in_no_folder_and_is_closed_when_it_is_closed() -> None:
    shared = SharedFile()
    descriptor = shared.descriptor
    assert os.fstat(descriptor).st_nlink == 0
    shared.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
