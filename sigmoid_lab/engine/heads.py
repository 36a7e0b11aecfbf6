"""Two output layers for labels that overlap: a sigmoid for each label, and one softmax for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from sigmoid_lab.engine.devices import one_thread

if TYPE_CHECKING:
    from sigmoid_lab.data.split import Split

UPDATES, LEARNING_RATE = 500, 2.0
THRESHOLDS = 200

Decisions = NDArray[np.bool_]
"""What is decided of examples held out, (N examples, K labels)."""


@one_thread()
def independent(split: Split) -> Decisions:
    """Train a linear layer under a sigmoid for each label; decide each at a probability of ½."""
    weights = _trained(split, functional.binary_cross_entropy_with_logits)
    return _numpy(torch.sigmoid(torch.from_numpy(split.test_inputs) @ weights) > 0.5)


@one_thread()
def competing(split: Split) -> Decisions:
    """Train it under one softmax, its targets shares that sum to 1; decide by the threshold that serves it best.

    The threshold is the one of THRESHOLDS between 0 and 1 by which most examples trained on are all right.
    """
    weights = _trained(split, _shared)
    inputs, targets = (torch.from_numpy(array) for array in (split.inputs, split.targets))
    probabilities = torch.softmax(inputs @ weights, dim=-1)

    def all_right(threshold: float) -> int:
        return int(((probabilities > threshold) == (targets > 0.5)).all(-1).sum())

    threshold = max(torch.linspace(0.0, 1.0, THRESHOLDS, dtype=torch.float64).tolist(), key=all_right)
    return _numpy(torch.softmax(torch.from_numpy(split.test_inputs) @ weights, dim=-1) > threshold)


def _shared(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the cross-entropy against targets that share a probability of 1; an example without labels counts 0."""
    shares = targets / targets.sum(-1, keepdim=True).clamp(min=1.0)
    return -(shares * torch.log_softmax(logits, dim=-1)).sum(-1).mean()


def _trained(split: Split, loss: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Return weights (F features, K labels) after full-batch gradient descent from 0."""
    inputs, targets = (torch.from_numpy(array) for array in (split.inputs, split.targets))
    weights = torch.zeros(inputs.shape[1], targets.shape[1], dtype=torch.float64, requires_grad=True)
    for _ in range(UPDATES):
        (gradient,) = torch.autograd.grad(loss(inputs @ weights, targets), weights)
        with torch.no_grad():
            weights -= LEARNING_RATE * gradient
    return weights.detach()


def _numpy(decided: Tensor) -> Decisions:
    array: Decisions = decided.numpy()
    return array
