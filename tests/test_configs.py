import contextlib
import io
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sigmoid_lab.cli import app
from sigmoid_lab.config.load import load

CONFIGS = Path(__file__).parent.parent / "configs"
FILES = sorted(CONFIGS.glob("*.yaml"))
PROMISED = ["activations", "bad_vs_good", "binary", "depth", "initialisations", "losses", "multilabel", "own_csv"]

each_file = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


def test_every_promised_config_is_there() -> None:
    assert {file.stem for file in FILES} >= set(PROMISED)


@each_file
def test_a_config_passes_the_check(file: Path) -> None:
    result = CliRunner().invoke(app, ["config", "check", str(file)])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"{file}: fine: ")


@each_file
def test_a_config_opens_with_the_command_that_runs_it(file: Path) -> None:
    assert file.read_text(encoding="utf-8").splitlines()[0] == f"# sigmoid-lab train configs/{file.name}"


@each_file
def test_a_config_points_editors_at_the_schema_beside_it(file: Path) -> None:
    modeline = file.read_text(encoding="utf-8").splitlines()[1]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", modeline)
    assert found
    assert json.loads((file.parent / found[1]).read_text(encoding="utf-8"))["title"] == "sigmoid-lab experiment"


@each_file
def test_a_config_asks_a_question_and_says_what_to_look_for(file: Path) -> None:
    comment = " ".join(re.findall(r"^# (.*)", file.read_text(encoding="utf-8"), re.MULTILINE)[2:])
    assert "? " in comment
    assert "Look at " in comment


@each_file
def test_a_config_is_called_like_its_file(file: Path) -> None:
    assert load(file).name == file.stem.replace("_", "-")


@each_file
def test_a_config_compares_something(file: Path) -> None:
    assert load(file).compare


def test_the_schema_is_what_the_command_prints() -> None:
    printed = CliRunner().invoke(app, ["config", "schema"]).stdout
    assert (CONFIGS / "experiment.schema.json").read_text(encoding="utf-8") == printed


def test_the_table_is_what_its_config_says_made_it() -> None:
    lines = re.findall(r"^#   (.*)", (CONFIGS / "own_csv.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    with contextlib.redirect_stdout(io.StringIO()) as made:
        exec("\n".join(lines), {})
    assert (CONFIGS / "students.csv").read_text(encoding="utf-8") == made.getvalue()


@each_file
def test_a_config_runs_shortened(file: Path, tmp_path: Path) -> None:
    short = ("--set", "training={steps: 2}", "--seeds", "2", "--runs", str(tmp_path), "--json", "--quiet")
    result = CliRunner().invoke(app, ["train", str(file), *short])
    assert (result.exit_code, result.stderr) == (0, "")
    answer = json.loads(result.stdout)
    assert answer["failed"] == []
    assert {group["networks"] for group in answer["groups"]} == {2}
    assert {group["series"][-1]["step"] for group in answer["groups"]} == {2}
