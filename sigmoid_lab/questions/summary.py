"""What a group's networks say together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sigmoid_lab.results.measured import HISTOGRAM_BINS, LayerMeasurement, Measurement, NetworkResult
from sigmoid_lab.results.spread import Spread, StartEnd
from sigmoid_lab.results.train import (
    GroupAtStep,
    GroupSummary,
    Histogram,
    LayerAtStep,
    LayerSummary,
    ProbabilityRange,
)
from sigmoid_lab.vocabulary import METRICS


def summarise(settings: Mapping[str, Any], networks: Sequence[NetworkResult]) -> GroupSummary:
    """Summarise networks that share ``settings``; those that diverged are counted, and left out of spreads."""
    starts = _at_step(0, [network.series[0] for network in networks])
    ends = _at_step(0, [network.series[-1] for network in networks])
    return GroupSummary(
        settings=settings,
        networks=len(networks),
        diverged=sum(network.diverged for network in networks),
        metrics={name: StartEnd(starts.metrics[name], ends.metrics[name]) for name in starts.metrics},
        probability_range=ProbabilityRange(
            min(_numbers(network.probability_low for network in networks), default=None),
            max(_numbers(network.probability_high for network in networks), default=None),
        ),
        predicted_positive=Spread.of(n.predicted_positive for n in networks if not n.diverged),
        layers=tuple(_layer(start, end) for start, end in zip(starts.layers, ends.layers, strict=True)),
        series=_series(networks),
        probability_histogram=Histogram(
            edges=tuple(edge / HISTOGRAM_BINS for edge in range(HISTOGRAM_BINS + 1)),
            counts=tuple(sum(counts) for counts in zip(*(n.probability_histogram for n in networks), strict=True)),
        ),
    )


def _series(networks: Iterable[NetworkResult]) -> tuple[GroupAtStep, ...]:
    by_step: dict[int, list[Measurement]] = defaultdict(list)
    for network in networks:
        for measurement in network.series:
            by_step[measurement.step].append(measurement)
    return tuple(_at_step(step, by_step[step]) for step in sorted(by_step))


def _at_step(step: int, measurements: Sequence[Measurement]) -> GroupAtStep:
    names = {name for measurement in measurements for name in measurement.metrics}
    by_layer: dict[int, list[LayerMeasurement]] = defaultdict(list)
    for measurement in measurements:
        for layer in measurement.layers:
            by_layer[layer.layer].append(layer)
    return GroupAtStep(
        step=step,
        metrics={name: Spread.of(m.metrics.get(name) for m in measurements) for name in METRICS if name in names},
        layers=tuple(_layer_at_step(layer, by_layer[layer]) for layer in sorted(by_layer)),
    )


def _layer_at_step(layer: int, states: Sequence[LayerMeasurement]) -> LayerAtStep:
    return LayerAtStep(
        layer=layer,
        gradient_norm=Spread.of(state.gradient_norm for state in states),
        saturated_share=_spread_or_none(state.saturated_share for state in states),
        dead_share=_spread_or_none(state.dead_share for state in states),
    )


def _layer(start: LayerAtStep, end: LayerAtStep) -> LayerSummary:
    return LayerSummary(
        layer=start.layer,
        gradient_norm=StartEnd(start.gradient_norm, end.gradient_norm),
        saturated_share=_start_end(start.saturated_share, end.saturated_share),
        dead_share=_start_end(start.dead_share, end.dead_share),
        predicted_rms=None,
    )


def _spread_or_none(values: Iterable[float | None]) -> Spread | None:
    """Return the spread of the values that exist, or None at an output layer, where none does."""
    existing = [value for value in values if value is not None]
    return Spread.of(existing) if existing else None


def _start_end(start: Spread | None, end: Spread | None) -> StartEnd | None:
    return StartEnd(start, end) if start is not None and end is not None else None


def _numbers(values: Iterable[float]) -> list[float]:
    return [value for value in values if value == value]
