"""The answer of ``theory``."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sigmoid_lab.results.answer import Answer
from sigmoid_lab.vocabulary import ActivationName

Phase = Literal["ordered", "critical", "chaotic", "unbounded"]


@dataclass(frozen=True)
class FixedPointRow:
    """One fixed point q* of the variance of z, and what signals and gradients do there; depths are in layers.

    ``unbounded``: q grows for ever, from every q or from the greatest q* on; everything but the variances is null.
    ``every_q`` says that every q is a fixed point, and the one told is that of inputs of mean square 1.
    """

    activation: ActivationName
    weight_variance: float
    bias_variance: float
    q_star: float | None
    stable: bool | None
    mean: float | None
    chi_1: float | None
    chi_q: float | None
    c_star: float | None
    chi_c: float | None
    gradient_depth: float | None
    correlation_depth: float | None
    phase: Phase
    every_q: bool


@dataclass(frozen=True)
class SignalRow:
    """One linear layer of a finite network; see ``theory/network.py``."""

    activation: ActivationName
    layer: int
    q: float
    chi: float | None
    squared_gradient_ratio: float | None
    log10_squared_gradient_ratio: float
    log_variance: float | None


@dataclass(frozen=True)
class TheoryAnswer(Answer):
    """Fixed points, a finite network layer by layer, and the activations without a critical weight variance."""

    command: ClassVar[str] = "theory"
    table: ClassVar[str] = "rows"

    rows: tuple[FixedPointRow, ...]
    by_layer: tuple[SignalRow, ...]
    never_critical: tuple[ActivationName, ...]
