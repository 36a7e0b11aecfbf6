import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sigmoid_lab import LabError, train
from sigmoid_lab.questions.runs import compare, list_runs, show
from sigmoid_lab.results.train import TrainAnswer
from sigmoid_lab.vocabulary import MetricName

COMPARE = "compare={network.activation: [sigmoid, relu], optimizer.learning_rate: [0.1, 0.001]}"


@pytest.fixture
def answer(config: Path, tmp_path: Path) -> TrainAnswer:
    return train(config, [COMPARE], tmp_path / "runs")


def test_show_answers_what_train_answered(answer: TrainAnswer, tmp_path: Path) -> None:
    assert show(tmp_path / "runs", "latest").groups == answer.groups


def test_where_selects_groups(answer: TrainAnswer, tmp_path: Path) -> None:
    shown = show(tmp_path / "runs", "latest", ["network.activation=relu", "learning_rate=1e-3"])
    assert [group.settings for group in shown.groups] == [
        {"network.activation": "relu", "optimizer.learning_rate": 0.001}
    ]


def test_group_by_pools_over_everything_else(answer: TrainAnswer, tmp_path: Path) -> None:
    shown = show(tmp_path / "runs", "latest", group_by="activation")
    assert [(group.settings, group.networks) for group in shown.groups] == [
        ({"network.activation": "sigmoid"}, 6),
        ({"network.activation": "relu"}, 6),
    ]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (["activation"], "write --where KEY=VALUE"),
        (["=relu"], "write --where KEY=VALUE"),
        (["activation=tanh"], "--where activation=tanh: no group has it; there is sigmoid, relu"),
        (["activation=relu", "learning_rate=1"], "--where learning_rate=1: no group has it; there is 0.1, 0.001"),
        (["activaton=relu"], "--where activaton: is no compared key; did you mean"),
    ],
)
def test_a_selection_that_fits_nothing_is_an_error(
    answer: TrainAnswer, tmp_path: Path, where: list[str], message: str
) -> None:
    with pytest.raises(LabError, match=message):
        show(tmp_path / "runs", "latest", where)


def test_networks_of_different_depths_are_not_pooled(config: Path, tmp_path: Path) -> None:
    train(config, ["compare={network.activation: [sigmoid, relu], network.depth: [1, 2]}"], tmp_path / "runs")
    with pytest.raises(LabError, match="would pool networks of different depths; choose one with --where"):
        show(tmp_path / "runs", "latest", group_by="activation")
    (_, relu) = show(tmp_path / "runs", "latest", ["depth=2"], "activation").groups
    assert len(relu.layers) == 3


def test_networks_that_end_at_different_steps_are_not_pooled(config: Path, tmp_path: Path) -> None:
    train(config, ["compare={network.activation: [sigmoid, relu], training.steps: [3, 60]}"], tmp_path / "runs")
    with pytest.raises(LabError, match="would pool networks of different numbers of steps; choose one with --where"):
        show(tmp_path / "runs", "latest", group_by="activation")
    assert len(show(tmp_path / "runs", "latest", ["steps=60"], "activation").groups) == 2


def test_a_last_part_that_two_keys_share_is_ambiguous(config: Path, tmp_path: Path) -> None:
    train(config, ["compare={data.kind: [moons, blobs], optimizer.kind: [sgd, adam]}"], tmp_path / "runs")
    with pytest.raises(LabError, match=r"--where kind: could be data\.kind or optimizer\.kind"):
        show(tmp_path / "runs", "latest", ["kind=moons"])


DAMAGES = {
    "an empty table of the run": "DELETE FROM run",
    "settings that are no JSON": "UPDATE groups SET settings = '{'",
    "metrics that are no JSON": "UPDATE groups SET metrics = 'x'",
    "a histogram that is no JSON": "UPDATE networks SET probability_histogram = 'x'",
    "a number that is none": "UPDATE measurements SET loss = 'x'",
    "no groups": "DELETE FROM groups",
    "no table of layers": "DROP TABLE layers",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_is_named_and_hides_no_other(
    answer: TrainAnswer, config: Path, tmp_path: Path, damage: str
) -> None:
    other = train(config, runs=tmp_path / "runs")
    with closing(sqlite3.connect(Path(other.run) / "results.sqlite")) as connection, connection:
        connection.execute("DELETE FROM summaries")
        connection.execute(DAMAGES[damage])
    with pytest.raises(LabError, match="tiny"):
        show(tmp_path / "runs", "latest")
    assert Path(answer.run).name in {row.run for row in list_runs(tmp_path / "runs").rows}


@pytest.mark.parametrize("damage", ["DELETE FROM measurements", "DELETE FROM layers", "DELETE FROM networks"])
def test_rows_that_are_missing_are_not_told(answer: TrainAnswer, tmp_path: Path, damage: str) -> None:
    with closing(sqlite3.connect(Path(answer.run) / "results.sqlite")) as connection, connection:
        connection.execute("DELETE FROM summaries")
        connection.execute(damage)
    assert len(show(tmp_path / "runs", "latest").groups) == 4


def test_a_finished_run_is_shown_without_a_look_at_its_networks(answer: TrainAnswer, tmp_path: Path) -> None:
    with closing(sqlite3.connect(Path(answer.run) / "results.sqlite")) as connection, connection:
        connection.execute("DELETE FROM layers")
    assert show(tmp_path / "runs", "latest").groups == answer.groups


def test_a_pool_that_was_shown_is_shown_again_without_a_look_at_its_networks(
    answer: TrainAnswer, tmp_path: Path
) -> None:
    first = show(tmp_path / "runs", "latest", (), "activation")
    with closing(sqlite3.connect(Path(answer.run) / "results.sqlite")) as connection, connection:
        connection.execute("DELETE FROM layers WHERE layer > 1")
    assert show(tmp_path / "runs", "latest", (), "activation").groups == first.groups


def test_no_table_of_networks_is_gone_through_row_by_row(
    answer: TrainAnswer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    connect = sqlite3.connect

    def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_trace_callback(asked.add)
        return connection

    with closing(connect(Path(answer.run) / "results.sqlite")) as connection:
        connection.execute("DELETE FROM summaries").connection.commit()
        monkeypatch.setattr(sqlite3, "connect", traced)
        runs = tmp_path / "runs"
        show(runs, "latest", group_by="activation", by="loss"), compare(runs, ["latest"]), list_runs(runs)
        queries = [query for query in asked if query.startswith("SELECT")]
        steps = [step for query in queries for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert {"measurements", "layers", "networks"} <= {step.split()[1] for step in steps if step.startswith("SEARCH")}
    assert [step for step in steps if re.match(r"SCAN (measurements|layers|networks)(?! USING COVERING)", step)] == []


def test_a_run_that_takes_no_summaries_is_shown(answer: TrainAnswer, tmp_path: Path) -> None:
    with closing(sqlite3.connect(Path(answer.run) / "results.sqlite")) as connection, connection:
        connection.execute("DELETE FROM summaries")
        connection.execute("CREATE TRIGGER no BEFORE INSERT ON summaries BEGIN SELECT RAISE(ABORT, 'full'); END")
    assert show(tmp_path / "runs", "latest").groups == answer.groups


def test_a_summary_of_fewer_networks_than_there_are_is_not_believed(answer: TrainAnswer, tmp_path: Path) -> None:
    with closing(sqlite3.connect(Path(answer.run) / "results.sqlite")) as connection, connection:
        connection.execute("""UPDATE summaries SET networks = networks - 1, summary = '{"networks": 2}'""")
    assert show(tmp_path / "runs", "latest").groups == answer.groups


def test_a_summary_that_is_damaged_is_worked_out_again(answer: TrainAnswer, tmp_path: Path) -> None:
    with closing(sqlite3.connect(Path(answer.run) / "results.sqlite")) as connection, connection:
        connection.execute("""UPDATE summaries SET summary = '{"networks": 2}'""")
    assert show(tmp_path / "runs", "latest").groups == answer.groups


@pytest.mark.parametrize(("metric", "best_of"), [("loss", min), ("test_accuracy", max)])
def test_the_best_and_the_worst_settings_are_named(
    answer: TrainAnswer, tmp_path: Path, metric: MetricName, best_of: Callable[[list[float]], float]
) -> None:
    ranking = show(tmp_path / "runs", "latest", by=metric).ranking
    assert ranking is not None
    medians = {str(group.settings): group.metrics[metric].end.median or 0.0 for group in answer.groups}
    assert ranking.best.value == best_of(list(medians.values())) == medians[str(ranking.best.settings)]
    assert {ranking.best.value, ranking.worst.value} == {min(medians.values()), max(medians.values())}


@pytest.mark.parametrize(
    ("metric", "message"),
    [("los", "did you mean 'loss'"), ("hamming", "nothing here has it; these have loss"), ("positive_share", "--by")],
)
def test_a_metric_that_ranks_nothing_is_refused(answer: TrainAnswer, tmp_path: Path, metric: str, message: str) -> None:
    with pytest.raises(LabError, match=message):
        show(tmp_path / "runs", "latest", by=metric)


def test_list_tells_name_status_and_networks(answer: TrainAnswer, tmp_path: Path) -> None:
    (row,) = list_runs(tmp_path / "runs").rows
    assert (row.run, row.name, row.status, row.networks) == (Path(answer.run).name, "tiny", "complete", 12)


def test_a_run_that_cannot_be_read_is_listed_and_hides_no_other(answer: TrainAnswer, tmp_path: Path) -> None:
    broken = tmp_path / "runs" / "20990101-000000-broken-ffff"
    broken.mkdir()
    (broken / "results.sqlite").write_bytes(b"nothing" * 200)
    rows = {row.run: row for row in list_runs(tmp_path / "runs").rows}
    assert (rows[broken.name].status, rows[broken.name].networks) == ("damaged", None)
    assert (
        rows[broken.name].damage
        == f"{broken / 'results.sqlite'}: cannot be used as a run's results (file is not a database)"
    )
    assert rows[Path(answer.run).name].status == "complete"


@pytest.mark.parametrize("file", ["environment.json", "results.sqlite"])
def test_a_run_that_lost_a_file_is_listed_as_damaged(file: str, answer: TrainAnswer, tmp_path: Path) -> None:
    (Path(answer.run) / file).unlink()
    (row,) = list_runs(tmp_path / "runs").rows
    assert (row.run, row.status) == (Path(answer.run).name, "damaged")
    assert file in (row.damage or "")


def test_runs_are_compared_group_by_group(answer: TrainAnswer, config: Path, tmp_path: Path) -> None:
    other = train(config, runs=tmp_path / "runs")
    compared = compare(tmp_path / "runs", [Path(answer.run).name, Path(other.run).name])
    assert [row.group for row in compared.groups] == [*answer.groups, *other.groups]
    assert [row.run for row in compared.groups] == [Path(answer.run).name] * 4 + [Path(other.run).name] * 2
