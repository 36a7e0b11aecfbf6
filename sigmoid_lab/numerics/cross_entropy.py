"""Cross-entropies as functions of the logit alone, the label being given."""

from collections.abc import Callable

import torch
from torch import Tensor

from sigmoid_lab.functions.activations import value_and_slope
from sigmoid_lab.functions.losses import Loss
from sigmoid_lab.numerics.ends import first
from sigmoid_lab.numerics.formats import Format


def of_logit(loss: Loss, label: float) -> Callable[[Tensor], Tensor]:
    """Return a loss as a function of the logit."""
    return lambda z: loss(z, torch.full_like(z, label))


def plain(z: Tensor, y: Tensor) -> Tensor:
    """Compute log(1 + e^z) − z·y as it stands, without the log-sum-exp form."""
    return torch.log(1.0 + torch.exp(z)) - z * y


def shifted(z: Tensor, y: Tensor) -> Tensor:
    """Compute it by the log-sum-exp form, max(z, 0) + log(1 + e^−|z|) − z·y, with a plain logarithm."""
    return torch.clamp(z, min=0.0) + torch.log(1.0 + torch.exp(-torch.abs(z))) - z * y


def infinite_from(loss: Loss, label: float, form: Format) -> float | None:
    """Return the first logit above 0 where a loss is infinite; None if nowhere."""
    of_label = of_logit(loss, label)
    return first(lambda z: of_label(z).isinf(), form, 1)


def zero_from(loss: Loss, label: float, form: Format) -> float | None:
    """Return the first logit below 0 where a loss is exactly 0; None if nowhere."""
    of_label = of_logit(loss, label)
    return first(lambda z: of_label(z) == 0.0, form, -1)


def slopes_part_from(loss: Loss, right: Loss, label: float, form: Format, sign: int, share: float) -> float | None:
    """Return the first logit on one side of 0 where a loss's slope is off by a share of the right one, or None."""

    def parted(z: Tensor) -> Tensor:
        (_, slope), (_, right_slope) = (value_and_slope(of_logit(each, label), z) for each in (loss, right))
        return ~((slope - right_slope).abs() <= share * right_slope.abs())

    return first(parted, form, sign)
