"""The figures of trained networks, and of networks that were not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import sigmoid_lab
from sigmoid_lab.report.figure import Figure
from sigmoid_lab.report.training import ZERO, figures
from sigmoid_lab.results.spread import Spread
from sigmoid_lab.wording.labels import label

CONFIG = """
data: {{kind: blobs, samples: 32}}
network: {{depth: 2, width: 4}}
optimizer: {{kind: sgd, learning_rate: 1.0}}
training: {{steps: {steps}, batch_size: 8}}
seeds: 3
compare:
  network.activation: [sigmoid, relu]
"""


def drawn(folder: Path, steps: int) -> dict[str, Figure]:
    (folder / "small.yaml").write_text(CONFIG.format(steps=steps), encoding="utf-8")
    groups = sigmoid_lab.train(folder / "small.yaml", runs=folder / "runs").groups
    return {figure.title: figure for figure in figures({label(group.settings): group for group in groups})}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Figure]:
    return drawn(tmp_path_factory.mktemp("trained"), 20)


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Figure]:
    return drawn(tmp_path_factory.mktemp("untrained"), 0)


def titles(figure: Figure) -> list[str]:
    return [chart.to_dict()["title"] for chart in figure.charts]


def domains(value: Any) -> list[Any]:
    """Return the vertical domains anywhere in a chart."""
    if isinstance(value, list):
        return [found for item in value for found in domains(item)]
    if not isinstance(value, dict):
        return []
    own = [value["y"]["scale"]["domain"]] if "scale" in value.get("y", {}) else []
    return own + [found for item in value.values() for found in domains(item)]


@pytest.mark.parametrize("title", ["Gradient norm by layer", "Saturated outputs and dead units, by hidden layer"])
def test_start_and_end_are_drawn_on_one_scale(trained: dict[str, Figure], title: str) -> None:
    before, after, *_ = (domains(chart.to_dict()) for chart in trained[title].charts)
    assert before
    assert all(domain == before[0] for domain in before + after)


def test_the_scale_of_start_and_end_reaches_as_far_as_the_numbers_of_both(trained: dict[str, Figure]) -> None:
    figure = trained["Gradient norm by layer"]
    (low, high), *_ = domains(figure.charts[0].to_dict())
    assert low == min(row["low"] for row in figure.rows)
    assert high >= max(row["high"] for row in figure.rows)


def test_what_was_trained_is_drawn_before_and_after(trained: dict[str, Figure]) -> None:
    assert titles(trained["Gradient norm by layer"]) == ["before training", "at the last update"]


def test_what_was_not_trained_is_drawn_once(untrained: dict[str, Figure]) -> None:
    assert titles(untrained["Gradient norm by layer"]) == ["before training"]
    shares = untrained["Saturated outputs and dead units, by hidden layer"]
    assert titles(shares) == ["saturated, before training", "dead, before training"]


def test_what_was_not_trained_has_no_figure_of_a_course(untrained: dict[str, Figure]) -> None:
    assert "Gradient norm by layer, through training" not in untrained


def test_probabilities_of_what_was_not_trained_are_those_before_training(untrained: dict[str, Figure]) -> None:
    assert "Probabilities that the networks give, before training" in untrained


def test_a_gradient_of_exactly_zero_has_a_colour_of_its_own_and_every_step_its_place(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(CONFIG.format(steps=20), encoding="utf-8")
    (group, *_) = sigmoid_lab.train(tmp_path / "small.yaml", runs=tmp_path / "runs").groups
    *before, end = group.series
    zero = Spread.of([0.0])
    dead = replace(end, layers=tuple(replace(layer, gradient_norm=zero) for layer in end.layers))
    figure = {figure.title: figure for figure in figures({"dead": replace(group, series=(*before, dead))})}
    (panel,) = figure["Gradient norm by layer, through training"].charts
    alive, grey = panel.to_dict()["layer"]
    assert grey["encoding"]["color"] == {"value": ZERO}
    assert [layer["encoding"]["x"]["scale"]["domain"] for layer in (alive, grey)] == [[0, 20]] * 2
