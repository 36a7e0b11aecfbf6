import numpy as np
import pytest

from sigmoid_lab.questions.summary import summarise
from sigmoid_lab.results.measured import HISTOGRAM_BINS, EndColumns, LayerColumns, StepColumns

LOSSES = (0.5, 0.7, 0.9, 0.6, 0.8)
ENDS = EndColumns(
    diverged=(False, False, True, False),
    probability_low=(0.1, 0.2, None, 0.3),
    probability_high=(0.9, 0.8, None, 0.85),
    predicted_positive=(1, 2, None, 3),
    probability_histogram=[(*counts, *[0] * (HISTOGRAM_BINS - 2)) for counts in ((1, 2), (3, 0), (0, 0), (1, 1))],
)


def at(step: int, scale: float) -> StepColumns:
    """Return columns of two layers, the output without an activation; one network of six has gone."""
    losses = [scale * loss for loss in LOSSES] + [None]
    return StepColumns(
        step=step,
        metrics={"loss": losses, "test_loss": [loss and 2 * loss for loss in losses]},
        layers=[
            LayerColumns(1, [loss and loss / 5 for loss in losses], [0.5] * 6, [0.25] * 6),
            LayerColumns(2, losses, None, None),
        ],
    )


STEPS = [at(0, 1.0), at(10, 0.5)]


def test_metrics_are_spread_over_networks_at_start_and_end() -> None:
    loss = summarise({}, ENDS, STEPS).metrics["loss"]
    assert loss.start.median == pytest.approx(np.median(LOSSES))
    assert loss.start.low == pytest.approx(np.quantile(LOSSES, 0.05))
    assert loss.end.high == pytest.approx(np.quantile(LOSSES, 0.95) / 2)
    assert loss.end.rms == pytest.approx(np.sqrt(np.mean(np.square(LOSSES))) / 2)


def test_layers_are_told_first_to_last_the_output_without_an_activation() -> None:
    hidden, output = summarise({}, ENDS, STEPS).layers
    assert (hidden.layer, output.layer) == (1, 2)
    assert hidden.gradient_norm.end.median == pytest.approx(0.07)
    assert hidden.saturated_share is not None
    assert hidden.saturated_share.start.median == 0.5
    assert (output.saturated_share, output.dead_share, output.predicted_rms) == (None, None, None)


def test_what_is_predicted_is_told_layer_by_layer() -> None:
    assert [layer.predicted_rms for layer in summarise({}, ENDS, STEPS, (0.25, 0.5)).layers] == [0.25, 0.5]


def test_the_series_holds_every_step() -> None:
    series = summarise({}, ENDS, STEPS).series
    assert [point.step for point in series] == [0, 10]
    assert series[1].metrics["loss"].median == pytest.approx(0.35)
    assert series[1].layers[1].gradient_norm.median == pytest.approx(0.35)


def test_how_networks_ended_is_told() -> None:
    summary = summarise({"network.depth": 2}, ENDS, STEPS)
    assert (summary.networks, summary.diverged) == (4, 1)
    assert (summary.probability_range.low, summary.probability_range.high) == (0.1, 0.9)
    assert summary.predicted_positive.median == 2
    assert summary.probability_histogram.counts[:3] == (5, 3, 0)
    assert len(summary.probability_histogram.edges) == HISTOGRAM_BINS + 1


def test_a_group_of_which_nothing_is_finished_has_nothing_to_tell() -> None:
    summary = summarise({}, EndColumns((), (), (), (), ()), [])
    assert (summary.networks, summary.layers, summary.series) == (0, (), ())
    assert dict(summary.metrics) == {}
    assert summary.probability_range.low is None
    assert summary.predicted_positive.median is None
    assert summary.probability_histogram.counts == (0,) * HISTOGRAM_BINS
