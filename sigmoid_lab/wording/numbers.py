"""Numbers as people read them."""

import math
from decimal import Decimal

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


def power_of_ten(log10: float) -> str:
    """Write 10 to a power that no float holds, as ``number`` writes powers of ten."""
    return f"{Decimal(10) ** Decimal(log10):.2e}"


def interval(spread: Spread) -> str:
    """Write the 5 % and 95 % quantiles."""
    return f"{number(spread.low)} … {number(spread.high)}"


def share(value: float | None) -> str:
    """Write a share as a percentage."""
    return "–" if value is None else f"{100.0 * value:.3g} %"


def duration(seconds: float) -> str:
    """Write a duration in the unit that people would use, two digits."""
    for unit, length in (("days", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2.0 * length:
            return f"{seconds / length:.2g} {unit}" if seconds < 99.5 * length else f"{seconds / length:,.0f} {unit}"
    return f"{seconds:.2g} s" if seconds < 99.5 else f"{seconds:.0f} s"


def amount(size: int) -> str:
    """Write a number of bytes in the unit that people would use, two digits."""
    for unit, length in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= length:
            return f"{size / length:.2g} {unit}" if size < 99.5 * length else f"{size / length:,.0f} {unit}"
    return f"{size} bytes"
