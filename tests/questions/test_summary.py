import math

import numpy as np
import pytest

from sigmoid_lab.questions.summary import summarise
from sigmoid_lab.results.measured import HISTOGRAM_BINS, LayerMeasurement, Measurement, NetworkResult


def network(seed: int, loss: float, norm: float, *, diverged: bool = False, layers: int = 2) -> NetworkResult:
    """Return a network whose loss halves and whose gradient doubles between step 0 and step 10."""
    states = [
        tuple(
            LayerMeasurement(layer, scale * norm * layer, *((0.5, 0.25) if layer < layers else (None, None)))
            for layer in range(1, layers + 1)
        )
        for scale in (1.0, 2.0)
    ]
    return NetworkResult(
        seed=seed,
        diverged=diverged,
        series=(
            Measurement(0, {"loss": loss, "test_loss": 2.0 * loss}, states[0]),
            Measurement(10, {"loss": loss / 2.0, "test_loss": loss}, states[1]),
        ),
        probability_low=math.nan if diverged else 0.1 + seed / 100,
        probability_high=math.nan if diverged else 0.9 - seed / 100,
        probability_histogram=tuple(int(bin_ == seed) for bin_ in range(HISTOGRAM_BINS)),
        predicted_positive=seed,
    )


LOSSES = (0.5, 0.7, 0.9, 0.6, 0.8)
NETWORKS = [network(seed, loss, loss / 10) for seed, loss in enumerate(LOSSES)]


def test_metrics_are_spread_over_networks_at_start_and_end() -> None:
    loss = summarise({}, NETWORKS).metrics["loss"]
    assert loss.start.median == pytest.approx(np.median(LOSSES))
    assert loss.start.low == pytest.approx(np.quantile(LOSSES, 0.05))
    assert loss.end.high == pytest.approx(np.quantile(LOSSES, 0.95) / 2)
    assert loss.end.rms == pytest.approx(np.sqrt(np.mean(np.square(LOSSES))) / 2)


def test_layers_are_told_first_to_last_the_output_without_an_activation() -> None:
    hidden, output = summarise({}, NETWORKS).layers
    assert (hidden.layer, output.layer) == (1, 2)
    assert hidden.gradient_norm.end.median == pytest.approx(0.14)
    assert hidden.saturated_share is not None
    assert hidden.saturated_share.start.median == 0.5
    assert output.saturated_share is None
    assert output.dead_share is None


def test_the_series_holds_every_step() -> None:
    series = summarise({}, NETWORKS).series
    assert [point.step for point in series] == [0, 10]
    assert series[1].metrics["loss"].median == pytest.approx(0.35)
    assert series[1].layers[1].gradient_norm.median == pytest.approx(0.28)


def test_probabilities_range_over_all_networks() -> None:
    summary = summarise({}, NETWORKS)
    assert summary.probability_range.low == pytest.approx(0.1)
    assert summary.probability_range.high == pytest.approx(0.9)
    assert summary.probability_histogram.counts[:6] == (1, 1, 1, 1, 1, 0)


def test_a_diverged_network_is_counted_and_never_averaged() -> None:
    lost = network(5, math.nan, math.inf, diverged=True)
    with_it, without = summarise({}, [*NETWORKS, lost]), summarise({}, NETWORKS)
    assert (with_it.networks, with_it.diverged) == (6, 1)
    assert with_it.metrics == without.metrics
    assert with_it.layers == without.layers
    assert with_it.predicted_positive == without.predicted_positive
    assert with_it.probability_range == without.probability_range


def test_a_group_of_nothing_but_diverged_networks_has_nulls() -> None:
    summary = summarise({}, [network(0, math.nan, math.nan, diverged=True)])
    assert summary.diverged == 1
    assert summary.metrics["loss"].end.median is None
    assert summary.probability_range.low is None


def test_networks_of_different_depths_can_be_pooled() -> None:
    summary = summarise({}, [network(0, 0.5, 0.1, layers=2), network(1, 0.5, 0.1, layers=3)])
    assert [layer.layer for layer in summary.layers] == [1, 2, 3]
