from pathlib import Path

import numpy as np
import pytest

from sigmoid_lab import train
from sigmoid_lab.config.load import load
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.data.split import make
from sigmoid_lab.data.streams import stream
from sigmoid_lab.plan import Plan
from sigmoid_lab.questions.predictions import MOST_GROUPS, MOST_PAIRS, PAIRS_OF_A_RUN, by_group, by_layer, first_batches
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


def test_groups_share_the_pairs_of_a_run() -> None:
    compared = {"network.width": list(range(1, 129)), "loss": ["mse", "max-form"]}
    plan = Plan(experiment(data={"samples": 64, "test_share": 0.0}, training={"batch_size": 64}, compare=compared), {})
    assert len(plan.groups) == MOST_GROUPS
    of_each = first_batches(plan.groups[0].settings, range(1000), None, PAIRS_OF_A_RUN // MOST_GROUPS)
    assert of_each is not None
    assert len(of_each.inputs) * 64**2 * MOST_GROUPS <= PAIRS_OF_A_RUN
    assert all(found is not None for found in by_group(plan))


def test_more_groups_than_can_be_paid_are_not_predicted() -> None:
    plan = Plan(experiment(compare={"network.width": list(range(1, 258))}), {})
    assert by_group(plan) == [None] * 257


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
