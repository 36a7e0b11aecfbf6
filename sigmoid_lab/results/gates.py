"""The answer of ``gates``, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from sigmoid_lab.results.answer import Answer
from sigmoid_lab.results.spread import Spread
from sigmoid_lab.vocabulary import CellName

ForgetBias = float | Literal["default"] | None
"""The total over an LSTM's two bias vectors, or what torch draws; null for an RNN."""


@dataclass(frozen=True)
class Travel:
    """What is left of a gradient in one network at lag 0, 1, …, and the most that a step can keep of it.

    ``norm`` is ‖∂(v·s_T)/∂s_{T−lag}‖/‖v‖ as float64 holds it and ``log_norm`` its natural logarithm, which does not
    underflow; ``gate_product`` is ‖v ⊙ f_{T−lag+1} ⊙ … ⊙ f_T‖/‖v‖, an LSTM's cell path alone; ``step_bound`` an RNN's
    greatest slope times ‖W_hh‖₂.
    """

    norm: tuple[float, ...]
    log_norm: tuple[float, ...]
    gate_product: tuple[float, ...] | None
    step_bound: float | None


@dataclass(frozen=True)
class Recalled:
    """One network trained on delayed recall: its last accuracy on the held-out part, and the updates that it took.

    ``updates`` is null where it never got there.
    """

    accuracy: float
    updates: int | None


@dataclass(frozen=True)
class GateRow:
    """One cell at one lag, in steps; ``per_step_factor`` and what follows it are the same at every lag.

    ``per_step_factor`` is the geometric mean of the medians' step from lag to lag over the last three quarters of the
    lags; ``per_step_bound`` the most that any of an RNN's networks can keep in a step; ``time_constant_steps`` is a
    forget gate's, held at its bias, which torch draws around 0.
    """

    cell: CellName
    forget_bias: ForgetBias
    lag: int
    gradient_norm: Spread
    gate_product: Spread | None
    per_step_factor: float | None
    per_step_bound: float | None
    time_constant_steps: float | None


@dataclass(frozen=True)
class RecallRow:
    """How many networks of one cell learnt to recall a bit after ``lag`` steps; ``updates`` of those that did."""

    cell: CellName
    forget_bias: ForgetBias
    lag: int
    networks: int
    solved: int
    accuracy: Spread
    updates: Spread


@dataclass(frozen=True)
class GatesProgress:
    """How far a cell is: networks measured, or with a lag, updates of a training."""

    cell: CellName
    forget_bias: ForgetBias
    lag: int | None
    done: int
    total: int


@dataclass(frozen=True)
class GatesAnswer(Answer):
    """How gradients travel through time, and who learns what needs that."""

    command: ClassVar[str] = "gates"
    table: ClassVar[str] = "rows"

    rows: tuple[GateRow, ...]
    recall: tuple[RecallRow, ...]
    """Empty unless networks are trained."""
