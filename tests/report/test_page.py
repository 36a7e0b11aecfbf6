"""What a page says is what ``--json`` says."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from sigmoid_lab.report.page import page
from sigmoid_lab.report.story import answer as told
from sigmoid_lab.results.report import ReportAnswer
from sigmoid_lab.results.train import Histogram
from sigmoid_lab.wording.numbers import number


class Tables(HTMLParser):
    """Every table of a page, by the heading before it, as rows of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.inside = self.heading = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.inside = tag
        if tag == "h2":
            self.heading = ""
        if tag == "tr":
            self.tables.setdefault(self.heading, []).append([])
        if tag in {"td", "th"}:
            self.tables[self.heading][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "h2":
            self.heading += data
        if self.inside in {"td", "th"}:
            self.tables[self.heading][-1][-1] += data


def rows(html: str, heading: str) -> list[dict[str, str]]:
    parser = Tables()
    parser.feed(html)
    head, *body = parser.tables[heading]
    return [dict(zip(head, cells, strict=True)) for cells in body]


def groups(answer: ReportAnswer) -> dict[str, Any]:
    names = ("activation sigmoid (old-and-new)", "activation relu (old-and-new)", "activation tanh (another)")
    found = [group for run in json.loads(json.dumps(answer.plain()))["runs"] for group in run["groups"]]
    return dict(zip(names, found, strict=True))


def test_every_gradient_norm_on_the_page_is_that_of_json(answer: ReportAnswer, html: str) -> None:
    shown = rows(html, "Gradient norm by layer")
    for when in ("start", "end"):
        for name, group in groups(answer).items():
            for layer in group["layers"]:
                (row,) = (
                    row
                    for row in shown
                    if (row["group"], row["when"], row["layer"]) == (name, when, str(layer["layer"]))
                )
                spread = layer["gradient_norm"][when]
                assert {key: json.loads(row[key]) for key in spread} == spread
                if when == "start":
                    assert json.loads(row["predicted_rms"]) == layer["predicted_rms"]
    assert len(shown) == 2 * 3 * 3


def test_every_metric_on_the_page_is_that_of_json(answer: ReportAnswer, html: str) -> None:
    shown = {(row["group"], row["metric"], int(row["step"])): row for row in rows(html, "Loss and accuracy")}
    for name, group in groups(answer).items():
        for at in group["series"]:
            for metric in ("loss", "accuracy", "test_loss", "test_accuracy"):
                assert json.loads(shown[name, metric, at["step"]]["median"]) == at["metrics"][metric]["median"]


def test_the_heat_map_holds_every_layer_at_every_step_measured(answer: ReportAnswer, html: str) -> None:
    shown = rows(html, "Gradient norm by layer, through training")
    expected = [
        (name, at["step"], layer["layer"], layer["gradient_norm"]["median"])
        for name, group in groups(answer).items()
        for at in group["series"]
        for layer in at["layers"]
    ]
    assert [(row["group"], int(row["step"]), int(row["layer"]), json.loads(row["median"])) for row in shown] == expected


def test_saturated_and_dead_shares_on_the_page_are_those_of_json(answer: ReportAnswer, html: str) -> None:
    shown = rows(html, "Saturated outputs and dead units, by hidden layer")
    expected = [
        layer[f"{what}_share"][when]["mean"]
        for what in ("saturated", "dead")
        for when in ("start", "end")
        for group in groups(answer).values()
        for layer in group["layers"][:-1]
    ]
    assert [json.loads(row["mean"]) for row in shown] == expected


def test_counts_of_probabilities_are_those_of_json(answer: ReportAnswer, html: str) -> None:
    shown = rows(html, "Probabilities that the networks give, after training")
    for name, group in groups(answer).items():
        counts = [int(row["count"]) for row in shown if row["group"] == name]
        assert counts == group["probability_histogram"]["counts"]


def test_settings_of_runs_stand_side_by_side(html: str) -> None:
    shown = {row[""]: (row["old-and-new"], row["another"]) for row in rows(html, "Settings")}
    assert shown["seeds"] == ("3", "3")
    assert shown["compare.network.activation"] == ('["sigmoid", "relu"]', '["tanh"]')


def test_the_environment_stands_on_the_page(answer: ReportAnswer, html: str) -> None:
    shown = {row[""]: row["another"] for row in rows(html, "Environment")}
    assert shown["versions.torch"] == answer.environment["versions"]["torch"]


def test_the_answer_names_the_least_and_the_greatest_first_gradient(answer: ReportAnswer, html: str) -> None:
    first = {name: group["layers"][0]["gradient_norm"]["start"]["median"] for name, group in groups(answer).items()}
    least, most = min(first, key=lambda name: first[name]), max(first, key=lambda name: first[name])
    said = html[html.index('class="answer"') : html.index("</div>")]
    assert f"least gradient with {least}: {number(first[least])}" in said
    assert f"times less than with {most}, {number(first[most])}" in said


def test_a_percentage_is_not_broken_between_lines(html: str) -> None:
    said = html[html.index('class="answer"') : html.index("</div>")]
    assert "\N{NO-BREAK SPACE}% in a typical layer" in said
    assert " %" not in said


def test_the_question_is_made_of_what_is_compared(html: str) -> None:
    assert "What does the activation (sigmoid, relu) do to a network&#x27;s gradients" in html


def test_a_group_named_like_the_end_of_a_script_ends_none(answer: ReportAnswer) -> None:
    run = answer.runs[1]
    named = replace(run.groups[0], settings={"x": "</script><b>"})
    html = page(replace(answer, runs=(replace(run, groups=(named,)),)))
    scripts = re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)
    assert len(scripts) == html.count('class="panel"')
    assert all("<" not in script and "</script><b>" in json.dumps(json.loads(script)) for script in scripts[:2])


def test_one_group_alone_has_a_sentence_too(answer: ReportAnswer) -> None:
    (group,) = answer.runs[1].groups
    first, *_ = told({"all networks": group}, {"all networks": ["bce-with-logits"]})
    norm = group.layers[0].gradient_norm.start.median
    assert first.startswith(f"Before training the gradient of layer 1 has a norm of {number(norm)}, that of the output")


def test_a_page_without_figures_tells_no_pointer_where_to_point(answer: ReportAnswer, html: str) -> None:
    (run, _) = answer.runs
    nothing = replace(
        run.groups[0], networks=0, layers=(), series=(), metrics={}, probability_histogram=Histogram((), ())
    )
    assert "Point at" in html
    assert "Point at" not in page(replace(answer, runs=(replace(run, groups=(nothing,)),)))
