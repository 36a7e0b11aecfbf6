"""Numbers as small shapes inside a table's cell: a bar, a line of blocks."""

import math
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
EIGHTHS = "▏▎▍▌▋▊▉█"


def bar(height: float | None, width: int) -> str:
    """Draw a height from 0 to 1 in eighths of a character; nothing where there is none."""
    if height is None:
        return ""
    whole, part = divmod(round(8 * width * min(max(height, 0.0), 1.0)), 8)
    return "█" * whole + (EIGHTHS[part - 1] if part else "")


def blocks(heights: Sequence[float | None]) -> str:
    """Draw heights from 0 to 1 side by side, a space where there is none."""
    return "".join(
        " " if height is None else BLOCKS[min(int(len(BLOCKS) * max(height, 0.0)), len(BLOCKS) - 1)]
        for height in heights
    )


def log_height(value: float | None, least: float, greatest: float) -> float | None:
    """Return the place of a value from 0 at the least to 1 at the greatest, on a logarithmic scale; null for 0."""
    if not value or not math.isfinite(value):
        return None
    if least >= greatest:
        return 1.0
    return math.log(value / least) / math.log(greatest / least)


def log_ends(values: Sequence[float | None]) -> tuple[float, float]:
    """Return the least and the greatest of the values that a logarithmic scale has a place for; 1, 1 if none."""
    drawn = [value for value in values if value and math.isfinite(value)]
    return (min(drawn), max(drawn)) if drawn else (1.0, 1.0)


def spread_out(values: Sequence[float | None], most: int) -> list[float | None]:
    """Return at most ``most`` values at even distances, the first and the last among them."""
    if len(values) <= most:
        return list(values)
    return [values[round(at * (len(values) - 1) / (most - 1))] for at in range(most)]
