"""Recurrent networks that learn to recall a bit after a delay, a stack at once."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from sigmoid_lab.config.schema import Adam
from sigmoid_lab.data.recall import NOISE, recall
from sigmoid_lab.data.streams import stream
from sigmoid_lab.engine.devices import one_thread
from sigmoid_lab.engine.flat import move, side_by_side
from sigmoid_lab.engine.optimisers import optimiser
from sigmoid_lab.engine.recurrent import Recurrent, recurrent
from sigmoid_lab.functions.losses import bce_with_logits
from sigmoid_lab.results.gates import Recalled
from sigmoid_lab.vocabulary import CellName

HIDDEN, BATCH, HELD_OUT = 16, 16, 256
UPDATES, LEARNING_RATE = 300, 0.003
CHECKED_EVERY = 10
SOLVED_FROM = 0.99
"""The accuracy on the held-out sequences from which on a network has learnt the task."""

SETTINGS = {
    "hidden": HIDDEN,
    "batch_size": BATCH,
    "held_out": HELD_OUT,
    "updates": UPDATES,
    "optimizer": {"kind": "adam", "learning_rate": LEARNING_RATE},
    "noise": NOISE,
    "solved_from": SOLVED_FROM,
}


class Recaller(nn.Module):
    """A stack of recurrent networks, and a logit read off each one's last h by ``readout``, (E networks, 1, H)."""

    def __init__(self, recurrent: Recurrent, readout: Tensor) -> None:
        super().__init__()
        self.recurrent, self.readout = recurrent, nn.Parameter(readout)

    def forward(self, x: Tensor) -> Tensor:
        """Map (E networks, T steps, B sequences, F features) to logits (E, B, 1)."""
        return torch.bmm(self.recurrent.output(self.recurrent.states(x)[-1]), self.readout.mT)


@one_thread()
def train_on_recall(
    cell: CellName, forget_bias: float | None, seeds: Sequence[int], lag: int, on_update: Callable[[int], None]
) -> tuple[Recalled, ...]:
    """Train a network a seed with Adam until each has solved the task, or for all updates there are."""
    network = Recaller(recurrent(cell, forget_bias, seeds, 1, HIDDEN, torch.float32), _readout(seeds))
    parameters = list(network.parameters())
    update = optimiser(Adam(kind="adam", learning_rate=LEARNING_RATE), move(parameters))
    held_out = _sequences([stream(seed, "data") for seed in seeds], HELD_OUT, lag)
    streams = [stream(seed, "batches") for seed in seeds]
    found: list[Recalled] = [Recalled(0.0, None)] * len(seeds)
    for count in range(1, UPDATES + 1):
        x, y = _sequences(streams, BATCH, lag)
        loss = bce_with_logits(network(x), y).mean((1, 2)).sum()
        update(side_by_side(torch.autograd.grad(loss, parameters))[0])
        on_update(count)
        if count % CHECKED_EVERY == 0:
            found = [
                _seen(before, now, count) for before, now in zip(found, _accuracy(network, *held_out), strict=True)
            ]
            if all(each.updates for each in found):
                break
    return tuple(found)


def _readout(seeds: Sequence[int]) -> Tensor:
    """Draw a readout from U(−1/√H, 1/√H) a network."""
    bound = HIDDEN**-0.5
    drawn = [stream(seed, "direction").uniform(-bound, bound, (1, HIDDEN)) for seed in seeds]
    return torch.from_numpy(np.stack(drawn)).float()


def _sequences(streams: Sequence[np.random.Generator], count: int, lag: int) -> tuple[Tensor, Tensor]:
    """Return inputs (E networks, lag + 1 steps, B sequences, 1) and targets (E, B, 1), a network a stream."""
    x, y = zip(*(recall(random, count, lag) for random in streams), strict=True)
    return torch.from_numpy(np.stack(x)), torch.from_numpy(np.stack(y))


@torch.no_grad()
def _accuracy(network: Recaller, x: Tensor, y: Tensor) -> list[float]:
    accuracy: list[float] = ((network(x) >= 0.0) == (y == 1.0)).double().mean((1, 2)).tolist()
    return accuracy


def _seen(before: Recalled, accuracy: float, count: int) -> Recalled:
    """Keep what a network had when it solved the task: what came later depends on its neighbours."""
    if before.updates is not None:
        return before
    return Recalled(accuracy, count if accuracy >= SOLVED_FROM else None)
