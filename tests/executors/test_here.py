import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits
from support.stacks import assert_equal, broken, plan_for

from sigmoid_lab.config.load import load
from sigmoid_lab.engine.execute import execute
from sigmoid_lab.executors.here import run
from sigmoid_lab.plan import Plan
from sigmoid_lab.questions.plan import plan_of
from sigmoid_lab.results.measured import Progress, StackFailure, StackResult


def finished(plan: Plan) -> list[StackResult]:
    results = list(run(plan.stacks(), lambda _: None))
    assert all(isinstance(result, StackResult) for result in results)
    return [result for result in results if isinstance(result, StackResult)]


def test_results_come_in_the_order_of_the_stacks() -> None:
    plan = plan_for(compare={"network.activation": ["sigmoid", "relu", "tanh"]})
    results = finished(plan)
    assert [(result.stack, result.group) for result in results] == [(0, 0), (1, 1), (2, 2)]
    assert [result.seeds for result in results] == [(0, 1)] * 3


def test_a_result_is_what_the_engine_gives() -> None:
    plan = plan_for()
    (result,), expected = finished(plan), execute(next(plan.stacks()), lambda _: None)
    assert_equal(result, expected)


def test_stacks_run_as_they_are_asked_for() -> None:
    told: list[Progress] = []
    results = run(plan_for(compare={"loss": ["mse", "max-form"]}).stacks(), told.append)
    assert told == []
    next(results)
    assert {progress.stack for progress in told} == {0}


def test_a_stack_that_fails_is_told_with_its_cause_and_the_others_go_on() -> None:
    sound = list(plan_for(compare={"loss": ["mse", "max-form"]}).stacks())
    first, failure, last = run([sound[0], broken(1, 4), sound[1]], lambda _: None)
    assert isinstance(first, StackResult)
    assert isinstance(last, StackResult)
    assert isinstance(failure, StackFailure)
    assert (failure.stack, failure.group, failure.seeds) == (1, 4, (7, 8))
    assert "Traceback" in failure.cause


def test_a_stack_that_memory_does_not_hold_says_so_in_a_line() -> None:
    def allocate(progress: Progress) -> None:
        np.empty(2**55)

    (failure,) = run(plan_for().stacks(), allocate)
    assert isinstance(failure, StackFailure)
    assert failure.cause.startswith("ran out of memory (Unable to allocate ")


def test_a_fault_of_the_users_is_told_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    (failure,) = run(plan_for(device="cuda").stacks(), lambda _: None)
    assert isinstance(failure, StackFailure)
    assert failure.cause.startswith("device: 'cuda' is not available here")


def test_ctrl_c_is_not_taken_for_a_failure() -> None:
    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run(plan_for().stacks(), interrupt))


@pytest.mark.parametrize("what", ["stack", "result", "failure"])
def test_what_travels_survives_pickling(what: str) -> None:
    stack = next(plan_for().stacks())
    travels = {
        "stack": stack,
        "result": replace(execute(stack, lambda _: None), weights={}),
        "failure": next(run([broken()], lambda _: None)),
    }[what]
    assert pickle.loads(pickle.dumps(travels)) == travels


# -------------------------------------------------------------------------------------- real tables


def write(path: Path, columns: dict[str, NDArray[Any]]) -> None:
    table = np.column_stack(list(columns.values()))
    np.savetxt(path, table, delimiter=",", header=",".join(columns), comments="", fmt="%.10g")


def held_out(path: Path, yaml: str) -> dict[str, list[float]]:
    """Train a config, and return its networks' metrics at the end, by name."""
    path.write_text(yaml, encoding="utf-8")
    ends = [result.series[-1].metrics for result in finished(plan_of(load(path)))]
    return {name: [value for end in ends for value in end[name] if value is not None] for name in ends[0]}


def test_breast_cancer_is_learned_from_csv(tmp_path: Path) -> None:
    data = load_breast_cancer()
    names = [name.replace(" ", "_") for name in data.feature_names]
    write(tmp_path / "cancer.csv", dict(zip(names, data.data.T, strict=True)) | {"benign": data.target})
    metrics = held_out(
        tmp_path / "cancer.yaml",
        "data: {kind: csv, path: cancer.csv, target: benign}\n"
        "network: {kind: binary}\n"
        "optimizer: {kind: adam, learning_rate: 0.003}\n"
        "training: {epochs: 10}\n"
        "seeds: 5\n",
    )
    assert min(metrics["test_accuracy"]) > 0.9
    assert np.median(metrics["test_accuracy"]) > 0.94
    assert np.median(metrics["test_loss"]) < 0.2


def test_digits_are_learned_as_ten_labels_from_csv(tmp_path: Path) -> None:
    data = load_digits()
    pixels = {f"p{place}": pixel for place, pixel in enumerate(data.data.T)}
    labels = {f"is_{digit}": (data.target == digit).astype(int) for digit in range(10)}
    write(tmp_path / "digits.csv", pixels | labels)
    metrics = held_out(
        tmp_path / "digits.yaml",
        f"data: {{kind: csv, path: digits.csv, target: [{', '.join(labels)}]}}\n"
        "network: {kind: multilabel}\n"
        "optimizer: {kind: adam, learning_rate: 0.01}\n"
        "training: {epochs: 10}\n"
        "seeds: 2\n",
    )
    assert min(metrics["test_exact_match"]) > 0.9
    assert max(metrics["test_hamming"]) < 0.02
    assert metrics["test_accuracy"] == pytest.approx([1 - share for share in metrics["test_hamming"]])
