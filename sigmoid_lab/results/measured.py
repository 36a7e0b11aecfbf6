"""What is measured of many networks, in columns of one value a network: so the engine gives it, and a run is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sigmoid_lab.vocabulary import MetricName

if TYPE_CHECKING:
    import numpy as np

HISTOGRAM_BINS = 20
"""Bins of equal width for probabilities, from 0 to 1."""

Column = Sequence[float | None]
"""One value a network; null where it is not finite."""


@dataclass(frozen=True)
class LayerColumns:
    """One linear layer: the Frobenius norm of its weight's gradient, and its activation's state.

    ``saturated_share`` is the share of outputs whose slope is below 1 % of the activation's greatest;
    ``dead_share`` the share of units whose slope is 0 on the whole batch; the output layer has neither.
    """

    layer: int
    gradient_norm: Column
    saturated_share: Column | None
    dead_share: Column | None


@dataclass(frozen=True)
class StepColumns:
    """Metrics after ``step`` updates, and layers at update ``step`` (the first, at step 0)."""

    step: int
    metrics: Mapping[MetricName, Column]
    layers: Sequence[LayerColumns]


@dataclass(frozen=True)
class EndColumns:
    """How networks ended; probabilities are those of the held-out part (of the training part if none is).

    ``predicted_positive`` counts the labels decided positive on the held-out part, null where nothing is held out.
    A network that diverged has nulls there, and a probability in no bin.
    """

    diverged: Sequence[bool]
    probability_low: Column
    probability_high: Column
    predicted_positive: Column
    probability_histogram: Sequence[Sequence[int]]


@dataclass(frozen=True)
class StackResult:
    """A stack that ran: what was measured of E networks, one a seed; their trained weights by name, (E, …) each."""

    stack: int
    group: int
    seeds: tuple[int, ...]
    series: Sequence[StepColumns]
    ends: EndColumns
    weights: Mapping[str, np.ndarray]
    seconds: float


@dataclass(frozen=True)
class StackFailure:
    """A stack that failed, with its cause; the rest of the run is kept."""

    stack: int
    group: int
    seeds: tuple[int, ...]
    cause: str


@dataclass(frozen=True)
class StackRetry:
    """A stack that has another turn, and why: the how manieth attempt that is, of how many at most.

    The attempt is null where the stack may not have been begun before, so that none is counted.
    """

    stack: int
    group: int
    seeds: tuple[int, ...]
    cause: str
    attempt: int | None
    attempts: int


@dataclass(frozen=True)
class Progress:
    """Where a stack in work is; medians over its networks at the last measurement, null before the first."""

    stack: int
    group: int
    networks: int
    step: int
    steps: int
    loss: float | None
    gradient_norm: float | None


@dataclass(frozen=True)
class Stored:
    """A stack whose results are on disk: only now is it finished."""

    stack: int
    group: int
    networks: int


TrainingEvent = Progress | Stored | StackRetry | StackFailure
"""What is heard of a stack: where it is, that its results are on disk, that it runs again, or that it failed."""
