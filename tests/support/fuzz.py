"""What breaks values and texts, and what bounds the harm of it."""

import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from hypothesis import strategies as st

from sigmoid_lab.errors import LabError

LONGEST_SECONDS = 60
MOST_BYTES = 2**30

JUNK = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text(max_size=20)
    | st.lists(st.integers(), max_size=3)
    | st.dictionaries(st.text(max_size=5), st.integers(), max_size=3)
    | st.sampled_from(["9" * 5000, "a" * 100_000, "../../x", "!!python/object:os.system", "\0", "1e999", [[[[]]]]])
)


@contextmanager
def bounded() -> Iterator[None]:
    """Fail on a hang, and on more memory than a gibibyte beyond what was in use."""

    def give_up(_: int, __: FrameType | None) -> None:
        raise AssertionError(f"no end within {LONGEST_SECONDS} seconds")

    before, handler = _most_bytes(), signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LONGEST_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, handler)
    assert _most_bytes() - before < MOST_BYTES


def problems_of(action: Callable[[], object]) -> tuple[str, ...]:
    """Return what an action refuses, nothing where it does not; anything but a LabError is a fault of the program."""
    try:
        with bounded():
            action()
    except LabError as error:
        return tuple(error.problems)
    return ()


def _most_bytes() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def broken_value(draw: st.DrawFn, value: Any) -> Any:
    """Return a value with one part of it, at any depth, replaced, renamed, repeated or gone."""
    inner = [key for key, item in _items(value)]
    if not inner or draw(st.integers(0, 3)) == 0:
        return draw(JUNK)
    key = draw(st.sampled_from(inner))
    if isinstance(value, list):
        return [broken_value(draw, item) if place == key else item for place, item in enumerate(value)]
    rest = {other: item for other, item in value.items() if other != key}
    match draw(st.sampled_from(["inner", "inner", "rename", "drop"])):
        case "rename":
            return {**rest, draw(st.text(max_size=8)): value[key]}
        case "drop":
            return rest
        case _:
            return {**value, key: broken_value(draw, value[key])}


def _items(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def broken_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """Return bytes of which up to three stretches are replaced, doubled or gone."""
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 20)))
        new = draw(st.sampled_from([b"", content[start:end] * 2]) | st.binary(max_size=8))
        content = content[:start] + new + content[end:]
    return content
