"""Run directories damaged in meaning, sound for SQLite: every command answers, or names the file in a line."""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.fuzz import bounded
from typer.testing import CliRunner, Result

from sigmoid_lab import LabError, load, train
from sigmoid_lab.cli import app
from sigmoid_lab.questions.runs import list_runs

COMMANDS = {
    "list": "runs list",
    "list as JSON": "runs list --json",
    "show": "runs show latest --by loss",
    "show as JSON": "runs show latest --json",
    "pool": "runs show latest --group-by activation",
    "choose": "runs show latest --where activation=relu",
    "compare": "runs compare latest latest",
    "csv": "runs export latest out",
    "json": "runs export latest out --to json",
    "events": "runs export latest out --to tensorboard",
    "report": "report latest",
    "resume": "train --resume latest",
}
COLUMNS = {
    "run": ("name", "created", "settings", "networks", "stacks", "tables"),
    "groups": ("id", "settings", "metrics", "predicted"),
    "stacks": ("id", "group_id", "seeds", "seconds", "failure"),
    "networks": (
        *("id", "group_id", "stack_id", "seed", "diverged", "probability_low", "probability_high"),
        *("probability_histogram", "predicted_positive"),
    ),
    "measurements": ("network_id", "step", "loss", "accuracy"),
    "layers": ("network_id", "step", "layer", "gradient_norm", "has_activation", "saturated_share", "dead_share"),
    "summaries": ("groups", "networks", "summary"),
}
VALUES = (
    *("'x'", "''", "-1", "99", "1e308", "9e999", "NULL", "x'00'"),
    *("'[]'", "'{}'", "'[1]'", "'[[1]]'", "'null'", "'{\"a\": 1}'", '\'["x", "x", "x"]\''),
)
ROWS = ("", " LIMIT 1", " LIMIT 1 OFFSET 1")
STATEMENTS = [
    *(f"DELETE FROM {table}" for table in COLUMNS),
    *(
        f"UPDATE OR REPLACE {table} SET {column} = {value} WHERE {column} IN (SELECT {column} FROM {table}{rows})"
        for table, columns in COLUMNS.items()
        for column in columns
        for value in VALUES
        for rows in ROWS
    ),
]

REFUSED = {
    "a group that is missing": ("DELETE FROM groups WHERE id = 0", ("show", "compare", "csv", "report")),
    "the last group, that is missing": ("DELETE FROM groups WHERE id = 1", ("show", "csv", "events")),
    "no groups": ("DELETE FROM groups", ("show", "csv", "events", "report")),
    "groups that compare different keys": ("""UPDATE groups SET settings = '{"a": 1}' WHERE id = 1""", ("pool", "csv")),
    "networks of an unknown group": ("UPDATE networks SET group_id = 99 WHERE group_id = 1", ("csv", "events")),
    "networks of a group below 0": ("UPDATE networks SET group_id = -1 WHERE group_id = 1", ("csv", "events")),
    "a failure of an unknown group": (
        "UPDATE stacks SET group_id = 99, seconds = NULL, failure = 'x' WHERE id = 1",
        ("show", "compare", "csv", "report"),
    ),
    "fewer predictions than layers": ("UPDATE groups SET predicted = '[1.0]'", ("show", "pool", "compare")),
    "a layer below 1": ("UPDATE layers SET layer = -1 WHERE layer = 1", ("show", "report")),
    "a probability that is none": ("UPDATE networks SET probability_low = 'x'", ("show", "report")),
    "a probability of bytes": ("UPDATE networks SET probability_high = x'00'", ("show", "json", "report")),
    "a step that is no number": ("UPDATE measurements SET step = 'x' WHERE step = 3", ("show", "compare", "report")),
    "a number of networks that is none": ("UPDATE run SET networks = 'x'", ("show", "json", "csv")),
    "a number of stacks of bytes": ("UPDATE run SET stacks = x'00'", ("show", "json", "resume")),
    "settings of another program": ("""UPDATE run SET settings = '{"a": 1}'""", ("show", "report")),
    "counts beyond all": ("UPDATE networks SET probability_histogram = '[1e308]'", ("events",)),
    "no settings": ("UPDATE run SET settings = '[]'", ("show", "report")),
}
"""Damages, and some commands that cannot answer for each."""


@pytest.fixture
def sound(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a run outside the folder that all is tried in."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return Path(train(config, runs=tmp_path / "sound").run)


def damage(sound: Path, statement: str) -> None:
    """Copy a run to where runs are, damage it, and forget what was kept of its groups."""
    for folder in ("runs", "out"):
        shutil.rmtree(folder, ignore_errors=True)
    run = Path("runs") / sound.name
    shutil.copytree(sound, run)
    with closing(sqlite3.connect(run / "results.sqlite")) as connection, connection:
        with suppress(sqlite3.IntegrityError):  # what SQLite refuses is no damage
            connection.execute(statement)
        if "summaries" not in statement:
            connection.execute("DELETE FROM summaries")


def ends(command: str) -> Result:
    """Return how a command ends, which is never by a traceback."""
    with bounded():
        result = CliRunner().invoke(app, COMMANDS[command].split())
    assert isinstance(result.exception, SystemExit | None), (command, result.exception)
    return result


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_answered_from_is_named(what: str, sound: Path) -> None:
    statement, commands = REFUSED[what]
    for command in commands:
        damage(sound, statement)
        result = ends(command)
        assert (result.exit_code, result.stdout) == (2, ""), command
        assert "results.sqlite: cannot be used as a run's results" in " ".join(result.stderr.split()), result.stderr


@pytest.mark.parametrize("examples", [100, pytest.param(20_000, marks=pytest.mark.long)])
def test_damage_of_any_column_ends_in_an_answer_or_a_line(examples: int, sound: Path) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(STATEMENTS), st.sampled_from(sorted(COMMANDS)))
    def holds(statement: str, command: str) -> None:
        damage(sound, statement)
        assert ends(command).exit_code in {0, 2, 4}

    holds()


@pytest.mark.parametrize("value", ["'x'", "x'00'"])
@pytest.mark.parametrize("column", ["networks", "stacks"])
def test_a_run_whose_counts_are_none_is_listed_as_damaged_and_hides_no_other(
    column: str, value: str, sound: Path
) -> None:
    damage(sound, f"UPDATE run SET {column} = {value}")
    shutil.copytree(sound, "runs/20990101-000000-tiny-ffff")
    assert [row.status for row in list_runs(Path("runs")).rows] == ["damaged", "complete"]
    assert ends("list").exit_code == 0


@pytest.mark.parametrize("value", ["'x'", "x'00'", "9e999"])
def test_weights_of_a_stack_that_is_no_number_are_refused(value: str, sound: Path) -> None:
    damage(sound, f"UPDATE networks SET stack_id = {value}")
    with pytest.raises(LabError, match=r"results\.sqlite: cannot be used"):
        load("latest", seed=5, activation="relu")
