"""Where a sigmoid ends: found by looking for it, not by a table."""

from collections.abc import Callable

import torch
from torch import Tensor

from sigmoid_lab.functions.activations import value_and_slope
from sigmoid_lab.numerics.formats import Format

PROBES = 2**15
"""Looked at in one go; a format of 16 bits has fewer values of one sign, so there every one of them is."""

Holds = Callable[[Tensor], Tensor]
"""From some z to whether something is so at each."""


def zero_from(function: Callable[[Tensor], Tensor], form: Format) -> float | None:
    """Return the first z below 0 where the value is exactly 0."""
    return first(lambda z: function(z) == 0.0, form, -1)


def one_from(function: Callable[[Tensor], Tensor], form: Format) -> float | None:
    """Return the first z above 0 where the value is exactly 1."""
    return first(lambda z: function(z) == 1.0, form, 1)


def slope_zero_from(function: Callable[[Tensor], Tensor], form: Format, sign: int) -> float | None:
    """Return the first z on one side of 0 where autograd's slope is exactly 0."""
    return first(lambda z: value_and_slope(function, z)[1] == 0.0, form, sign)


def first(holds: Holds, form: Format, sign: int) -> float | None:
    """Return the finite z of a sign nearest to 0, which itself is left out, where something holds; None if nowhere.

    Probes lie evenly among the format's values, 16 or more to each power of two; between the first that holds and
    the one before they lie again, until they are neighbours. So in long formats what holds must hold for a sixteenth
    of a power of two on end to be found.
    """
    low, high = 0, form.not_negative - 1
    while True:
        step = -(-(high - low) // PROBES)
        bits = (low + step * torch.arange(1, -(-(high - low) // step) + 1)).clamp(max=high)
        z = form.from_bits(bits) * sign
        found = torch.nonzero(holds(z))
        if not len(found):
            return None
        index = int(found[0])
        if step == 1:
            return float(z[index])
        low, high = (int(bits[index - 1]) if index else low), int(bits[index])
