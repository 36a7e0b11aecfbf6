"""Value and slope of a sigmoid at every finite input of a short format.

The reference is σ in float64, and σ(z)·σ(−z) for the slope, both within a few units of float64's last place: nothing
beside a unit of 16 bits.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from sigmoid_lab.functions.activations import value_and_slope
from sigmoid_lab.numerics.formats import Format
from sigmoid_lab.numerics.points import CLOSE_ULP
from sigmoid_lab.numerics.scan import nearest


@dataclass(frozen=True)
class Whole:
    """How many of a format's finite inputs get a wrong value or slope, and how many get NaN; the worst slope of all.

    Wrong is more than CLOSE_ULP off, or 0 where the format holds the right number.
    """

    inputs: int
    wrong_values: int
    wrong_slopes: int
    nan_values: int
    nan_slopes: int
    slope_ulp: float
    at_z: float


def try_whole(function: Callable[[Tensor], Tensor], form: Format) -> Whole:
    """Try every finite input; meant for formats of 16 bits."""
    z = form.ordered(0, form.finite)
    values, slopes = value_and_slope(function, z)
    real = torch.sigmoid(z.double())
    errors = _errors(values, real, form)
    slope_errors = _errors(slopes, real * torch.sigmoid(-z.double()), form)
    worst = int(slope_errors.argmax())
    return Whole(
        inputs=form.finite,
        wrong_values=int((errors > CLOSE_ULP).sum()),
        wrong_slopes=int((slope_errors > CLOSE_ULP).sum()),
        nan_values=int(values.isnan().sum()),
        nan_slopes=int(slopes.isnan().sum()),
        slope_ulp=float(slope_errors[worst]),
        at_z=float(z[worst]),
    )


def _errors(found: Tensor, real: Tensor, form: Format) -> Tensor:
    """Return distances in units of the last place of the right number; ∞ for NaN, and for 0 in place of a number."""
    right = nearest(real, form, torch.empty_like(found))
    exponent = (torch.frexp(real.clamp(min=2.0**form.least_exponent))[1] - 1).double()
    errors = (found.double() - real).abs() / torch.exp2(exponent - form.precision + 1)
    lost = found.isnan() | ((found == 0.0) & (right != 0.0))
    return errors.masked_fill(lost, torch.inf)
