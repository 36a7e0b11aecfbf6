"""How the gradient's norm changes from the last layers to the first, and in time; and what is normal for this network.

What is normal comes from copies of the same network whose weights are drawn anew, each with the variance that keeps
gradients' size for the activation that follows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, sqrt

import numpy as np
import torch
from torch import Tensor

from sigmoid_lab.doctor.layers import affine, weight_name
from sigmoid_lab.doctor.measure import WORDS
from sigmoid_lab.doctor.observe import Observation, record
from sigmoid_lab.doctor.operations import LOOKUPS, RECURRENT, Operation, ancestors
from sigmoid_lab.theory.activations import CURVES, Function
from sigmoid_lab.theory.gaussian import expectation
from sigmoid_lab.vocabulary import ActivationName

COPIES = 5
FEWEST = 3
"""Layers below which nothing can vanish on the way."""

REPEATED = 4
"""A weight used so often is one of a recurrent network, and its uses are steps in time."""


@dataclass(frozen=True)
class Flow:
    """The gradient's norm where the network, or a sequence, begins and ends."""

    at: Operation
    first: float
    last: float
    length: int
    in_time: bool
    gated: bool

    @property
    def ratio(self) -> float | None:
        """The norm at the beginning over the norm at the end; null where one of them is exactly 0."""
        return self.first / self.last if self.first > 0.0 and self.last > 0.0 else None


def flows(observation: Observation) -> list[Flow]:
    """Return how the gradient travels through the layers, and through the steps of each recurrent layer."""
    ops = [op for op in affine(observation) if "gradient" in op.figures]
    repeated = _repeated(ops)
    found = [_flow(uses, in_time=True) for uses in repeated.values()]
    once = [op for op in ops if weight_name(op) not in repeated]
    if len(once) >= FEWEST:
        found.append(_flow(once, in_time=False))
    found += [_through_time(op) for op in observation.operations if len(op.time_gradients) >= REPEATED]
    return found


def _repeated(ops: Sequence[Operation]) -> dict[str | None, list[Operation]]:
    uses: dict[str | None, list[Operation]] = {}
    for op in ops:
        uses.setdefault(weight_name(op), []).append(op)
    return {name: found for name, found in uses.items() if name is not None and len(found) >= REPEATED}


def _flow(ops: Sequence[Operation], in_time: bool) -> Flow:
    gated = any(op.name.startswith(("lstm", "gru")) for op in ops)
    first, last = _ends([op.figures["gradient"] for op in ops])
    return Flow(ops[0], first, last, len(ops), in_time, in_time and gated)


def _through_time(op: Operation) -> Flow:
    first, last = _ends(op.time_gradients)
    return Flow(op, first, last, len(op.time_gradients), True, not op.name.startswith("rnn"))


def _ends(norms: Sequence[float]) -> tuple[float, float]:
    """Return the greatest of the first and of the last eighth."""
    part = ceil(len(norms) / 8)
    return max(norms[:part]), max(norms[-part:])


def normal_flows(observation: Observation, flow: Flow) -> list[float]:
    """Return the same ratio of re-initialised copies; a second look, empty where that is declined or fails."""
    if not observation.second_looks:
        return []
    observation.announce(f"second look: {COPIES} re-initialised copies, a pass each (--first-look-only declines)")
    found = []
    for seed in range(COPIES):
        copy = record(observation.case, redrawn(observation, seed))
        if copy.failure is None:
            found += [
                other.ratio
                for other in flows(copy)
                if other.ratio is not None and (other.at.index, other.in_time) == (flow.at.index, flow.in_time)
            ]
    return found


def redrawn(observation: Observation, seed: int) -> dict[str, Tensor]:
    """Draw the weights of every layer anew, and its biases; everything else as it is."""
    generator = torch.Generator().manual_seed(seed)
    weights = {name: p.detach() for name, p in observation.case.model.named_parameters()}
    flags = {name: p.requires_grad for name, p in observation.case.model.named_parameters()}
    repeated = _repeated(affine(observation))
    for op in affine(observation):
        for source in op.sources:
            if source.label in weights and op.name not in LOOKUPS:
                weights[source.label] = _draw(op, weight_name(op) in repeated, weights[source.label], generator)
        name = weight_name(op)
        if name in weights and op.name not in LOOKUPS:
            weights[name] = _draw(op, weight_name(op) in repeated, weights[name], generator)
    return {name: weight.clone().requires_grad_(flags[name]) for name, weight in weights.items()}


def _draw(op: Operation, in_time: bool, weight: Tensor, generator: torch.Generator) -> Tensor:
    """Draw a layer's weights, or its biases, so that for the activation before it z and gradients keep their size.

    With z ~ N(0, 1), a weight variance of 1/(n·E[φ′²]) keeps the gradient's norm (Schoenholz et al. 2017, χ = 1); rows
    of sum zero make the mean of φ harmless, and a bias variance of 1 − Var[φ]/E[φ′²] makes the next z ~ N(0, 1) again.
    """
    if op.name in RECURRENT or in_time:
        return _orthogonal(weight, generator) if weight.ndim >= 2 else torch.zeros_like(weight)
    variance, squared_slope = moments(_activation_before(op))
    drawn = torch.randn(weight.shape, generator=generator)
    if weight.ndim < 2:
        return (sqrt(max(0.0, 1.0 - variance / squared_slope)) * drawn).to(weight)
    fan_in = weight[0].numel()
    if fan_in > 1:
        drawn -= drawn.flatten(1).mean(1).reshape(-1, *[1] * (weight.ndim - 1))
    return (drawn / sqrt(fan_in * squared_slope)).to(weight)


def _activation_before(op: Operation) -> ActivationName:
    """Return the activation that made a layer's input, found without going back beyond other weights."""
    found = ancestors(op, lambda before: before.is_affine, most=40)
    names = (before.activation for before in found if before is not op and not before.is_affine)
    return next((WORDS[name] for name in names if name is not None), "identity")


@cache
def moments(activation: ActivationName) -> tuple[float, float]:
    """Return Var[φ(z)] and E[φ′(z)²] of z ~ N(0, 1)."""
    curve = CURVES[activation]

    def mean(function: Function) -> float:
        return float(expectation(function, np.ones(1), curve.kink)[0])

    variance = mean(lambda z: curve.value(z) ** 2) - mean(curve.value) ** 2
    return variance, mean(lambda z: curve.slope(z) ** 2)


def _orthogonal(weight: Tensor, generator: torch.Generator) -> Tensor:
    """Draw each square block of a recurrent layer's weights orthogonal."""
    width = weight.shape[1]
    blocks = [torch.randn(len(block), width, generator=generator) for block in weight.split(width)]
    drawn = [torch.linalg.qr(block if len(block) >= width else block.T)[0] for block in blocks]
    return torch.cat([q if len(q) == len(b) else q.T for q, b in zip(drawn, blocks, strict=True)]).to(weight)
