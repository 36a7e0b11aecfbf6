"""What is exported for TensorBoard, as its own readers see it."""

import sqlite3
import struct
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import api_pb2, metadata

from sigmoid_lab import LabError, train
from sigmoid_lab.questions.export import export
from sigmoid_lab.questions.load import load
from sigmoid_lab.results.train import TrainAnswer


@pytest.fixture
def answer(config: Path, tmp_path: Path) -> TrainAnswer:
    return train(config, runs=tmp_path / "runs")


@pytest.fixture
def folder(answer: TrainAnswer, tmp_path: Path) -> Path:
    export(tmp_path / "runs", "latest", tmp_path / "events", "tensorboard")
    return tmp_path / "events"


def read(folder: Path) -> Any:
    return EventAccumulator(str(folder)).Reload()


def networks(folder: Path, group: int) -> list[Any]:
    return [read(path) for path in sorted(folder.glob(f"group-{group:02d}/*"))]


def as_float32(value: float) -> float:
    (rounded,) = struct.unpack("f", struct.pack("f", value))
    return float(rounded)


def test_every_network_is_a_run_of_tensorboard(folder: Path) -> None:
    found = sorted(str(path.parent.relative_to(folder)) for path in folder.glob("*/*/events.out.tfevents.*"))
    assert found == [f"group-{group:02d}/seed-{seed}" for group in (0, 1) for seed in (5, 6, 7)]


def test_scalars_stand_at_the_steps_measured_with_the_run_s_numbers(folder: Path, answer: TrainAnswer) -> None:
    for index, group in enumerate(answer.groups):
        read = networks(folder, index)
        for at, *losses in zip(group.series, *(network.Scalars("loss") for network in read), strict=True):
            assert {loss.step for loss in losses} == {at.step}
            median = at.metrics["loss"].median
            assert median is not None
            assert sorted(loss.value for loss in losses)[1] == as_float32(median)


def test_gradient_norms_stand_layer_by_layer(folder: Path, answer: TrainAnswer) -> None:
    read = networks(folder, 0)
    for layer in answer.groups[0].layers:
        first = sorted(network.Scalars(f"gradient_norm/layer_{layer.layer:02d}")[0].value for network in read)
        assert layer.gradient_norm.start.median is not None
        assert first[1] == as_float32(layer.gradient_norm.start.median)


def test_shares_stand_for_hidden_layers_alone(folder: Path) -> None:
    tags = networks(folder, 1)[0].Tags()["scalars"]
    assert [tag for tag in sorted(tags) if "dead" in tag] == ["dead_share/layer_01", "dead_share/layer_02"]


def test_the_histogram_of_probabilities_counts_what_the_run_counted(folder: Path, answer: TrainAnswer) -> None:
    read = [network.Histograms("probabilities")[0].histogram_value for network in networks(folder, 0)]
    counts = [sum(column) for column in zip(*(histogram.bucket for histogram in read), strict=True)]
    assert tuple(counts) == answer.groups[0].probability_histogram.counts
    assert read[0].bucket_limit == pytest.approx(answer.groups[0].probability_histogram.edges[1:])


def test_a_histogram_of_probabilities_ends_where_they_do(folder: Path, answer: TrainAnswer) -> None:
    read = [network.Histograms("probabilities")[0].histogram_value for network in networks(folder, 0)]
    ends = answer.groups[0].probability_range
    assert (min(one.min for one in read), max(one.max for one in read)) == (ends.low, ends.high)


def test_weights_that_are_all_alike_have_that_one_value(config: Path, tmp_path: Path) -> None:
    train(config, ["network.init=he", "optimizer.learning_rate=1e-300"], tmp_path / "runs")
    export(tmp_path / "runs", "latest", tmp_path / "events", "tensorboard")
    biases = networks(tmp_path / "events", 0)[0].Histograms("weights/layers.0.bias")[0].histogram_value
    assert (biases.min, biases.max, biases.num) == (0.0, 0.0, 8.0)


def test_histograms_of_weights_hold_every_trained_weight(folder: Path, answer: TrainAnswer) -> None:
    trained = load(answer.run, seed=5, activation="sigmoid").state_dict()
    network = networks(folder, 0)[0]
    names = [tag for tag in network.Tags()["histograms"] if tag.startswith("weights/")]
    assert len(names) == len(trained) == 6
    totals = sorted(network.Histograms(name)[0].histogram_value.num for name in names)
    assert totals == sorted(weight.numel() for weight in trained.values())


def test_a_trial_holds_every_setting_of_its_group(folder: Path) -> None:
    for group, activation in enumerate(("sigmoid", "relu")):
        content = networks(folder, group)[2].SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
        start = metadata.parse_session_start_info_plugin_data(content)
        assert start.group_name == f"group-{group:02d}"
        assert start.hparams["network.activation"].string_value == activation
        assert start.hparams["network.width"].number_value == 8
        assert start.hparams["optimizer.learning_rate"].number_value > 0


def test_a_network_that_did_not_diverge_ended_well(folder: Path) -> None:
    content = networks(folder, 0)[0].SummaryMetadata(metadata.SESSION_END_INFO_TAG).plugin_data.content
    assert metadata.parse_session_end_info_plugin_data(content).status == api_pb2.STATUS_SUCCESS


def test_what_is_compared_is_what_differs(folder: Path) -> None:
    content = read(folder).SummaryMetadata(metadata.EXPERIMENT_TAG).plugin_data.content
    experiment = metadata.parse_experiment_plugin_data(content)
    assert [info.name for info in experiment.hparam_infos] == ["network.activation"]


def test_two_exports_of_a_run_are_equal_byte_by_byte(folder: Path, tmp_path: Path) -> None:
    export(tmp_path / "runs", "latest", tmp_path / "again", "tensorboard")
    for path in folder.rglob("events*"):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(folder)).read_bytes()


def change(run: str, statement: str) -> None:
    with closing(sqlite3.connect(Path(run) / "results.sqlite")) as connection, connection:
        connection.execute(statement)


def test_a_run_without_a_finished_network_is_refused_and_nothing_written(answer: TrainAnswer, tmp_path: Path) -> None:
    change(answer.run, "DELETE FROM networks")
    with pytest.raises(LabError, match=r"tiny-\w+: has no finished network, so there is nothing to export"):
        export(tmp_path / "runs", "latest", tmp_path / "out", "tensorboard")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("table", ["measurements", "layers"])
def test_numbers_that_are_missing_are_not_told_and_the_others_are(
    answer: TrainAnswer, tmp_path: Path, table: str
) -> None:
    change(answer.run, f"DELETE FROM {table}")
    export(tmp_path / "runs", "latest", tmp_path / "out", "tensorboard")
    tags = networks(tmp_path / "out", 0)[0].Tags()
    assert ("loss" in tags["scalars"]) == (table != "measurements")
    assert ("gradient_norm/layer_01" in tags["scalars"]) == (table != "layers")
    assert "probabilities" in tags["histograms"]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE networks SET probability_histogram = 'x'",
        "UPDATE networks SET probability_histogram = '[]'",
        "UPDATE measurements SET loss = 'x'",
        "DROP TABLE layers",
    ],
)
def test_a_damaged_run_is_named(answer: TrainAnswer, tmp_path: Path, damage: str) -> None:
    change(answer.run, damage)
    with pytest.raises(LabError, match=r"results\.sqlite: cannot be used as a run's results"):
        export(tmp_path / "runs", "latest", tmp_path / "out", "tensorboard")


def test_an_experiment_of_other_groups_than_the_results_is_named(answer: TrainAnswer, tmp_path: Path) -> None:
    (Path(answer.run) / "experiment.yaml").write_text("name: another\n", encoding="utf-8")
    with pytest.raises(LabError, match=r"experiment\.yaml: is of 1 groups, the results are of 2"):
        export(tmp_path / "runs", "latest", tmp_path / "out", "tensorboard")


def test_weights_that_are_missing_are_named(answer: TrainAnswer, tmp_path: Path) -> None:
    (Path(answer.run) / "networks" / "00001.safetensors").unlink()
    with pytest.raises(LabError, match=r"00001\.safetensors: cannot be read as trained weights"):
        export(tmp_path / "runs", "latest", tmp_path / "out", "tensorboard")


def test_a_folder_that_holds_files_is_left_as_it_was(answer: TrainAnswer, folder: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with pytest.raises(LabError, match="events: exists already; name a new folder"):
        export(tmp_path / "runs", "latest", folder, "tensorboard")
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_folder_that_cannot_be_made_is_named(answer: TrainAnswer, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LabError, match=r"file/out: cannot be written \(.*Not a directory"):
        export(tmp_path / "runs", "latest", tmp_path / "file" / "out", "tensorboard")


def test_without_tensorboard_the_extra_is_named(
    answer: TrainAnswer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    for name in [name for name in sys.modules if name.split(".")[0] == "tensorboard"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(LabError, match=r"pip install 'sigmoid-lab\[tensorboard\]'"):
        export(tmp_path / "runs", "latest", tmp_path / "out", "tensorboard")
    assert not (tmp_path / "out").exists()
