"""Axes of values: how far they reach, and the few places of them that are labelled."""

import math
from typing import Any

import altair as alt

MOST_TICKS = 6
LEAST_TICKS = 3
MANTISSAS = ((1,), (1, 3), (1, 2, 5))
NARROWEST = 1.05
"""An axis whose ends are nearer to each other than this factor is made wider, by the next one at either end."""
WIDER = 1.1
EXPONENT = "replace(replace(datum.label, 'e+0', ''), 'e+', 'e')"
"""1e+0 and 1e+5 are read more easily as 1 and 1e5."""


def linear_axis(ends: tuple[float, float] | None) -> dict[str, Any]:
    """Return scale and axis of a height, between ``ends`` or wherever the numbers are."""
    scale = alt.Scale(domain=list(ends)) if ends else alt.Scale(zero=False)
    return {"scale": scale, "axis": alt.Axis(format="~g", tickCount=MOST_TICKS)}


def logarithmic_axis(ends: tuple[float, float]) -> dict[str, Any]:
    """Return scale and axis of a height that is drawn by its logarithm, between positive ``ends``."""
    low, high = wide(ends)
    scale = alt.Scale(type="log", nice=False, domain=[low, high])
    return {"scale": scale, "axis": alt.Axis(**labels(low, high))}


def labels(low: float, high: float, most: int = MOST_TICKS) -> dict[str, Any]:
    """Return what an axis or a legend labels between positive ends, and how."""
    return {"values": ticks(low, high, most), "format": notation(low, high), "labelExpr": EXPONENT}


def wide(ends: tuple[float, float]) -> tuple[float, float]:
    """Return ends that are not too near to each other to be drawn."""
    low, high = ends
    return (low, high) if high >= NARROWEST * low else (low / WIDER, high * WIDER)


def ticks(low: float, high: float, most: int = MOST_TICKS) -> list[float]:
    """Return a few round numbers between positive ends: powers of ten, or what is between them where these are few."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for mantissas in MANTISSAS:
        found = [x for k in exponents for m in mantissas if low <= (x := float(f"{m}e{k}")) <= high]
        if len(found) >= LEAST_TICKS:
            return found[:: math.ceil(len(found) / most)]
    return _even(low, high)


def notation(low: float, high: float) -> str:
    """Return the format of numbers between ends: plain digits unless some of them would mislead."""
    return "~g" if low >= 1e-3 and high < 1e5 else "~e"


def _even(low: float, high: float) -> list[float]:
    size = 10.0 ** math.floor(math.log10(high - low))
    step = next(size * m for m in (0.2, 0.5, 1.0, 2.0) if high - low <= (MOST_TICKS - 1) * size * m)
    return [float(f"{k * step:.9g}") for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
