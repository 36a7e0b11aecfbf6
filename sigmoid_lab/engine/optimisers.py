"""The optimisers, element by element, so that networks of a stack never touch each other.

torch.optim gives the same numbers, but its first use loads torch's compiler, a second or more.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from sigmoid_lab.config.schema import Adam, AdamW, Momentum, Sgd

Update = Callable[[Tensor], None]
"""Changes the parameters in place, given their gradient."""

BETA_1, BETA_2, ADAM_EPSILON = 0.9, 0.999, 1e-8
"""Kingma and Ba 2015, algorithm 1."""


def optimiser(block: Sgd | Momentum | Adam | AdamW, parameters: Tensor) -> Update:
    """Return the update rule that a config names, with its state for these parameters."""
    parameters = parameters.detach()
    if isinstance(block, Sgd):
        return _sgd(block, parameters)
    if isinstance(block, Momentum):
        return _momentum(block, parameters)
    return _adam(block, parameters)


def _sgd(block: Sgd, parameters: Tensor) -> Update:
    """θ ← θ − η(g + λθ)."""

    def update(gradient: Tensor) -> None:
        parameters.add_(_decayed(gradient, parameters, block.weight_decay), alpha=-block.learning_rate)

    return update


def _momentum(block: Momentum, parameters: Tensor) -> Update:
    """V ← μv + g + λθ, θ ← θ − ηv (Polyak 1964)."""
    velocity = torch.zeros_like(parameters)

    def update(gradient: Tensor) -> None:
        velocity.mul_(block.momentum).add_(_decayed(gradient, parameters, block.weight_decay))
        parameters.add_(velocity, alpha=-block.learning_rate)

    return update


def _decayed(gradient: Tensor, parameters: Tensor, weight_decay: float) -> Tensor:
    return gradient.add(parameters, alpha=weight_decay) if weight_decay else gradient


def _adam(block: Adam | AdamW, parameters: Tensor) -> Update:
    """M ← β₁m + (1 − β₁)g, s ← β₂s + (1 − β₂)g², θ ← θ − η·m̂/(√ŝ + ε) (Kingma and Ba 2015, algorithm 1).

    AdamW first shrinks θ by ηλ (Loshchilov and Hutter 2019, algorithm 2); Adam adds λθ to g. The kernel is that of
    torch.optim with ``fused=True``, which reads and writes everything once and calculates short formats in float32.
    """
    mean, square = torch.zeros_like(parameters), torch.zeros_like(parameters)
    updates = torch.zeros((), device=parameters.device)
    step = torch._fused_adamw_ if isinstance(block, AdamW) else torch._fused_adam_

    def update(gradient: Tensor) -> None:
        step(
            [parameters],
            [gradient],
            [mean],
            [square],
            [],
            [updates.add_(1.0)],
            lr=block.learning_rate,
            beta1=BETA_1,
            beta2=BETA_2,
            weight_decay=block.weight_decay,
            eps=ADAM_EPSILON,
            amsgrad=False,
            maximize=False,
        )

    return update
