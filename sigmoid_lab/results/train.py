"""The answer of ``train``, and of ``runs show``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sigmoid_lab.results.answer import Answer
from sigmoid_lab.results.spread import Spread, StartEnd
from sigmoid_lab.vocabulary import MetricName


@dataclass(frozen=True)
class LayerSummary:
    """One layer over a group's networks, before the first update and at the last."""

    layer: int
    gradient_norm: StartEnd
    saturated_share: StartEnd | None
    dead_share: StartEnd | None
    predicted_rms: float | None


@dataclass(frozen=True)
class LayerAtStep:
    """One layer over a group's networks at one step."""

    layer: int
    gradient_norm: Spread
    saturated_share: Spread | None
    dead_share: Spread | None


@dataclass(frozen=True)
class GroupAtStep:
    """A group's networks after ``step`` updates."""

    step: int
    metrics: Mapping[MetricName, Spread]
    layers: tuple[LayerAtStep, ...]


@dataclass(frozen=True)
class ProbabilityRange:
    """The least and the greatest probability that any network of a group gave."""

    low: float | None
    high: float | None


@dataclass(frozen=True)
class Histogram:
    """Counts of probabilities between neighbouring ``edges``, over all networks of a group."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class GroupSummary:
    """One combination of the compared settings, over its networks."""

    settings: Mapping[str, Any]
    networks: int
    diverged: int
    metrics: Mapping[MetricName, StartEnd]
    probability_range: ProbabilityRange
    predicted_positive: Spread
    layers: tuple[LayerSummary, ...]
    series: tuple[GroupAtStep, ...]
    probability_histogram: Histogram


@dataclass(frozen=True)
class FailedStack:
    """Networks that could not be trained: what they compare, their seeds, and why."""

    stack: int
    settings: Mapping[str, Any]
    seeds: tuple[int, ...]
    cause: str


@dataclass(frozen=True)
class TrainAnswer(Answer):
    """What was trained, group by group, and where the run lies."""

    command: ClassVar[str] = "train"
    table: ClassVar[str] = "groups"

    groups: tuple[GroupSummary, ...]
    run: str
    failed: tuple[FailedStack, ...]
    networks: int
    planned_networks: int
    seconds: float
