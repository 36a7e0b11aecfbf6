"""The sigmoid as people write it: one function in mathematics, several in floating point."""

from collections.abc import Callable

import torch
from torch import Tensor

from sigmoid_lab.vocabulary import SigmoidName

Sigmoid = Callable[[Tensor], Tensor]


def naive(z: Tensor) -> Tensor:
    """Compute 1/(1 + e^−z), as a textbook prints it."""
    return 1.0 / (1.0 + torch.exp(-z))


def ratio(z: Tensor) -> Tensor:
    """Compute e^z/(1 + e^z)."""
    power = torch.exp(z)
    return power / (1.0 + power)


def two_branch(z: Tensor) -> Tensor:
    """Compute every element by the form that cannot overflow for its sign, and by that form alone."""
    above = z >= 0.0
    value = torch.empty_like(z)
    value[above] = naive(z[above])
    value[~above] = ratio(z[~above])
    return value


def where(z: Tensor) -> Tensor:
    """Compute both forms everywhere and choose by sign; autograd differentiates both."""
    return torch.where(z >= 0.0, naive(z), ratio(z))


def exp_abs(z: Tensor) -> Tensor:
    """Compute both signs from t = e^−|z|; at z = 0 autograd takes |z| to be flat."""
    power = torch.exp(-torch.abs(z))
    return torch.where(z >= 0.0, 1.0, power) / (1.0 + power)


def tanh(z: Tensor) -> Tensor:
    """Compute ½(1 + tanh z/2), a sum that leaves nothing of a small σ."""
    return 0.5 * (1.0 + torch.tanh(0.5 * z))


SIGMOIDS: dict[SigmoidName, Sigmoid] = {
    "torch": torch.sigmoid,
    "naive": naive,
    "ratio": ratio,
    "two-branch": two_branch,
    "where": where,
    "exp-abs": exp_abs,
    "tanh": tanh,
}
