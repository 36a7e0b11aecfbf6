"""A second look: what gradients and weights are after two small updates of a copy of the parameters."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from sigmoid_lab.doctor.case import Case
from sigmoid_lab.doctor.measure import norm
from sigmoid_lab.doctor.passes import run, seed_all
from sigmoid_lab.doctor.preserve import preserved
from sigmoid_lab.doctor.recording import eager

STEPS = 2
STEP_SIZE = 0.05
"""Of the parameters' norm, or of one where they are all zero."""


@dataclass(frozen=True)
class Retry:
    """Gradient norms (null where none came), and how many of a weight's units differ, after two updates."""

    gradients: Mapping[str, float | None]
    units: Mapping[str, tuple[int, int, int]]
    """By weight: its units, how many of them get a gradient, and how many different ones there are."""
    fingerprints: Mapping[str, tuple[float, float]]
    """By weight: its norm and its gradient's, by which copies that stay alike are told."""


def retry(case: Case) -> Retry | None:
    """Update a copy of the parameters by plain gradient descent; None where the copy cannot be run."""
    weights = {name: p.detach().clone().requires_grad_(p.requires_grad) for name, p in case.model.named_parameters()}
    live = {name: weight for name, weight in weights.items() if weight.requires_grad}
    gradients: dict[str, Tensor | None] = {}
    with preserved(*case.modules), eager(), torch.enable_grad():
        try:
            for step in range(STEPS + 1):
                seed_all()
                _, value = run(case, *case.batch(), weights)
                found = torch.autograd.grad(value.sum(), list(live.values()), allow_unused=True)
                gradients = dict(zip(live, found, strict=True))
                if step < STEPS:
                    _update(live, gradients)
        except Exception:
            return None
    return Retry(
        {name: None if gradient is None else norm(gradient) for name, gradient in gradients.items()},
        {name: _units(weight, gradients[name]) for name, weight in live.items() if weight.ndim >= 2},
        {name: (norm(weight), norm(g)) for name, weight in live.items() if (g := gradients[name]) is not None},
    )


def _update(live: Mapping[str, Tensor], gradients: Mapping[str, Tensor | None]) -> None:
    total = sum(norm(gradient) ** 2 for gradient in gradients.values() if gradient is not None) ** 0.5
    size = sum(norm(weight) ** 2 for weight in live.values()) ** 0.5
    if total == 0.0:
        return
    with torch.no_grad():
        for name, weight in live.items():
            gradient = gradients[name]
            if gradient is not None:
                weight -= STEP_SIZE * (size or 1.0) / total * gradient


def _units(weight: Tensor, gradient: Tensor | None) -> tuple[int, int, int]:
    rows = weight.detach().flatten(1).float()
    scale = rows.abs().max().item() or 1.0
    alive = torch.ones(len(rows), dtype=torch.bool) if gradient is None else gradient.flatten(1).abs().amax(1) > 0
    different = len(torch.unique((rows / scale * 1e4).round(), dim=0))
    return len(rows), int(alive.sum()), different
