"""The optimisers, element by element, so that networks of a stack never touch each other.

torch.optim gives the same numbers, but its first use loads torch's compiler, a second or more.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from sigmoid_lab.config.schema import Adam, AdamW, Momentum, Sgd

Update = Callable[[Sequence[Tensor]], None]
"""Changes the parameters in place, given their gradients."""

BETA_1, BETA_2, ADAM_EPSILON = 0.9, 0.999, 1e-8
"""Kingma and Ba 2015, algorithm 1."""


def optimiser(block: Sgd | Momentum | Adam | AdamW, parameters: Sequence[Tensor]) -> Update:
    """Return the update rule that a config names, with its state for these parameters."""
    if isinstance(block, Sgd):
        return _sgd(block, parameters)
    if isinstance(block, Momentum):
        return _momentum(block, parameters)
    return _adam(block, parameters)


def _sgd(block: Sgd, parameters: Sequence[Tensor]) -> Update:
    """θ ← θ − η(g + λθ)."""

    @torch.no_grad()
    def update(gradients: Sequence[Tensor]) -> None:
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.add_(_decayed(gradient, parameter, block.weight_decay), alpha=-block.learning_rate)

    return update


def _momentum(block: Momentum, parameters: Sequence[Tensor]) -> Update:
    """V ← μv + g + λθ, θ ← θ − ηv (Polyak 1964)."""
    velocities = [torch.zeros_like(parameter) for parameter in parameters]

    @torch.no_grad()
    def update(gradients: Sequence[Tensor]) -> None:
        for parameter, gradient, velocity in zip(parameters, gradients, velocities, strict=True):
            velocity.mul_(block.momentum).add_(_decayed(gradient, parameter, block.weight_decay))
            parameter.add_(velocity, alpha=-block.learning_rate)

    return update


def _adam(block: Adam | AdamW, parameters: Sequence[Tensor]) -> Update:
    """M ← β₁m + (1 − β₁)g, s ← β₂s + (1 − β₂)g², θ ← θ − η·m̂/(√ŝ + ε) (Kingma and Ba 2015, algorithm 1).

    AdamW first shrinks θ by ηλ (Loshchilov and Hutter 2019, algorithm 2); Adam adds λθ to g.
    """
    means = [torch.zeros_like(parameter) for parameter in parameters]
    squares = [torch.zeros_like(parameter) for parameter in parameters]
    coupled = 0.0 if isinstance(block, AdamW) else block.weight_decay
    shrink = 1.0 - block.learning_rate * block.weight_decay if isinstance(block, AdamW) else 1.0
    updates = 0

    @torch.no_grad()
    def update(gradients: Sequence[Tensor]) -> None:
        nonlocal updates
        updates += 1
        mean_correction, square_correction = 1.0 - BETA_1**updates, 1.0 - BETA_2**updates
        for parameter, gradient, mean, square in zip(parameters, gradients, means, squares, strict=True):
            slope = _decayed(gradient, parameter, coupled)
            mean.lerp_(slope, 1.0 - BETA_1)
            square.mul_(BETA_2).addcmul_(slope, slope, value=1.0 - BETA_2)
            root = square.sqrt().div_(square_correction**0.5).add_(ADAM_EPSILON)
            parameter.mul_(shrink).addcdiv_(mean, root, value=-block.learning_rate / mean_correction)

    return update


def _decayed(gradient: Tensor, parameter: Tensor, weight_decay: float) -> Tensor:
    return gradient.add(parameter, alpha=weight_decay) if weight_decay else gradient
