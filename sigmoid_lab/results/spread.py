"""How a value spreads over networks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Median, mean, root mean square, and the 5 % and 95 % quantiles of the finite values; all null if none."""

    median: float | None
    mean: float | None
    rms: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Spread:
        """Summarise the finite ones of ``values``."""
        finite = sorted([value for value in values if value is not None and math.isfinite(value)])
        if not finite:
            return cls(None, None, None, None, None)
        scale = max(abs(finite[0]), abs(finite[-1])) or 1.0
        scaled = [value / scale for value in finite]
        return cls(
            median=_quantile(finite, 0.5),
            mean=scale * (math.fsum(scaled) / len(finite)),
            rms=scale * (math.hypot(*scaled) / math.sqrt(len(finite))),
            low=_quantile(finite, 0.05),
            high=_quantile(finite, 0.95),
        )


@dataclass(frozen=True)
class StartEnd:
    """A spread before the first update and one at the last."""

    start: Spread
    end: Spread


def _quantile(ordered: list[float], share: float) -> float:
    """Interpolate linearly between the order statistics (Hyndman and Fan 1996, definition 7)."""
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    gap = ordered[above] - ordered[below]
    if math.isinf(gap):
        return ordered[below] * (below + 1 - position) + ordered[above] * (position - below)
    return ordered[below] + (position - below) * gap
