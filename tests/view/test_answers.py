"""Views of answers written by hand, at several widths: every number that belongs in sight is in sight."""

import re
from dataclasses import replace

import pytest

from sigmoid_lab.environment import describe
from sigmoid_lab.results.compare_depth import CompareDepthAnswer, DepthRow, LayerRow, RatioRow
from sigmoid_lab.results.runs import RunRow, RunsListAnswer
from sigmoid_lab.results.spread import Spread, StartEnd
from sigmoid_lab.results.train import (
    FailedStack,
    GroupAtStep,
    GroupSummary,
    Histogram,
    LayerAtStep,
    LayerSummary,
    ProbabilityRange,
    TrainAnswer,
)
from sigmoid_lab.view import compare_depth, runs, train

SPREAD = Spread(median=0.0123, mean=0.02, rms=0.03, low=0.0045, high=0.0678)
TINY = Spread(median=1.5e-9, mean=2e-9, rms=3e-9, low=1e-10, high=5e-8)
WIDTHS = pytest.mark.parametrize("width", [40, 60, 80, 120])


def group(activation: str) -> GroupSummary:
    both = StartEnd(TINY, SPREAD)
    return GroupSummary(
        settings={"network.activation": activation},
        networks=17,
        diverged=3,
        metrics={"loss": both, "accuracy": both, "test_loss": both, "test_accuracy": both},
        probability_range=ProbabilityRange(0.0625, 0.9375),
        predicted_positive=Spread(101.0, 100.0, 100.0, 90.0, 110.0),
        layers=(LayerSummary(1, both, StartEnd(SPREAD, SPREAD), both, None), LayerSummary(2, both, None, None, None)),
        series=(GroupAtStep(0, {}, ()),),
        probability_histogram=Histogram((0.0, 1.0), (5,)),
    )


def training(*groups: GroupSummary, failed: tuple[FailedStack, ...] = ()) -> TrainAnswer:
    return TrainAnswer({}, describe(), groups, "runs/20261122-tiny-0000", failed, 17, 34, 1.0)


def depths(predicted: float | None) -> CompareDepthAnswer:
    return CompareDepthAnswer(
        settings={"layers": 1, "seeds": 256, "init": ("default",)},
        environment=describe(),
        by_depth=(
            DepthRow(1, "sigmoid", "default", SPREAD, predicted),
            DepthRow(1, "relu", "default", TINY, predicted),
        ),
        by_layer=(LayerRow(1, 2, "sigmoid", "default", TINY, predicted),),
        ratios=(RatioRow(1, "sigmoid", "relu", "default", SPREAD, 0.25),),
    )


def assert_shows(text: str, *words: str, width: int) -> None:
    for word in words:
        assert word in text
    rules = [line for line in text.splitlines() if "───" in line]
    assert all(len(line) <= width for line in rules)


@WIDTHS
def test_a_group_shows_start_end_and_intervals(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    train.show(training(group("sigmoid")))
    text = capsys.readouterr().out
    assert_shows(text, "activation sigmoid", "1.50e-09", "0.0123", "0.0045 … 0.0678", "test accuracy", width=width)
    assert_shows(text, "diverged: 3", "0.0625 … 0.9375", "101 (90 … 110)", "runs/20261122-tiny-0000", width=width)


@WIDTHS
def test_several_groups_get_an_overview(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    train.show(training(group("sigmoid"), group("relu")))
    assert_shows(capsys.readouterr().out, "3 of 17", "activation relu", "accuracy", width=width)


def test_a_partial_run_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    train.show(training(group("relu")))
    assert "partial: 17 of 34 networks are trained" in capsys.readouterr().out


def test_many_groups_get_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    train.show(training(*(group(f"number-{index}") for index in range(30))))
    lines = capsys.readouterr().out.splitlines()
    assert sum("number-" in line for line in lines) == 30


def test_of_too_many_groups_the_first_are_shown_and_how_to_choose(capsys: pytest.CaptureFixture[str]) -> None:
    train.show(training(*(group(f"number-{index}") for index in range(1_200))))
    text = capsys.readouterr().out
    assert text.count("number-") == 100
    assert "… and 1,100 more groups" in text
    assert "--where KEY=VALUE" in text


def test_a_failed_stack_is_told_by_its_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    failure = FailedStack(4, {"network.activation": "relu"}, (1, 2), "Traceback …\nRuntimeError: out of memory\n")
    train.show(training(group("relu"), failed=(failure,)))
    assert "failed: activation relu, seeds 1 … 2: RuntimeError: out of memory" in capsys.readouterr().out


def test_a_failed_stack_of_one_network_names_its_seed(capsys: pytest.CaptureFixture[str]) -> None:
    train.show(training(group("relu"), failed=(FailedStack(4, {}, (7,), "out of memory"),)))
    assert "seed 7: out of memory" in capsys.readouterr().out


def test_a_group_without_networks_gets_no_empty_tables(capsys: pytest.CaptureFixture[str]) -> None:
    train.show(training(replace(group("relu"), networks=0)))
    assert "gradient norm by layer" not in capsys.readouterr().out


@WIDTHS
def test_depths_layers_and_ratios_are_shown(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    compare_depth.show(depths(None))
    text = capsys.readouterr().out
    assert_shows(text, "sigmoid / relu", "0.25", "0.0123", "1.00e-10 … 5.00e-08", "256", width=width)
    assert "predicted" not in text


def test_a_prediction_is_shown_where_there_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    compare_depth.show(depths(0.0321))
    text = capsys.readouterr().out
    assert "predicted rms" in text
    assert "0.0321" in text
    assert "0.03 " in text  # the rms measured stands beside it


def test_a_groups_prediction_stands_beside_the_rms_measured_at_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = group("relu").layers
    known = replace(group("relu"), layers=(replace(first, predicted_rms=0.0456), second))
    train.show(training(known))
    text = capsys.readouterr().out
    assert re.search(r"1 +3\.00e-09 +0\.0456", text)
    assert re.search(r"2 +3\.00e-09 +–", text)


def test_a_group_without_a_prediction_says_nothing_of_theory(capsys: pytest.CaptureFixture[str]) -> None:
    train.show(training(group("relu")))
    assert "theory" not in capsys.readouterr().out


@WIDTHS
def test_runs_are_listed(width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    rows = (
        RunRow(
            "20261122-161822-bad-vs-good-db27", "bad-vs-good", "2026-11-22T16:18:22+00:00", "partial", 512, 1024, 12.5
        ),
        RunRow("20261122-161823-broken-db28", None, None, "damaged", None, None, None, "db28/results.sqlite: is empty"),
    )
    runs.show_list(RunsListAnswer({"runs": "runs"}, describe(), rows))
    text = capsys.readouterr().out
    assert_shows(
        text, "20261122-161822-bad-vs-good-db27", "partial", "512 of 1,024", "12.5", "damaged", "–", width=width
    )
    assert text.endswith("\ndb28/results.sqlite: is empty\n")


def test_no_runs_say_how_to_make_one(capsys: pytest.CaptureFixture[str]) -> None:
    runs.show_list(RunsListAnswer({"runs": "elsewhere"}, describe(), ()))
    assert "no runs in elsewhere; `sigmoid-lab train CONFIG` makes one" in capsys.readouterr().out


def test_the_course_of_each_layer_s_gradient_is_drawn_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(step: int, *norms: float) -> GroupAtStep:
        spreads = [Spread(norm, norm, norm, norm, norm) for norm in norms]
        return GroupAtStep(step, {}, tuple(LayerAtStep(i, x, None, None) for i, x in enumerate(spreads, 1)))

    shown = replace(group("sigmoid"), series=(at(0, 1e-9, 1e-3), at(10, 1e-6, 1e-2), at(20, 0.0, 1.0)))
    monkeypatch.setenv("COLUMNS", "120")
    train.show(training(shown))
    assert "▁▃ " not in capsys.readouterr().out
    monkeypatch.setenv("FORCE_COLOR", "1")
    train.show(training(shown))
    text = capsys.readouterr().out
    assert "▁▃ " in text
    assert "▆▇█" in text
