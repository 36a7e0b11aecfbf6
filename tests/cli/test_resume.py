"""Runs that are cut short, on real processes: a resume ends as if they had not been."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.runs import SETTINGS, TRAIN_AND_STOP, assert_equal_runs, overrides, start, stopped_in_the_middle
from support.waiting import hear

from sigmoid_lab import LabError, train
from sigmoid_lab.plan import LARGEST_STACK
from sigmoid_lab.questions.runs import list_runs
from sigmoid_lab.questions.train import begin
from sigmoid_lab.store.catalogue import delete, find
from sigmoid_lab.store.lock import claim


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_was_cut_short_and_resumed_equals_one_that_was_not(
    number: signal.Signals, workers: str, config: Path, tmp_path: Path
) -> None:
    settings = (*SETTINGS, "compare={training.steps: [3, 4, 1500, 4000]}")
    process = start(config.parent, str(config), *overrides(settings), "--workers", workers, command=TRAIN_AND_STOP)
    with stopped_in_the_middle(process):
        os.killpg(process.pid, number)
    process.communicate(timeout=60)
    assert process.returncode == (-9 if number == signal.SIGKILL else 130)
    (row,) = list_runs(config.parent / "runs").rows
    assert row.status == "partial"
    answer = train(resume="latest", runs=config.parent / "runs")
    assert (answer.networks, answer.failed) == (80, ())
    whole = train(config, settings, tmp_path / "whole")
    assert_equal_runs(Path(answer.run), Path(whole.run))


def test_what_is_finished_is_not_run_again(config: Path) -> None:
    runs = config.parent / "runs"
    answer = train(config, runs=runs)
    before = (Path(answer.run) / "results.sqlite").read_bytes()
    assert train(resume="latest", runs=runs).groups == answer.groups
    assert (Path(answer.run) / "results.sqlite").read_bytes() == before


def test_a_config_that_differs_is_refused_with_its_keys(config: Path) -> None:
    runs = config.parent / "runs"
    train(config, runs=runs)
    with pytest.raises(LabError) as refused:
        train(config, ["seeds=4", "network.width=5"], runs, resume="latest")
    assert [problem.split(":")[0] for problem in refused.value.problems[:-1]] == ["network.width", "seeds"]
    assert "seeds: the run has 3, this config 4" in refused.value.problems


def test_a_run_whose_own_config_was_edited_is_refused_with_its_keys(config: Path) -> None:
    path = Path(train(config, runs=config.parent / "runs").run) / "experiment.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("seeds: 3", "seeds: 4"), encoding="utf-8")
    for asked in (None, config):
        with pytest.raises(LabError, match=r"seeds: the run has 3, its experiment\.yaml 4"):
            train(asked, runs=config.parent / "runs", resume="latest")


def test_the_same_config_is_taken(config: Path) -> None:
    runs = config.parent / "runs"
    run = train(config, runs=runs).run
    assert train(config, runs=runs, resume="latest").run == run


def test_settings_without_a_config_are_refused_in_a_resume(config: Path) -> None:
    train(config, runs=config.parent / "runs")
    with pytest.raises(LabError, match="--set: a run is resumed as it began"):
        train(None, ["seeds=4"], config.parent / "runs", resume="latest")


def test_neither_config_nor_run_is_wrong_usage() -> None:
    with pytest.raises(LabError, match="CONFIG: a YAML file to train, or --resume RUN, is needed"):
        train()


def test_a_table_that_changed_is_refused(config: Path) -> None:
    table = config.parent / "table.csv"
    rows = [f"{i % 7},{i % 5},{i % 2}" for i in range(40)]
    table.write_text("\n".join(["a,b,y", *rows]), encoding="utf-8")
    data, runs = f"data={{kind: csv, path: {json.dumps(str(table))}, target: y}}", config.parent / "runs"
    train(config, [data], runs)
    table.write_text("\n".join(["a,b,y", *reversed(rows)]), encoding="utf-8")
    with pytest.raises(LabError, match=r"table\.csv: has changed since"):
        train(resume="latest", runs=runs)


def test_a_table_of_which_two_blocks_read_different_columns_is_refused_whichever_changed(config: Path) -> None:
    table, runs = config.parent / "table.csv", config.parent / "runs"
    rows = [(i % 7, i % 5, i % 2, i % 3 % 2) for i in range(40)]

    def write(first: int) -> None:
        lines = (f"{a},{b},{y if row else first},{z}" for row, (a, b, y, z) in enumerate(rows))
        table.write_text("\n".join(["a,b,y,z", *lines]), encoding="utf-8")

    path = json.dumps(str(table))
    blocks = [f"{{kind: csv, path: {path}, target: {one}, ignore: [{other}]}}" for one, other in ("yz", "zy")]
    write(0)
    train(config, [f"compare={{data: [{', '.join(blocks)}]}}"], runs)
    write(1)
    with pytest.raises(LabError, match=r"table\.csv: has changed since"):
        train(resume="latest", runs=runs)


@pytest.mark.parametrize("networks", [1, 2, 6])
def test_a_run_whose_networks_another_version_stacked_otherwise_is_refused(
    networks: int, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = config.parent / "runs"
    monkeypatch.setitem(LARGEST_STACK, "cpu", 3)
    train(config, ["seeds=6"], runs)
    monkeypatch.setitem(LARGEST_STACK, "cpu", networks)
    with pytest.raises(LabError, match="was begun by a version that stacks networks otherwise; train it anew"):
        train(resume="latest", runs=runs)


def test_a_second_driver_is_refused_and_so_is_a_deletion(config: Path) -> None:
    runs = config.parent / "runs"
    path = Path(train(config, runs=runs).run)
    with claim(path / "experiment.yaml"):
        with pytest.raises(LabError, match="is being written by another program"):
            train(resume="latest", runs=runs)
        with pytest.raises(LabError, match="is being written by another program"):
            delete(find(runs, "latest"))
    assert train(resume="latest", runs=runs).networks == 6


def test_a_second_driver_is_refused_while_the_first_works_and_that_ends_well(config: Path) -> None:
    first = start(config.parent, str(config), *overrides(SETTINGS), "--workers", "1", command=TRAIN_AND_STOP)
    with stopped_in_the_middle(first):
        second = start(config.parent, "--resume", "latest")
        _, refusal = second.communicate(timeout=60)
    _, errors = first.communicate(timeout=60)
    assert (second.returncode, first.returncode) == (2, 0), errors
    assert refusal.endswith("is being written by another program; wait for it, or end it\n")
    (row,) = list_runs(config.parent / "runs").rows
    assert (row.status, row.networks) == ("complete", 80)


def was_made_elsewhere(run: Path) -> None:
    environment = json.loads((run / "environment.json").read_text(encoding="utf-8"))
    environment["versions"]["torch"] = "1.0"
    (run / "environment.json").write_text(json.dumps(environment), encoding="utf-8")


def test_what_has_changed_around_a_run_is_told(config: Path) -> None:
    was_made_elsewhere(Path(train(config, runs=config.parent / "runs").run))
    told = subprocess.run(
        [sys.executable, "-m", "sigmoid_lab", "train", "--resume", "latest"],
        cwd=config.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "changed since the run began: versions.torch: was 1.0, is 2." in told.stderr


def test_a_resumed_run_that_is_interrupted_at_once_is_kept(config: Path) -> None:
    begun = begin(config, ["training.steps=10000000"], config.parent / "runs", None).run
    begun.close()
    was_made_elsewhere(begun.path)
    resumed = start(config.parent, "--resume", str(begun.path))
    hear(resumed, "changed since")  # which is told by who has the lock
    resumed.send_signal(signal.SIGTERM)
    _, errors = resumed.communicate(timeout=60)
    assert resumed.returncode == 130
    assert f"go on with: sigmoid-lab train --resume {begun.path}" in errors
    assert list_runs(config.parent / "runs").rows[0].status == "partial"
