"""A network that diverges is flagged, and neither stops nor changes the others of its stack."""

import math
from typing import Any

import numpy as np
import pytest

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
        (lost if run((seed,), **case).networks[0].diverged else sound).append(seed)
        if lost and len(sound) >= 3:
            break
    return lost[0], sound[0], sound[1], sound[2]


@pytest.fixture(scope="module")
def mixed(case: dict[str, Any], seeds: tuple[int, int, int, int]) -> StackResult:
    lost, first, _, third = seeds
    return run((first, lost, third), **case)


def test_only_the_network_that_diverges_is_flagged(mixed: StackResult) -> None:
    assert [network.diverged for network in mixed.networks] == [False, True, False]


def test_the_measurements_before_it_diverged_are_kept(mixed: StackResult) -> None:
    start = mixed.networks[1].series[0]
    assert all(map(math.isfinite, start.metrics.values()))
    assert all(math.isfinite(layer.gradient_norm) for layer in start.layers)


def test_its_metrics_are_nan(mixed: StackResult) -> None:
    end = mixed.networks[1].series[-1].metrics
    assert set(end) == {name + key for name in ("", "test_") for key in ("loss", "accuracy", "positive_share")}
    assert all(map(math.isnan, end.values()))


def test_its_layers_are_nan_but_for_what_an_output_layer_lacks(mixed: StackResult) -> None:
    *hidden, output = mixed.networks[1].series[-1].layers
    assert all(math.isnan(layer.gradient_norm) for layer in (*hidden, output))
    shares = [share for layer in hidden for share in (layer.saturated_share, layer.dead_share)]
    assert all(share is not None and math.isnan(share) for share in shares)
    assert (output.saturated_share, output.dead_share) == (None, None)


def test_its_probabilities_are_nan_and_in_no_bin(mixed: StackResult) -> None:
    network = mixed.networks[1]
    assert math.isnan(network.probability_low)
    assert math.isnan(network.probability_high)
    assert sum(network.probability_histogram) == 0


def test_it_changes_no_bit_of_its_neighbours(
    case: dict[str, Any], seeds: tuple[int, int, int, int], mixed: StackResult
) -> None:
    sound = run(seeds[1:], **case)
    assert [network.diverged for network in sound.networks] == [False, False, False]
    for copy in (0, 2):
        assert mixed.networks[copy] == sound.networks[copy]
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
    assert [each.diverged for each in result.networks] == [True, True]
    assert not math.isfinite(result.networks[0].series[0].metrics["loss"])


def test_float16_overflow_is_flagged() -> None:
    network = BASE["network"] | {"init": {"weight_variance": 1e5}}
    assert run((0,), dtype="float16", network=network).networks[0].diverged
    assert not run((0,), dtype="float32", network=network, optimizer={"learning_rate": 1e-9}).networks[0].diverged
