"""What a group's networks say together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sigmoid_lab.results.measured import HISTOGRAM_BINS, Column, EndColumns, LayerColumns, StepColumns
from sigmoid_lab.results.spread import Spread, StartEnd
from sigmoid_lab.results.train import (
    GroupAtStep,
    GroupSummary,
    Histogram,
    LayerAtStep,
    LayerSummary,
    ProbabilityRange,
)


def summarise(
    settings: Mapping[str, Any],
    ends: EndColumns,
    steps: Iterable[StepColumns],
    predicted: Sequence[float | None] = (),
) -> GroupSummary:
    """Summarise networks that share ``settings``, of which none may be finished; ``predicted`` is by layer."""
    series = tuple(_at_step(columns) for columns in steps)
    start, end = (series[0], series[-1]) if series else (GroupAtStep(0, {}, ()),) * 2
    rms = dict(enumerate(predicted, start=1))
    return GroupSummary(
        settings=settings,
        networks=len(ends.diverged),
        diverged=sum(ends.diverged),
        metrics={name: StartEnd(start.metrics[name], end.metrics[name]) for name in start.metrics},
        probability_range=ProbabilityRange(
            min(_numbers(ends.probability_low), default=None), max(_numbers(ends.probability_high), default=None)
        ),
        predicted_positive=Spread.of(ends.predicted_positive),
        layers=tuple(
            _layer(first, last, rms[first.layer] if rms else None)
            for first, last in zip(start.layers, end.layers, strict=True)
        ),
        series=series,
        probability_histogram=Histogram(
            edges=tuple(edge / HISTOGRAM_BINS for edge in range(HISTOGRAM_BINS + 1)),
            counts=tuple(map(sum, zip(*ends.probability_histogram, strict=True))) or (0,) * HISTOGRAM_BINS,
        ),
    )


def _at_step(columns: StepColumns) -> GroupAtStep:
    return GroupAtStep(
        step=columns.step,
        metrics={name: Spread.of(values) for name, values in columns.metrics.items()},
        layers=tuple(_layer_at_step(layer) for layer in columns.layers),
    )


def _layer_at_step(columns: LayerColumns) -> LayerAtStep:
    return LayerAtStep(
        layer=columns.layer,
        gradient_norm=Spread.of(columns.gradient_norm),
        saturated_share=Spread.of(columns.saturated_share) if columns.saturated_share is not None else None,
        dead_share=Spread.of(columns.dead_share) if columns.dead_share is not None else None,
    )


def _layer(start: LayerAtStep, end: LayerAtStep, predicted_rms: float | None) -> LayerSummary:
    return LayerSummary(
        layer=start.layer,
        gradient_norm=StartEnd(start.gradient_norm, end.gradient_norm),
        saturated_share=_start_end(start.saturated_share, end.saturated_share),
        dead_share=_start_end(start.dead_share, end.dead_share),
        predicted_rms=predicted_rms,
    )


def _start_end(start: Spread | None, end: Spread | None) -> StartEnd | None:
    return StartEnd(start, end) if start is not None and end is not None else None


def _numbers(values: Column) -> list[float]:
    return [value for value in values if value is not None]
