from pathlib import Path

import pytest

from sigmoid_lab import LabError, load, train
from sigmoid_lab.config.load import load as load_experiment


def test_the_answer_has_a_group_for_each_combination(config: Path, tmp_path: Path) -> None:
    answer = train(config, ["compare={network.activation: [sigmoid, relu], network.depth: [1, 2]}"], tmp_path / "runs")
    assert [tuple(group.settings.values()) for group in answer.groups] == [
        ("sigmoid", 1),
        ("sigmoid", 2),
        ("relu", 1),
        ("relu", 2),
    ]
    assert [len(group.layers) for group in answer.groups] == [2, 3, 2, 3]


def test_start_and_end_are_measured_whatever_every_says(config: Path, tmp_path: Path) -> None:
    answer = train(config, ["measure.every=4"], tmp_path / "runs")
    assert [point.step for point in answer.groups[0].series] == [0, 4, 6]


def test_no_steps_measure_the_start_alone(config: Path, tmp_path: Path) -> None:
    (group, _) = train(config, ["training.steps=0"], tmp_path / "runs").groups
    assert [point.step for point in group.series] == [0]
    assert group.metrics["loss"].start == group.metrics["loss"].end


def test_epochs_pass_over_the_training_part(config: Path, tmp_path: Path) -> None:
    (group, _) = train(config, ["training={epochs: 2, batch_size: 16}"], tmp_path / "runs").groups
    assert group.series[-1].step == 2 * 48 / 16


def test_an_experiment_may_stand_for_a_file(config: Path, tmp_path: Path) -> None:
    from_file = train(config, runs=tmp_path / "a")
    from_object = train(load_experiment(config), runs=tmp_path / "b")
    assert from_file.groups == from_object.groups


def test_learning_shows(config: Path, tmp_path: Path) -> None:
    answer = train(config, ["training.steps=150", "data.samples=256", "measure.every=150"], tmp_path / "runs")
    good = answer.groups[1]
    assert good.metrics["test_accuracy"].end.median is not None
    assert good.metrics["test_accuracy"].end.median > 0.9
    assert good.diverged == 0


def test_diverged_networks_are_counted_and_the_others_are_kept(config: Path, tmp_path: Path) -> None:
    compare = "compare={optimizer.learning_rate: [0.1, 1e30]}"
    fine, broken = train(config, [compare, "network.activation=relu"], tmp_path / "runs").groups
    assert (fine.diverged, broken.diverged) == (0, 3)
    assert broken.metrics["test_loss"].end.median is None
    assert fine.metrics["test_loss"].end.median is not None


def test_nothing_is_held_out_where_nothing_shall_be(config: Path, tmp_path: Path) -> None:
    (group, _) = train(config, ["data.test_share=0"], tmp_path / "runs").groups
    assert set(group.metrics) == {"loss", "accuracy", "positive_share"}
    assert group.predicted_positive.median is None
    assert sum(group.probability_histogram.counts) == 3 * 64


def test_multilabel_metrics_are_told(config: Path, tmp_path: Path) -> None:
    overrides = ["data={kind: multilabel, samples: 64, labels: 3}", "network={kind: multilabel}", "compare={}"]
    (group,) = train(config, overrides, tmp_path / "runs").groups
    assert {"exact_match", "hamming", "test_exact_match", "test_hamming"} <= set(group.metrics)
    assert group.predicted_positive.high is not None
    assert group.predicted_positive.high <= 16 * 3


def test_a_network_trained_on_a_table_takes_its_own_columns(config: Path, tmp_path: Path) -> None:
    import torch

    rows = [(1000.0 + i, 0.001 * (i % 7), int(i > 20)) for i in range(40)]
    (tmp_path / "t.csv").write_text("a,b,y\n" + "".join(f"{a},{b},{y}\n" for a, b, y in rows), encoding="utf-8")
    table = ["data={kind: csv, path: t.csv, target: y}", "compare={}", "training.steps=300", "network.activation=tanh"]
    train(config, table, tmp_path / "runs")
    raw = torch.tensor([[a, b] for a, b, _ in rows])
    decided = load("latest", seed=6, runs=tmp_path / "runs").predict(raw)
    right = (decided[:, 0] == torch.tensor([y for *_, y in rows])).double().mean().item()
    assert right > 0.9


def test_each_group_trains_on_the_table_that_its_own_block_names(config: Path, tmp_path: Path) -> None:
    rows = "".join(f"{i},{i % 2},{i // 20}\n" for i in range(40))
    (tmp_path / "t.csv").write_text(f"a,odd,late\n{rows}", encoding="utf-8")
    table = "data={kind: csv, path: t.csv, target: odd, ignore: [late]}"
    compare = "compare={data: [{kind: csv, path: t.csv, target: odd}, {kind: csv, path: t.csv, target: late}]}"
    odd, late = train(config, [table, compare], tmp_path / "runs").groups
    (alone,) = train(config, ["data={kind: csv, path: t.csv, target: late}", "compare={}"], tmp_path / "runs").groups
    assert late.metrics == alone.metrics
    assert odd.metrics != alone.metrics


def test_a_device_that_is_not_there_is_refused_before_a_run_is_made(config: Path, tmp_path: Path) -> None:
    import torch

    if torch.cuda.device_count():
        pytest.skip("there is a GPU here")
    with pytest.raises(LabError, match="'cuda' is not available"):
        train(config, ["compare={device: [cpu, cuda]}"], tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_the_users_random_state_is_left_alone(config: Path, tmp_path: Path) -> None:
    import torch

    before = torch.get_rng_state()
    train(config, runs=tmp_path / "runs")
    load("latest", seed=5, runs=tmp_path / "runs", activation="relu")
    assert torch.equal(torch.get_rng_state(), before)


def test_a_table_that_cannot_fill_a_batch_is_refused_before_a_run_is_made(config: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n1,0\n2,1\n3,0\n", encoding="utf-8")
    with pytest.raises(LabError, match=r"training\.batch_size: 16 is more than the 2 examples"):
        train(config, ["data={kind: csv, path: t.csv, target: y}"], tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_a_loaded_network_decides_as_the_trained_one_did(config: Path, tmp_path: Path) -> None:
    import torch

    from sigmoid_lab.data.split import make
    from sigmoid_lab.plan import Plan
    from sigmoid_lab.store.catalogue import find
    from sigmoid_lab.store.run import Run

    train(config, runs=tmp_path / "runs")
    network = load("latest", seed=6, runs=tmp_path / "runs", activation="relu")
    split = make(Plan(load_experiment(config), {}).groups[1].settings.data, 6, None)
    decided = network.predict(torch.from_numpy(split.test_inputs).float())
    with Run(find(tmp_path / "runs", "latest")) as run:
        ((positive, accuracy),) = run.database.read(
            "SELECT predicted_positive, test_accuracy FROM networks JOIN measurements ON network_id = id "
            "WHERE group_id = 1 AND seed = 6 AND step = 6"
        )
    assert int(decided.sum()) == positive
    assert (decided.numpy() == split.test_targets).mean() == accuracy


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"activation": "relu", "seed": 99}, "no finished network of seed 99"),
        ({"seed": 5}, "2 groups fit"),
        ({"activation": "tanh", "seed": 5}, "no groups fit"),
        ({"colour": "red", "seed": 5}, "no groups fit"),
    ],
)
def test_a_network_that_is_not_there_cannot_be_loaded(
    config: Path, tmp_path: Path, arguments: dict[str, object], message: str
) -> None:
    train(config, ["training.steps=1"], tmp_path / "runs")
    with pytest.raises(LabError, match=message):
        load("latest", runs=tmp_path / "runs", **arguments)  # type: ignore[arg-type]


def test_a_network_whose_config_was_changed_is_refused_by_the_name_of_its_run(config: Path, tmp_path: Path) -> None:
    path = Path(train(config, runs=tmp_path / "runs").run)
    experiment = path / "experiment.yaml"
    experiment.write_text(experiment.read_text(encoding="utf-8").replace("depth: 2", "depth: 3"), encoding="utf-8")
    with pytest.raises(LabError, match=f"{path.name}: the weights stored are not those of this network"):
        load(path, seed=5, activation="relu")
