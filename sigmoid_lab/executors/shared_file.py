"""A file in memory (off Linux a nameless one on disk) by which a process hands large values to another.

A pipe takes a large value in many bites, and both processes wait for each other between them.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from multiprocessing import reduction
from tempfile import TemporaryFile
from typing import Any

KEPT_BYTES = 2**24
"""What a file holds on to, so that the next value need not ask the system for it."""


class SharedFile:
    """Holds one value at a time; a process that is started with it as an argument has it open, too."""

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = _descriptor() if descriptor is None else descriptor

    def __reduce__(self) -> tuple[Callable[[Any], SharedFile], tuple[Any]]:
        return _opened, (reduction.DupFd(self.descriptor),)

    def put(self, value: object) -> None:
        """Write a value in the place of the last."""
        with open(self.descriptor, "wb", closefd=False) as file:
            file.seek(0)  # the place is shared, too
            pickle.dump(value, file, protocol=pickle.HIGHEST_PROTOCOL)
            size = max(file.tell(), KEPT_BYTES)
        if os.fstat(self.descriptor).st_size > size:
            os.ftruncate(self.descriptor, size)

    def take(self) -> Any:
        """Return the value that was put last."""
        with open(self.descriptor, "rb", closefd=False) as file:
            file.seek(0)
            return pickle.load(file)  # noqa: S301 - written by a process that this program started

    def close(self) -> None:
        """Close the file, in this process."""
        os.close(self.descriptor)


def _opened(handle: Any) -> SharedFile:
    return SharedFile(handle.detach())


def _descriptor() -> int:
    if sys.platform == "linux":
        return os.memfd_create("sigmoid-lab")
    else:  # noqa: RET505 - mypy takes what follows a return on the one platform for unreachable
        with TemporaryFile() as file:
            return os.dup(file.fileno())
