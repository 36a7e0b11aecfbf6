"""Several runs on one page: told apart by what they differ in, none lost, none twice."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import sigmoid_lab
from sigmoid_lab.questions.report import report
from sigmoid_lab.report.beside import differences
from sigmoid_lab.report.page import page
from sigmoid_lab.report.story import contrast
from sigmoid_lab.results.report import ReportAnswer

CONFIG = """
name: small
data: {{kind: blobs, samples: 16}}
network: {{depth: {depth}, width: 4}}
training: {{steps: 1, batch_size: 4}}
seeds: 2
compare:
  network.activation: [sigmoid, relu]
"""
QUESTION = "What does the activation (sigmoid, relu) do to a network&#x27;s gradients, and to what it learns?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of two runs, ``one/same`` of depth 1 and ``two/same`` of depth 2."""
    folder = tmp_path_factory.mktemp("beside")
    for depth, parent in ((1, "one"), (2, "two")):
        (folder / "small.yaml").write_text(CONFIG.format(depth=depth), encoding="utf-8")
        Path(sigmoid_lab.train(folder / "small.yaml", runs=folder / parent).run).rename(folder / parent / "same")
    return folder


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return page(reported(folder, "one/same", "two/same"))


def reported(folder: Path, *paths: str, where: tuple[str, ...] = (), group_by: str | None = None) -> ReportAnswer:
    return report(folder, [f"{folder}/{path}" for path in paths], folder / "report.html", where, group_by)


def groups(html: str) -> list[str]:
    (table,) = re.findall(r"<h2>Groups</h2>.*?<tbody>(.*?)</tbody>", html)
    return re.findall(r"<tr><td[^>]*>(.*?)</td>", table)


def test_runs_are_named_by_the_setting_in_which_they_differ(html: str) -> None:
    assert groups(html) == [
        f"activation {activation} (depth {depth})" for depth in (1, 2) for activation in ("sigmoid", "relu")
    ]


def test_runs_alike_in_settings_and_folder_are_as_many_groups_as_json_has(folder: Path) -> None:
    shutil.copytree(folder / "one", folder / "copy", dirs_exist_ok=True)
    answer = reported(folder, "one/same", "copy/same")
    of_json = [group for run in json.loads(json.dumps(answer.plain()))["runs"] for group in run["groups"]]
    assert len(set(groups(page(answer)))) == len(of_json) == 4


def test_runs_alike_in_settings_are_named_by_their_folders(folder: Path) -> None:
    shutil.copytree(folder / "one" / "same", folder / "one" / "again", dirs_exist_ok=True)
    html = page(reported(folder, "one/same", "one/again"))
    assert groups(html)[::2] == ["activation sigmoid (same)", "activation sigmoid (again)"]
    assert "These runs have the same settings." in html


def test_a_run_named_by_two_paths_is_one(folder: Path) -> None:
    assert len(reported(folder, "one/same", "two/../one/same").runs) == 1


def test_a_question_that_runs_share_is_asked_once(html: str) -> None:
    assert re.findall("<h1>(.*?)</h1>", html) == [QUESTION]


def test_a_sentence_says_in_what_runs_differ(html: str) -> None:
    assert "These runs differ in depth (1, 2)." in html


def test_a_run_alone_differs_from_nothing(folder: Path) -> None:
    html = page(reported(folder, "one/same"))
    assert "These runs" not in html
    assert "class=marked" not in html


def test_the_settings_in_which_runs_differ_are_marked_and_no_others(html: str) -> None:
    assert re.findall(r"<tr class=marked><td[^>]*>(.*?)</td>", html) == ["network.depth"]


def test_the_networks_counted_are_those_chosen(folder: Path) -> None:
    html = page(reported(folder, "one/same", where=("activation=relu",)))
    assert "2 networks in 1 group where activation=relu, of the run&#x27;s 4; run same took" in html


def test_a_setting_of_which_one_value_is_chosen_is_not_asked_for(folder: Path) -> None:
    html = page(reported(folder, "one/same", where=("activation=relu",)))
    assert re.findall("<h1>(.*?)</h1>", html)[0].startswith("Do gradients reach every layer")


def test_what_groups_pool_is_said_and_not_asked_for(folder: Path) -> None:
    shown = reported(folder, "one/same", group_by="activation").runs[0]
    pooled = replace(shown, settings={**shown.settings, "compare": {**shown.settings["compare"], "loss": ["mse"]}})
    html = page(replace(reported(folder, "one/same"), runs=(pooled,)))
    assert re.findall("<h1>(.*?)</h1>", html) == [QUESTION]
    assert "4 networks in 2 groups, pooled over loss; run same took" in html


def test_a_whole_run_counts_its_networks_and_groups(folder: Path) -> None:
    assert "4 networks in 2 groups; run same took" in page(reported(folder, "one/same"))


def test_values_that_a_run_compares_stand_beside_the_value_of_a_run_that_does_not(folder: Path) -> None:
    one, two = reported(folder, "one/same", "two/same").runs
    other = dict(two.settings) | {"compare": {}, "network": dict(one.settings["network"]) | {"activation": "tanh"}}
    unlike = differences([one, replace(two, settings=other)])
    assert unlike == {"network.activation": ["sigmoid + relu", "tanh"]}


def test_more_differences_than_anybody_reads_are_counted() -> None:
    assert contrast({f"a.{name}": [1, None] for name in "uvwxyz"}) == (
        "These runs differ in u (1, none), v (1, none), w (1, none), x (1, none) and 2 more settings."
    )
