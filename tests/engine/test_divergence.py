"""A network that diverges is flagged, and neither stops nor changes the others of its stack."""

import math
from typing import Any

import numpy as np
import pytest
from support.stacks import of_network

from sigmoid_lab.config.schema import Settings
from sigmoid_lab.engine.execute import execute
from sigmoid_lab.plan import Group, Stack
from sigmoid_lab.results.measured import Progress, StackResult

CASES: dict[str, dict[str, Any]] = {
    "a logarithm of 0": {"loss": "hand-written-bce", "optimizer": {"learning_rate": 10.0}},
    "a huge learning rate": {"optimizer": {"learning_rate": 1e6}},
}
BASE: dict[str, Any] = {
    "data": {"samples": 64},
    "network": {"activation": "relu", "depth": 2, "width": 8},
    "training": {"steps": 60, "batch_size": 16},
    "measure": {"every": 20},
}


def run(seeds: tuple[int, ...], told: list[Progress] | None = None, **settings: Any) -> StackResult:
    block = Settings.model_validate(BASE | settings)
    progress: list[Progress] = [] if told is None else told
    return execute(Stack(0, Group(0, {}, block), seeds), progress.append)


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return CASES[request.param]


@pytest.fixture(scope="module")
def seeds(case: dict[str, Any]) -> tuple[int, int, int, int]:
    """Return a seed whose network diverges, and three whose networks do not."""
    lost: list[int] = []
    sound: list[int] = []
    for seed in range(60):
        (lost if run((seed,), **case).ends.diverged[0] else sound).append(seed)
        if lost and len(sound) >= 3:
            break
    return lost[0], sound[0], sound[1], sound[2]


@pytest.fixture(scope="module")
def mixed(case: dict[str, Any], seeds: tuple[int, int, int, int]) -> StackResult:
    lost, first, _, third = seeds
    return run((first, lost, third), **case)


def test_only_the_network_that_diverges_is_flagged(mixed: StackResult) -> None:
    assert mixed.ends.diverged == [False, True, False]


def test_the_measurements_before_it_diverged_are_kept(mixed: StackResult) -> None:
    start = mixed.series[0]
    columns = [*start.metrics.values(), *(layer.gradient_norm for layer in start.layers)]
    assert None not in [column[1] for column in columns]


def test_its_metrics_are_null(mixed: StackResult) -> None:
    end = mixed.series[-1].metrics
    assert set(end) == {name + key for name in ("", "test_") for key in ("loss", "accuracy", "positive_share")}
    assert {column[1] for column in end.values()} == {None}


def test_its_layers_are_null(mixed: StackResult) -> None:
    *hidden, output = mixed.series[-1].layers
    assert [layer.gradient_norm[1] for layer in (*hidden, output)] == [None] * 3
    shares = [share for layer in hidden for share in (layer.saturated_share, layer.dead_share)]
    assert [None if share is None else share[1] for share in shares] == [None] * 4
    assert None not in shares
    assert (output.saturated_share, output.dead_share) == (None, None)


def test_it_has_no_probabilities_and_none_in_a_bin(mixed: StackResult) -> None:
    ends = mixed.ends
    assert (ends.probability_low[1], ends.probability_high[1], ends.predicted_positive[1]) == (None, None, None)
    assert sum(ends.probability_histogram[1]) == 0


def test_it_changes_no_bit_of_its_neighbours(
    case: dict[str, Any], seeds: tuple[int, int, int, int], mixed: StackResult
) -> None:
    sound = run(seeds[1:], **case)
    assert sound.ends.diverged == [False, False, False]
    for copy in (0, 2):
        assert of_network(mixed, copy) == of_network(sound, copy)
        for name, values in sound.weights.items():
            assert np.array_equal(values[copy], mixed.weights[name][copy])


def test_progress_goes_on_over_the_networks_that_are_left(
    case: dict[str, Any], seeds: tuple[int, int, int, int]
) -> None:
    told: list[Progress] = []
    lost, first, _, third = seeds
    run((first, lost, third), told, **case)
    assert [progress.step for progress in told] == list(range(61))
    assert told[-1].loss is not None
    assert math.isfinite(told[-1].loss)


def test_a_network_whose_loss_is_not_a_number_from_the_start_is_flagged_without_an_update() -> None:
    network = BASE["network"] | {"init": {"weight_variance": 1e5}}
    result = run((0, 1), loss="hand-written-bce", network=network, training={"steps": 0, "batch_size": 16})
    assert result.ends.diverged == [True, True]
    assert result.series[0].metrics["loss"] == [None, None]


def test_a_network_that_diverged_in_its_loss_alone_has_no_probabilities_either() -> None:
    network = BASE["network"] | {"init": {"weight_variance": 1e5}}
    ends = run((0,), loss="hand-written-bce", network=network, training={"steps": 0, "batch_size": 16}).ends
    assert (ends.probability_low, ends.probability_high, ends.predicted_positive) == ([None], [None], [None])
    assert sum(ends.probability_histogram[0]) == 0


def test_float16_overflow_is_flagged() -> None:
    network = BASE["network"] | {"init": {"weight_variance": 1e5}}
    assert run((0,), dtype="float16", network=network).ends.diverged == [True]
    sound = run((0,), dtype="float32", network=network, optimizer={"learning_rate": 1e-9})
    assert sound.ends.diverged == [False]
