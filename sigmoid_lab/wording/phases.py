"""How fast a gradient shrinks or grows with depth, in a few words."""

import math
from bisect import bisect

LAYERS = (1, 3, 10, 30, 100)
"""Depth scales |1/ln χ₁| that bands end at."""
SHRINKS = tuple(f"shrinks in {least} to {most} layers" for least, most in zip((0, *LAYERS), LAYERS, strict=False))
GROWS = tuple(f"grows in {least} to {most} layers" for least, most in zip((0, *LAYERS), LAYERS, strict=False))
KEEPS = f"keeps its size over {LAYERS[-1]} layers"
UNBOUNDED = "q grows without bound"
BANDS = (*SHRINKS, KEEPS, *reversed(GROWS), UNBOUNDED)
"""From fast shrinking to fast growing: over how many layers a gradient's square changes by the factor e."""


def band(chi_1: float | None) -> str:
    """Name the band of a slope χ₁; null stands for a q that grows without bound."""
    if chi_1 is None:
        return UNBOUNDED
    rate = abs(math.log(chi_1)) if chi_1 > 0.0 else math.inf
    if rate * LAYERS[-1] <= 1.0:
        return KEEPS
    return (SHRINKS if chi_1 < 1.0 else GROWS)[bisect(LAYERS, 1.0 / rate)]
