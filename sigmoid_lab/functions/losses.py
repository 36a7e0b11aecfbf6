"""The losses, from raw logits to one number an example and label.

The ones from probabilities are numerically worse on purpose: they are what people write, and the lab
shows what that costs.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from sigmoid_lab.vocabulary import LossName

EPSILON = 1e-7

Loss = Callable[[Tensor, Tensor], Tensor]
"""From logits and 0/1 targets of one shape to losses of that shape."""


def bce_with_logits(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute binary cross-entropy straight from the logit, as torch computes it."""
    return functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")


def sigmoid_then_bce(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute torch's BCELoss on σ(z); NaN where z is NaN, which torch itself refuses for the whole tensor."""
    probabilities = torch.sigmoid(logits)
    undefined = probabilities.isnan()
    losses = functional.binary_cross_entropy(probabilities.masked_fill(undefined, 0.5), targets, reduction="none")
    return torch.where(undefined, probabilities, losses)


def hand_written_bce(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute −y·log p − (1 − y)·log(1 − p), as a textbook prints it."""
    probabilities = torch.sigmoid(logits)
    return -targets * torch.log(probabilities) - (1.0 - targets) * torch.log(1.0 - probabilities)


def hand_written_bce_eps(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute the same with ε = 1e-7 inside the logarithms, as many mend it."""
    probabilities = torch.sigmoid(logits)
    return -targets * torch.log(probabilities + EPSILON) - (1.0 - targets) * torch.log(1.0 - probabilities + EPSILON)


def max_form(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute max(z, 0) − z·y + log(1 + e^−|z|), the identity behind the stable loss.

    At exactly z = 0 both corners meet, and autograd's gradient is 1 − y instead of ½ − y.
    """
    return torch.clamp(logits, min=0.0) - logits * targets + torch.log1p(torch.exp(-torch.abs(logits)))


def mse(logits: Tensor, targets: Tensor) -> Tensor:
    """Compute the squared error of the probability."""
    return (torch.sigmoid(logits) - targets) ** 2


LOSSES: dict[LossName, Loss] = {
    "bce-with-logits": bce_with_logits,
    "sigmoid-then-bce": sigmoid_then_bce,
    "hand-written-bce": hand_written_bce,
    "hand-written-bce-eps": hand_written_bce_eps,
    "max-form": max_form,
    "mse": mse,
}


def bce_with_logits_slope(logits: Tensor, targets: Tensor) -> Tensor:
    """Return σ(z) − y, in torch's own backward pass too."""
    return torch.sigmoid(logits).sub_(targets)


LOSS_SLOPES: dict[LossName, Loss] = {"bce-with-logits": bce_with_logits_slope}
"""∂ℓ/∂z of the losses that have one formula for every z."""
