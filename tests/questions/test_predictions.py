from pathlib import Path

import numpy as np
import pytest

from sigmoid_lab import train
from sigmoid_lab.config.load import load
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.data.split import make
from sigmoid_lab.data.streams import stream
from sigmoid_lab.plan import Plan
from sigmoid_lab.questions.predictions import (
    ALL_PAIRS,
    MOST_PAIRS,
    OPERATIONS_A_PAIR,
    batches_of,
    by_group,
    by_layer,
    first_batches,
)
from sigmoid_lab.questions.runs import show


def experiment(**values: object) -> Experiment:
    return Experiment.model_validate(values)


def test_the_first_batches_are_those_that_networks_train_on_first(config: Path) -> None:
    settings = load(config)
    found = first_batches(settings, (5, 6, 7), None)
    assert found is not None
    split = make(settings.data, 6, None)
    rows = stream(6, "batches").permutation(len(split.inputs))[:16]
    np.testing.assert_array_equal(found.inputs[1], split.inputs[rows])
    np.testing.assert_array_equal(found.targets[1], split.targets[rows])


def test_so_many_batches_are_taken_as_time_allows() -> None:
    settings = experiment(data={"samples": 256, "test_share": 0.0}, training={"batch_size": 256})
    found = first_batches(settings, range(100), None)
    assert found is not None
    assert len(found.inputs) == MOST_PAIRS // 256**2


def test_a_batch_that_has_too_many_pairs_is_not_predicted() -> None:
    settings = experiment(data={"samples": 5000, "test_share": 0.0}, training={"batch_size": 5000})
    assert first_batches(settings, (0,), None) is None
    assert by_layer(settings, None) is None


def grid(**values: object) -> Plan:
    """A thousand networks that theory tells apart, each with 16 seeds."""
    compared = {"network.width": list(range(1, 101)), "network.depth": list(range(1, 11))}
    return Plan(experiment(seeds=16, compare=compared, **values), {})


def pairs_looked_at(plan: Plan) -> int:
    return sum(found.inputs.shape[0] * found.inputs.shape[1] ** 2 for _, found in batches_of(plan) if found)


def test_a_thousand_short_trainings_share_the_pairs_that_are_always_paid() -> None:
    plan = grid(training={"steps": 1}, data={"samples": 64, "test_share": 0.0})
    assert len(plan.groups) == 1000
    assert 0.9 * ALL_PAIRS < pairs_looked_at(plan) <= ALL_PAIRS


def test_long_trainings_pay_for_every_seed() -> None:
    plan = grid(training={"steps": 100_000}, data={"samples": 64, "test_share": 0.0})
    assert plan.operations / OPERATIONS_A_PAIR > 16_000 * 32**2
    assert pairs_looked_at(plan) == 16_000 * 32**2


def test_batches_too_large_for_their_share_are_not_predicted() -> None:
    plan = grid(training={"steps": 1, "batch_size": 128}, data={"samples": 128, "test_share": 0.0})
    assert pairs_looked_at(plan) == 0


def test_groups_that_theory_cannot_tell_apart_are_predicted_once() -> None:
    rates = [0.1 * step for step in range(1, 11)]
    plan = Plan(experiment(seeds=2, compare={"optimizer.learning_rate": rates, "network.depth": [1, 2]}), {})
    assert [len(settings.network.hidden_widths) for settings, _ in batches_of(plan)] == [1, 2]
    predicted = by_group(plan)
    assert len(predicted) == 20
    for group, found in zip(plan.groups, predicted, strict=True):
        assert found == by_layer(group.settings, first_batches(group.settings, range(2), None))


def test_a_training_tells_what_theory_predicts_of_its_start(config: Path, tmp_path: Path) -> None:
    answer = train(config, ["seeds=128", "network.width=32"], tmp_path)
    for group in answer.groups:
        for layer in group.layers:
            assert layer.predicted_rms == pytest.approx(layer.gradient_norm.start.rms, rel=0.2)
        first = group.layers[0]
        assert first.predicted_rms == pytest.approx(first.gradient_norm.start.rms, rel=0.05)


def test_a_run_keeps_its_predictions_and_pools_their_squares(config: Path, tmp_path: Path) -> None:
    answer = train(config, runs=tmp_path)
    assert show(tmp_path, "latest").groups[0].layers == answer.groups[0].layers
    train(config, ["compare.network.init=[default, he]"], tmp_path)
    apart = show(tmp_path, "latest").groups
    pooled = show(tmp_path, "latest", group_by="activation").groups
    squares = [group.layers[0].predicted_rms for group in apart if group.settings["network.activation"] == "relu"]
    expected = np.sqrt(np.mean(np.square(np.array(squares))))
    assert pooled[1].layers[0].predicted_rms == pytest.approx(expected)


def test_a_pool_with_a_group_that_has_no_theory_has_none(config: Path, tmp_path: Path) -> None:
    train(config, ["compare.network.init=[default, orthogonal]"], tmp_path)
    for group in show(tmp_path, "latest", group_by="activation").groups:
        assert {layer.predicted_rms for layer in group.layers} == {None}
