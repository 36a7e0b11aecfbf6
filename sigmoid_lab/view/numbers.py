"""Numbers as people read them."""

import math

from sigmoid_lab.results.spread import Spread


def number(value: float | None) -> str:
    """Write four significant digits, in powers of ten where plain digits would mislead; – for null."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value != 0.0 and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.2e}"
    return f"{value:.4g}"


def interval(spread: Spread) -> str:
    """Write the 5 % and 95 % quantiles."""
    return f"{number(spread.low)} … {number(spread.high)}"


def share(value: float | None) -> str:
    """Write a share as a percentage."""
    return "–" if value is None else f"{100.0 * value:.3g} %"
