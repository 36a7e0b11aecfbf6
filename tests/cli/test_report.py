"""``report`` as people use it."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import sigmoid_lab
from sigmoid_lab.cli import app


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="sigmoid-lab")


@pytest.fixture
def folder(config: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory, with one run in it."""
    monkeypatch.chdir(config.parent)
    sigmoid_lab.train(config)
    return config.parent


def test_stdout_is_the_page_that_was_written(folder: Path) -> None:
    result = run("report", "latest", "--output", "page.html")
    assert result.stdout == "page.html\n"
    assert (folder / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_json_of_a_report_holds_what_runs_show_says_of_each_run(folder: Path) -> None:
    shown = json.loads(run("runs", "show", "latest", "--json").stdout)
    (reported,) = json.loads(run("report", "latest", "--json").stdout)["runs"]
    assert reported["groups"] == shown["groups"]


def test_only_the_groups_chosen_are_on_the_page(folder: Path) -> None:
    run("report", "latest", "--where", "activation=relu", "--output", "page.html")
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert "activation relu" in page
    assert "activation sigmoid" not in page


def test_a_page_that_cannot_be_written_is_refused_before_a_run_is_read(folder: Path) -> None:
    result = run("report", "no-such-run", "--output", "page.pdf")
    assert result.exit_code == 2
    assert result.stderr == "page.pdf: its name has to end in .html, which decides what is written\n"


def test_without_the_extra_the_line_that_installs_it_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "vl_convert", raising=False)
    result = run("report", "latest")
    assert result.exit_code == 2
    assert "pip install 'sigmoid-lab[report]'" in result.stderr


def test_more_groups_than_anybody_tells_apart_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sigmoid_lab.questions.report.MOST_GROUPS", 1)
    result = run("report", "latest")
    assert result.exit_code == 2
    assert "2 groups are too many to look at; choose 1 with --where or --group-by" in result.stderr
