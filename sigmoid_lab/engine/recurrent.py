"""Recurrent networks in stacks of E, with the parameters of torch's ``nn.RNN`` and ``nn.LSTM``, a leading axis more."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sigmoid_lab.data.streams import stream
from sigmoid_lab.engine.initialise import orthogonal
from sigmoid_lab.functions.activations import ACTIVATIONS
from sigmoid_lab.vocabulary import ActivationName, CellName

Array = NDArray[np.float64]

State = tuple[Tensor, ...]
"""All that a step hands on, (E networks, B sequences, H hidden) each; the first is s: an RNN's h, an LSTM's c."""


class Recurrent(nn.Module, ABC):
    """E recurrent networks side by side, with G gates' pre-activations a hidden unit.

    Parameters: ``weight_ih`` (E, G·H, F features), ``weight_hh`` (E, G·H, H), ``bias_ih`` and ``bias_hh`` (E, G·H).
    """

    gates: ClassVar[int]

    def __init__(self, weight_ih: Tensor, weight_hh: Tensor, bias_ih: Tensor, bias_hh: Tensor) -> None:
        super().__init__()
        self.weight_ih, self.weight_hh = nn.Parameter(weight_ih), nn.Parameter(weight_hh)
        self.bias_ih, self.bias_hh = nn.Parameter(bias_ih), nn.Parameter(bias_hh)

    @abstractmethod
    def start(self, zeros: Tensor) -> State:
        """Return the state before the first step, in which h = s = 0, of ``zeros`` (E, B, H)."""

    @abstractmethod
    def step(self, drive: Tensor, state: State) -> State:
        """Return the state after a step, whose ``drive`` (E, B, G·H) is what inputs and biases contribute."""

    @abstractmethod
    def output(self, state: State) -> Tensor:
        """Return h, (E, B, H)."""

    def drives(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return W_ih x_t + b_ih + b_hh of every step, (E, B, G·H) each, of x (E, T steps, B, F)."""
        bias = (self.bias_ih + self.bias_hh).unsqueeze(1)
        whole: Tensor = torch.baddbmm(bias, x.flatten(1, 2), self.weight_ih.mT).unflatten(1, x.shape[1:3])
        return whole.unbind(1)

    def states(self, x: Tensor) -> list[State]:
        """Return the state before the first step and after every step, of x (E, T steps, B, F)."""
        hidden = self.weight_hh.shape[2]
        found = [self.start(x.new_zeros(x.shape[0], x.shape[2], hidden))]
        for drive in self.drives(x):
            found.append(self.step(drive, found[-1]))
        return found

    def recur(self, drive: Tensor, h: Tensor) -> Tensor:
        """Return the pre-activations W_hh h + drive, (E, B, G·H)."""
        return torch.baddbmm(drive, h, self.weight_hh.mT)


class RNN(Recurrent):
    """h_t = φ(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh), torch's ``nn.RNN``; s is h."""

    gates = 1
    activation: ClassVar[ActivationName]

    def __init__(self, weight_ih: Tensor, weight_hh: Tensor, bias_ih: Tensor, bias_hh: Tensor) -> None:
        super().__init__(weight_ih, weight_hh, bias_ih, bias_hh)
        self.phi = ACTIVATIONS[self.activation]()

    def start(self, zeros: Tensor) -> State:
        """Return h."""
        return (zeros,)

    def step(self, drive: Tensor, state: State) -> State:
        """Return the next h."""
        return (self.phi(self.recur(drive, state[0])),)

    def output(self, state: State) -> Tensor:
        """Return h."""
        return state[0]


class SigmoidRNN(RNN):
    """φ = σ, which torch does not offer."""

    activation = "sigmoid"


class TanhRNN(RNN):
    """φ = tanh."""

    activation = "tanh"


class LSTM(Recurrent):
    """c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t and h_t = o_t ⊙ tanh(c_t), torch's ``nn.LSTM`` (Gers et al. 2000).

    Its state is c and o: with h left to be computed from them, a gradient in c counts every path that leaves c.
    """

    gates = 4

    def start(self, zeros: Tensor) -> State:
        """Return c and o."""
        return zeros, zeros

    def gate_values(self, drive: Tensor, state: State) -> tuple[Tensor, ...]:
        """Return i, f, g and o, in torch's order, (E, B, H) each."""
        i, f, g, o = self.recur(drive, self.output(state)).chunk(4, dim=2)
        return torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)

    def step(self, drive: Tensor, state: State) -> State:
        """Return the next c and o."""
        i, f, g, o = self.gate_values(drive, state)
        return f * state[0] + i * g, o

    def output(self, state: State) -> Tensor:
        """Return o ⊙ tanh(c)."""
        c, o = state
        return o * torch.tanh(c)


CELLS: dict[CellName, type[Recurrent]] = {
    "rnn-sigmoid": SigmoidRNN,
    "rnn-tanh": TanhRNN,
    "rnn-tanh-orthogonal": TanhRNN,
    "lstm": LSTM,
}


def recurrent(
    cell: CellName, forget_bias: float | None, seeds: Sequence[int], features: int, hidden: int, dtype: torch.dtype
) -> Recurrent:
    """Return a stack, a network a seed, drawn in float64 from U(−1/√H, 1/√H) as torch draws, biases too.

    ``forget_bias`` replaces the total over both bias vectors of an LSTM's forget gates; networks of one seed and shape
    share all other draws.
    """
    drawn = zip(*(_draws(cell, seed, features, hidden) for seed in seeds), strict=True)
    weight_ih, weight_hh, bias_ih, bias_hh = map(np.stack, drawn)
    if forget_bias is not None:
        bias_ih[:, hidden : 2 * hidden], bias_hh[:, hidden : 2 * hidden] = forget_bias, 0.0
    return CELLS[cell](*(torch.from_numpy(array).to(dtype) for array in (weight_ih, weight_hh, bias_ih, bias_hh)))


def _draws(cell: CellName, seed: int, features: int, hidden: int) -> tuple[Array, Array, Array, Array]:
    """Draw one network's parameters; an orthogonal W_hh comes last, so that it changes nothing else."""
    random, bound, rows = stream(seed, "weights"), hidden**-0.5, CELLS[cell].gates * hidden
    shapes = (rows, features), (rows, hidden), (rows,), (rows,)
    weight_ih, weight_hh, bias_ih, bias_hh = (random.uniform(-bound, bound, shape) for shape in shapes)
    if cell == "rnn-tanh-orthogonal":
        weight_hh = orthogonal(random.standard_normal((1, hidden, hidden)))[0]
    return weight_ih, weight_hh, bias_ih, bias_hh
