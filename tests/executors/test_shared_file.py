"""A file in memory: what was put last is taken, whatever its size, here and in another process."""

import multiprocessing
import os

import numpy as np
import pytest

from sigmoid_lab.executors.shared_file import SharedFile


@pytest.mark.parametrize("size", [0, 1, 10_000_000, 3])
def test_what_was_put_last_is_taken(size: int) -> None:
    shared = SharedFile()
    shared.put("x" * 20_000_000)
    shared.put(np.arange(size))
    assert shared.take().tolist() == list(range(size))
    shared.close()


def _double(shared: SharedFile) -> None:
    shared.put(2 * shared.take())


def test_another_process_takes_and_puts() -> None:
    shared = SharedFile()
    shared.put(np.arange(1_000_000))
    process = multiprocessing.get_context("forkserver").Process(target=_double, args=(shared,))
    process.start()
    process.join()
    assert shared.take().sum() == 1_000_000 * 999_999
    shared.close()


def test_it_is_in_no_folder_and_is_closed_when_it_is_closed() -> None:
    shared = SharedFile()
    descriptor = shared.descriptor
    assert os.fstat(descriptor).st_nlink == 0
    shared.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
