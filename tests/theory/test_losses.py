"""Slopes of losses in numpy against autograd on torch's own, in float64 where every form is accurate."""

import numpy as np
import pytest
import torch

from sigmoid_lab.functions.losses import EPSILON as EPSILON_OF_TORCH
from sigmoid_lab.functions.losses import LOSSES as FUNCTIONS
from sigmoid_lab.theory.losses import EPSILON, SLOPES
from sigmoid_lab.vocabulary import LOSSES, LossName

Z = np.linspace(-12.0, 12.0, 1_000)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_a_slope_is_what_autograd_gives(name: LossName, label: float) -> None:
    z = torch.from_numpy(Z).requires_grad_()
    (slope,) = torch.autograd.grad(FUNCTIONS[name](z, torch.full_like(z, label)).sum(), z)
    np.testing.assert_allclose(SLOPES[name](Z, label), slope.numpy(), rtol=1e-8, atol=1e-15)


def test_every_loss_has_its_slope() -> None:
    assert tuple(SLOPES) == LOSSES


def test_both_tables_shift_logarithms_alike() -> None:
    assert EPSILON == EPSILON_OF_TORCH
