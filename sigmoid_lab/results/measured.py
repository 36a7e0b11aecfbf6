"""What the engine hands out: the raw facts of every network of a stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sigmoid_lab.vocabulary import MetricName

if TYPE_CHECKING:
    import numpy as np

HISTOGRAM_BINS = 20
"""Bins of equal width for probabilities, from 0 to 1."""


@dataclass(frozen=True)
class LayerMeasurement:
    """One linear layer of one network: the Frobenius norm of its weight's gradient, and its activation's state.

    ``saturated_share`` is the share of outputs whose slope is below 1 % of the activation's greatest;
    ``dead_share`` the share of units whose slope is 0 on the whole batch; both null at the output layer.
    """

    layer: int
    gradient_norm: float
    saturated_share: float | None
    dead_share: float | None


@dataclass(frozen=True)
class Measurement:
    """One network after ``step`` updates: metrics then, and layers at update ``step`` (the first, at step 0)."""

    step: int
    metrics: Mapping[MetricName, float]
    layers: tuple[LayerMeasurement, ...]


@dataclass(frozen=True)
class NetworkResult:
    """One trained network; probabilities are those of the held-out part (of the training part if none is).

    ``predicted_positive`` counts the labels decided positive on the held-out part, null where nothing is held out.
    """

    seed: int
    diverged: bool
    series: tuple[Measurement, ...]
    probability_low: float
    probability_high: float
    probability_histogram: tuple[int, ...]
    predicted_positive: int | None


Column = Sequence[float | None]
"""One value a network; null where it is not finite."""


@dataclass(frozen=True)
class LayerColumns:
    """One layer of many networks at one step; an output layer has no shares."""

    layer: int
    gradient_norm: Column
    saturated_share: Column | None
    dead_share: Column | None


@dataclass(frozen=True)
class StepColumns:
    """Many networks at one step: all of them at step 0, later those that never diverged."""

    step: int
    metrics: Mapping[MetricName, Column]
    layers: Sequence[LayerColumns]


@dataclass(frozen=True)
class NetworkColumns:
    """Many networks: how many there are and how many diverged, and what those that did not ended with."""

    networks: int
    diverged: int
    probability_low: Column
    probability_high: Column
    predicted_positive: Column
    probability_histogram: tuple[int, ...]


@dataclass(frozen=True)
class StackResult:
    """A stack that ran: its networks' facts, and their trained weights by name, (E networks, …) each."""

    stack: int
    group: int
    networks: tuple[NetworkResult, ...]
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
