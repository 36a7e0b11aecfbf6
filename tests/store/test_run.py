import errno
import json
import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from sigmoid_lab import LabError, train
from sigmoid_lab.config.load import load
from sigmoid_lab.environment import describe
from sigmoid_lab.errors import PartlyFailedError
from sigmoid_lab.executors import here
from sigmoid_lab.plan import Plan
from sigmoid_lab.results.answer import encode
from sigmoid_lab.results.measured import StackFailure, StackResult
from sigmoid_lab.store import weights
from sigmoid_lab.store.run import Run, status

TABLES = {
    "run": "name, networks, stacks",
    "groups": "*",
    "stacks": "id, group_id, seeds, failure",
    "networks": "*",
    "measurements": "*",
    "layers": "*",
}
"""What two runs of one experiment share: all but times."""


def contents(run: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(run / "results.sqlite")) as connection:
        return {
            table: connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2, 3").fetchall()
            for table, columns in TABLES.items()
        }


@pytest.fixture
def plan(config: Path) -> Plan:
    return Plan(load(config), {})


def results(plan: Plan) -> list[StackResult]:
    return [result for result in here.run(plan.stacks(), lambda _: None) if isinstance(result, StackResult)]


def test_a_run_directory_holds_what_the_contract_names(config: Path, tmp_path: Path) -> None:
    run = Path(train(config, runs=tmp_path / "runs").run)
    files = sorted(str(path.relative_to(run)) for path in run.rglob("*") if path.is_file())
    assert files == [
        "environment.json",
        "experiment.yaml",
        "networks/00000.safetensors",
        "networks/00001.safetensors",
        "results.sqlite",
    ]


def test_the_resolved_experiment_is_the_one_that_ran(config: Path, tmp_path: Path) -> None:
    run = Path(train(config, runs=tmp_path / "runs").run)
    again = load(run / "experiment.yaml")
    assert again.model_dump() == load(config).model_dump()


def test_two_runs_of_one_config_hold_equal_files_up_to_times_and_names(config: Path, tmp_path: Path) -> None:
    first, second = (Path(train(config, runs=tmp_path / "runs").run) for _ in range(2))
    assert contents(first) == contents(second)
    for file in sorted((first / "networks").iterdir()):
        assert file.read_bytes() == (second / "networks" / file.name).read_bytes()


def test_results_do_not_depend_on_the_order_in_which_stacks_finish(plan: Plan, tmp_path: Path) -> None:
    in_order, reversed_order = (Run.create(tmp_path / name, plan, describe()) for name in ("a", "b"))
    done = results(plan)
    for run, stacks in ((in_order, done), (reversed_order, done[::-1])):
        with run:
            for result in stacks:
                run.save([result])
    assert contents(in_order.path) == contents(reversed_order.path)


def test_a_stack_that_is_saved_can_be_read_by_another_program(plan: Plan, tmp_path: Path) -> None:
    with Run.create(tmp_path, plan, describe()) as run:
        run.save(results(plan)[:1])
        assert len(contents(run.path)["networks"]) == 3


def test_what_is_held_still_does_not_change_while_another_program_writes(plan: Plan, tmp_path: Path) -> None:
    (one, other), commits = results(plan), Event()
    with Run.create(tmp_path, plan, describe()) as run, Run(run.path) as reader, ThreadPoolExecutor(1) as thread:
        run.save([one])
        run.database.connection.set_trace_callback(lambda said: commits.set() if said == "COMMIT" else None)
        with reader.database.held_still():
            assert reader.database.tally().networks == 3
            saving = thread.submit(run.save, [other])
            assert commits.wait(60.0)
            assert not wait([saving], 0.3).done
            assert reader.database.tally().networks == 3
        saving.result(60.0)
        assert run.database.tally().networks == 6


def test_a_commit_waits_ten_minutes_for_who_reads_and_a_reader_a_moment(plan: Plan, tmp_path: Path) -> None:
    with Run.create(tmp_path, plan, describe()) as run, Run(run.path) as reader:
        assert run.database.read("PRAGMA busy_timeout") == [(600_000,)]
        assert reader.database.read("PRAGMA busy_timeout") == [(10_000,)]


def test_what_cannot_be_written_costs_itself_alone(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = results(plan)
    write = weights.write

    def refuse_the_first(path: Path, *rest: Any) -> None:
        write(path, *rest)
        if path.name == "00000.safetensors":
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(weights, "write", refuse_the_first)
    with Run.create(tmp_path, plan, describe()) as run:
        with pytest.raises(PartlyFailedError, match=r"stack 0 could not be written \(.*No space left on device\)$"):
            run.save([one, other])
        assert run.database.finished_stacks() == {1}
        assert [path.name for path in (run.path / "networks").iterdir()] == ["00001.safetensors"]


def test_a_commit_that_waited_in_vain_is_not_tried_again_for_each_stack(plan: Plan, tmp_path: Path) -> None:
    with Run.create(tmp_path, plan, describe()) as run, Run(run.path) as reader:
        run.database.connection.execute("PRAGMA busy_timeout = 100")
        reader.database.connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(PartlyFailedError, match=r"stack 0, 1 could not be written \(database is locked\)$"):
            run.save(results(plan))


def test_a_file_system_that_syncs_no_folders_is_written_to(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def of_files_alone(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", of_files_alone)
    with Run.create(tmp_path, plan, describe()) as run:
        run.save(results(plan))
        assert run.database.finished_stacks() == {0, 1}


def test_weights_without_committed_results_do_not_count_as_finished(plan: Plan, tmp_path: Path) -> None:
    with Run.create(tmp_path, plan, describe()) as run:
        run.save(results(plan)[:1])
        (run.path / "networks" / "00001.safetensors").write_bytes(b"half a file")
        assert status(run.database.tally()) == "partial"
        with pytest.raises(LabError, match="no finished network of seed 5"):
            run.weights(group=1, seed=5)


def test_a_failed_stack_is_kept_with_its_cause(plan: Plan, tmp_path: Path) -> None:
    with Run.create(tmp_path, plan, describe()) as run:
        run.save([StackFailure(0, 0, (5, 6, 7), "RuntimeError: out of memory")])
        assert run.database.failures() == (StackFailure(0, 0, (5, 6, 7), "RuntimeError: out of memory"),)
        assert status(run.database.tally()) == "failed"


def test_a_run_is_complete_when_every_stack_is(plan: Plan, tmp_path: Path) -> None:
    with Run.create(tmp_path, plan, describe()) as run:
        run.save(results(plan))
        assert status(run.database.tally()) == "complete"


def listed(columns: object) -> object:
    """Return columns as JSON has them, in which tuples and lists are the same."""
    return json.loads(json.dumps(encode(columns)))


def test_what_is_read_back_is_what_was_measured(plan: Plan, tmp_path: Path) -> None:
    with Run.create(tmp_path, plan, describe()) as run:
        for result in results(plan):
            run.save([result])
            assert listed(run.database.end_columns([result.group])) == listed(result.ends)
            assert listed([*run.database.step_columns([result.group])]) == listed(result.series)


def test_a_diverged_network_counts_at_the_start_and_never_after(plan: Plan, tmp_path: Path) -> None:
    result = results(plan)[0]
    lost = replace(result.ends, diverged=[True, False, False])
    with Run.create(tmp_path, plan, describe()) as run:
        run.save([replace(result, ends=lost)])
        steps = list(run.database.step_columns([0]))
    assert [len(columns.metrics["loss"]) for columns in steps] == [3, 2, 2]
    assert [len(columns.layers[0].gradient_norm) for columns in steps] == [3, 2, 2]


def test_a_folder_that_cannot_be_written_is_refused_and_stays_empty(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file", encoding="utf-8")
    with pytest.raises(LabError, match="no run can be written here"):
        Run.create(tmp_path / "runs", plan, describe())
    assert [path.name for path in tmp_path.iterdir() if path.name not in {"tiny.yaml"}] == ["runs"]


def test_a_directory_without_results_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"is no run directory \(it holds no results.sqlite\)"):
        Run(tmp_path)


def test_a_damaged_results_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").write_bytes(b"this is no database" * 100)
    with Run(tmp_path) as run, pytest.raises(LabError, match=r"results\.sqlite: cannot be used .*not a database"):
        run.database.tally()


def test_the_environment_of_a_run_says_where_it_was_made(config: Path, tmp_path: Path) -> None:
    answer = train(config, runs=tmp_path / "runs")
    stored = json.loads((Path(answer.run) / "environment.json").read_text(encoding="utf-8"))
    assert stored == answer.environment
    assert stored["threads"] == 1
    assert stored["versions"]["torch"]
