"""How a gradient travels back through a recurrent network's time."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from sigmoid_lab.data.streams import StreamName, stream
from sigmoid_lab.engine.devices import one_thread
from sigmoid_lab.engine.recurrent import LSTM, RNN, Recurrent, State, recurrent
from sigmoid_lab.results.gates import Travel
from sigmoid_lab.theory.gates import per_step_bound
from sigmoid_lab.vocabulary import CellName

FEATURES = 10
"""Inputs of a step."""


@one_thread()
def measure(
    cell: CellName, forget_bias: float | None, seeds: Sequence[int], hidden: int, lags: int
) -> tuple[Travel, ...]:
    """Draw a network a seed and measure it in float64, as `travel` does."""
    return travel(recurrent(cell, forget_bias, seeds, FEATURES, hidden, torch.float64), seeds, lags)


def travel(network: Recurrent, seeds: Sequence[int], lags: int) -> tuple[Travel, ...]:
    """Send v·s_T back through ``lags`` steps of one standard normal sequence a network, for a standard normal v.

    A sequence has a step more than lags, so that the earliest s is one that the network computed.
    """
    hidden, features = network.weight_hh.shape[2], network.weight_ih.shape[2]
    x = _normal(seeds, "data", (lags + 1, 1, features))
    v = _normal(seeds, "direction", (1, hidden))
    v /= torch.linalg.vector_norm(v, dim=2, keepdim=True)
    with torch.no_grad():
        drives, states = network.drives(x), network.states(x)
        gate_products = _gate_products(network, drives, states, v) if isinstance(network, LSTM) else None
    log_norms = _log_norms(network, drives, states, v)
    norms = log_norms.exp()
    bounds = _step_bounds(network) if isinstance(network, RNN) else None
    return tuple(
        Travel(
            norm=tuple(norms[copy].tolist()),
            log_norm=tuple(log_norms[copy].tolist()),
            gate_product=None if gate_products is None else tuple(gate_products[copy].tolist()),
            step_bound=None if bounds is None else bounds[copy],
        )
        for copy in range(len(seeds))
    )


def _step_bounds(network: RNN) -> list[float]:
    norms: list[float] = torch.linalg.matrix_norm(network.weight_hh.detach(), 2).tolist()
    return [per_step_bound(network.activation, norm) for norm in norms]


def _normal(seeds: Sequence[int], name: StreamName, shape: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(np.stack([stream(seed, name).standard_normal(shape) for seed in seeds]))


def _log_norms(network: Recurrent, drives: Sequence[Tensor], states: Sequence[State], v: Tensor) -> Tensor:
    """Return ln of the norms, (E networks, lags).

    It goes back step by step, autograd within a step and the gradient's length taken out after it, because a norm soon
    leaves float64's range.
    """
    gradient: State = (v, *(torch.zeros_like(v) for _ in states[-1][1:]))
    taken = v.new_zeros(len(v))
    logs = [taken]
    for drive, state in zip(reversed(drives[1:]), reversed(states[1:-1]), strict=True):
        gradient = _back(network, drive, state, gradient)
        length = torch.linalg.vector_norm(torch.cat(gradient, dim=2), dim=(1, 2))
        gradient = tuple(part / length.where(length > 0.0, 1.0)[:, None, None] for part in gradient)
        taken = taken + length.log()
        logs.append(taken + torch.linalg.vector_norm(gradient[0], dim=(1, 2)).log())
    return torch.stack(logs, dim=1)


def _back(network: Recurrent, drive: Tensor, state: State, gradient: State) -> State:
    """Return the gradient in the state before a step, given the one in the state after it."""
    before = tuple(part.detach().requires_grad_() for part in state)
    after = network.step(drive, before)
    along = torch.stack([(part * g).sum() for part, g in zip(after, gradient, strict=True)]).sum()
    return torch.autograd.grad(along, before)


def _gate_products(network: LSTM, drives: Sequence[Tensor], states: Sequence[State], v: Tensor) -> Tensor:
    products = [v]
    for drive, state in zip(reversed(drives[1:]), reversed(states[1:-1]), strict=True):
        _, forget, _, _ = network.gate_values(drive, state)
        products.append(products[-1] * forget)
    norms: Tensor = torch.linalg.vector_norm(torch.stack(products, dim=1), dim=(2, 3))
    return norms
