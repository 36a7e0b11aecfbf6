"""One writer a run: a lock that the system takes back when its holder ends, however it ends."""

import fcntl
from pathlib import Path
from typing import IO

from sigmoid_lab.errors import LabError


def claim(path: Path) -> IO[bytes]:
    """Return a file of a run's, open and locked until it is closed.

    Raises LabError where it cannot be opened for writing, or another program holds the lock.
    """
    try:
        file = path.open("r+b")  # network file systems lock only what may be written
    except OSError as error:
        raise LabError(f"{path}: cannot be opened to write the run ({error.strerror})") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        if isinstance(error, BlockingIOError):
            raise LabError(f"{path.parent}: is being written by another program; wait for it, or end it") from None
        raise LabError(f"{path}: cannot be locked ({error.strerror})") from None
    return file
