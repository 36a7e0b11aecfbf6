"""Waits that have an end: for what another process does, as long as that lives and no longer than a minute."""

import os
import time
from collections.abc import Callable
from select import select
from subprocess import Popen
from typing import IO, Any, TypeVar

LONGEST_SECONDS = 60.0
SECONDS_BETWEEN_LOOKS = 0.02

T = TypeVar("T")


def wait_until(condition: Callable[[], T], process: "Popen[Any] | None" = None, seconds: float = LONGEST_SECONDS) -> T:
    """Return what a condition gives once that is true; fail when it takes too long, or a process ends before.

    A process that takes too long is killed, which leaves nothing that trains on beside other tests.
    """
    deadline = time.monotonic() + seconds
    while True:
        ended = process is not None and process.poll() is not None  # asked first: what it did last counts
        if found := condition():
            return found
        if process is not None and ended:
            raise AssertionError(f"the process ended before, with {process.returncode}: {_rest(process.stderr)}")
        if time.monotonic() > deadline:
            if process is not None:
                process.kill()
            raise AssertionError(f"not within {seconds:g} seconds: {_rest(process.stderr) if process else ''}")
        time.sleep(SECONDS_BETWEEN_LOOKS)


def hear(process: "Popen[Any]", text: str, stream: IO[Any] | None = None) -> None:
    """Read what a process says, on stderr if on no other stream, up to the end of a text and no further."""
    heard, spoken = b"", stream or process.stderr
    assert spoken is not None
    descriptor = spoken.fileno()

    def is_said() -> bool:
        nonlocal heard
        while text.encode() not in heard and select([descriptor], [], [], 0.0)[0]:
            sign = os.read(descriptor, 1)  # one at a time: the rest is for who reads after
            if not sign:
                break
            heard += sign
        return text.encode() in heard

    try:
        wait_until(is_said, process)
    except AssertionError as error:
        raise AssertionError(f"{text!r} was not said, but {heard.decode(errors='replace')!r}; {error}") from None


def _rest(stream: IO[Any] | None) -> str:
    """Return what can be read without waiting: a child that lives may hold the other end open."""
    rest = b""
    while stream is not None and not stream.closed and select([stream.fileno()], [], [], 0.0)[0]:
        part = os.read(stream.fileno(), 4096)
        if not part:
            break
        rest += part
    return rest.decode(errors="replace")
