import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from sigmoid_lab.cli import app
from sigmoid_lab.config.json_schema import json_schema
from sigmoid_lab.config.starters import starter
from sigmoid_lab.vocabulary import DATA_KINDS, DataKind

COMMANDS = ("new", "check", "schema")
GOOD = "seeds: 256\ncompare:\n  network.activation: [sigmoid, relu]\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def config(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["config", *arguments])


def answer(*arguments: str) -> str:
    """Return what a command that succeeds prints on stdout; on stderr it prints nothing."""
    result = config(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def refusal(*arguments: str) -> str:
    """Return what a command that is refused prints on stderr; on stdout it prints nothing."""
    result = config(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


def keep(text: str, name: str = "x.yaml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


# -------------------------------------------------------------------------------------------------- help


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_config_alone_shows_what_it_can(arguments: list[str]) -> None:
    assert re.findall(r"^│ (\w+) +\w", answer(*arguments), re.MULTILINE) == [*COMMANDS]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_a_help(command: str) -> None:
    group: Any = get_command(app)
    parameters = group.commands["config"].commands[command].params
    assert len(parameters) >= 2
    assert all(parameter.help for parameter in parameters)


def test_an_unknown_command_is_told_with_the_nearest() -> None:
    assert "Did you mean 'new'?" in refusal("nwe")


# --------------------------------------------------------------------------------------------------- new


@pytest.mark.parametrize("kind", DATA_KINDS)
def test_new_prints_a_starter(kind: DataKind) -> None:
    assert answer("new", kind) == starter(kind, f"{kind}.yaml")


def test_new_starts_with_random_labels() -> None:
    assert answer("new") == answer("new", "random-labels")


@pytest.mark.parametrize("kind", [kind for kind in DATA_KINDS if kind != "csv"])
def test_a_starter_passes_the_check(kind: str) -> None:
    assert answer("check", keep(answer("new", kind))) == "x.yaml: fine: 32 networks in 2 groups\n"


def test_a_csv_starter_passes_the_check_beside_its_table() -> None:
    keep("hours,passed\n" + "1,0\n2,1\n" * 30, "table.csv")
    assert answer("check", keep(answer("new", "csv"))) == "x.yaml: fine: 32 networks in 2 groups\n"


def test_new_writes_a_file() -> None:
    assert answer("new", "xor", "--output", "x.yaml") == "wrote x.yaml\n"
    assert Path("x.yaml").read_text(encoding="utf-8") == starter("xor", "x.yaml")


def test_new_never_overwrites_a_file_by_itself() -> None:
    assert refusal("new", "-o", keep("mine")) == "x.yaml: exists already; --force overwrites it\n"
    assert Path("x.yaml").read_text(encoding="utf-8") == "mine"


def test_new_overwrites_a_file_when_told_to() -> None:
    answer("new", "moons", "-o", keep("mine" * 9999), "--force")
    assert Path("x.yaml").read_text(encoding="utf-8") == starter("moons", "x.yaml")


def test_new_refuses_a_directory() -> None:
    assert refusal("new", "-o", ".", "--force") == ".: is a directory; name a file in it\n"


def test_new_refuses_a_folder_that_is_not_there() -> None:
    told = "no/x.yaml: cannot be written (No such file or directory)\n"
    assert refusal("new", "-o", "no/x.yaml") == told


def test_new_names_the_nearest_kind() -> None:
    assert refusal("new", "mons") == "KIND: 'mons' is unknown; did you mean 'moons'?\n"


def test_new_names_every_kind_where_none_is_near() -> None:
    assert refusal("new", "zzz") == f"KIND: 'zzz' is unknown; one of {', '.join(DATA_KINDS)}\n"


def test_new_tells_scripts_what_it_wrote() -> None:
    found = json.loads(answer("new", "xor", "-o", "x.yaml", "--json"))
    assert found.pop("environment")["versions"]["python"]
    assert found == {
        "schema_version": 1,
        "command": "config new",
        "settings": {"kind": "xor", "output": "x.yaml", "force": False},
        "text": starter("xor", "x.yaml"),
        "file": "x.yaml",
    }


# ------------------------------------------------------------------------------------------------- check


def test_a_good_file_is_fine_on_one_line() -> None:
    assert answer("check", keep(GOOD)) == "x.yaml: fine: 512 networks in 2 groups\n"


def test_one_network_is_one_network() -> None:
    assert answer("check", keep("seeds: 1\n")) == "x.yaml: fine: 1 network in 1 group\n"


def test_many_networks_are_counted_in_thousands() -> None:
    assert answer("check", keep("seeds: 12345\n")) == "x.yaml: fine: 12,345 networks in 1 group\n"


def test_an_override_counts() -> None:
    assert answer("check", keep(GOOD), "--set", "seeds=2") == "x.yaml: fine: 4 networks in 2 groups\n"


def test_every_fault_is_a_line_on_stderr() -> None:
    text = "network:\n  dpeth: 3\nseeds: 0\nseeds: 1\nloss: [mse]\n"
    assert refusal("check", keep(text)).splitlines() == [
        "x.yaml:2:3: network.dpeth: unknown key; did you mean 'depth'?",
        "x.yaml:4:1: seeds: this key stands twice, first at line 3; keep one",
        "x.yaml:5:1: loss: a list is no word known here; one of bce-with-logits, sigmoid-then-bce, hand-written-bce, "
        "hand-written-bce-eps, max-form, mse",
    ]


@pytest.mark.parametrize("form", ["--json", "--csv", "--quiet"])
def test_a_fault_is_told_in_the_same_way_whatever_form_was_asked_for(form: str) -> None:
    assert refusal("check", keep("depth: 3\n"), form) == (
        "x.yaml:1:1: depth: unknown key; it belongs inside 'network'\n"
    )


def test_a_fault_of_an_override_is_told_of_the_option() -> None:
    assert refusal("check", keep(GOOD), "--set", "network.width=0") == (
        "--set: network.width: 0 is out of range; it must be greater than 0\n"
    )


def test_an_override_without_value_is_refused() -> None:
    assert refusal("check", keep(GOOD), "--set", "seeds") == (
        "--set seeds: write --set key=value, such as --set network.depth=5\n"
    )


def test_a_missing_file_is_refused() -> None:
    assert refusal("check", "no.yaml") == "no.yaml: no such file; `sigmoid-lab config new` writes one\n"


def test_two_forms_at_once_are_refused() -> None:
    assert refusal("check", keep(GOOD), "--json", "--csv") == "--json and --csv: choose one\n"


def test_a_good_file_is_told_to_scripts_with_every_default() -> None:
    found = json.loads(answer("check", keep(GOOD), "--json"))
    assert found.pop("environment")["device"] is None
    settings = found.pop("settings")
    assert (settings["seeds"], settings["training"]) == (256, {"steps": 500, "batch_size": 32})
    assert found == {
        "schema_version": 1,
        "command": "config check",
        "file": "x.yaml",
        "networks": 512,
        "groups": [
            {"settings": {"network.activation": "sigmoid"}, "networks": 256},
            {"settings": {"network.activation": "relu"}, "networks": 256},
        ],
    }


def test_the_groups_are_told_as_csv() -> None:
    assert answer("check", keep(GOOD), "--csv") == ("settings.network.activation,networks\nsigmoid,256\nrelu,256\n")


TABLE = "data: {kind: csv, path: t.csv, target: y}\n"


def test_a_table_that_train_would_refuse_is_refused() -> None:
    keep("a,y\n1,0\n,1\nx,1\n", "t.csv")
    assert [line.rpartition("/")[2] for line in refusal("check", keep(TABLE)).splitlines()] == [
        "t.csv:3: a: the value is missing (''); fill it in or leave the row out",
        "t.csv:4: a: 'x' is not a finite number; leave a text column out with data.ignore",
    ]


def test_a_missing_table_is_refused() -> None:
    told = f"{Path.cwd()}/t.csv: no such file; data.path is read from the folder of the config\n"
    assert refusal("check", keep(TABLE)) == told


def test_a_table_smaller_than_a_batch_is_refused() -> None:
    keep("a,y\n1,0\n2,1\n", "t.csv")
    assert refusal("check", keep(TABLE)) == (
        "training.batch_size: 32 is more than the 2 examples to train on (the table's 2 rows less 0 held out)\n"
    )


def test_the_faults_of_every_compared_table_are_told() -> None:
    keep("a,y\n1,0\n2,0\n", "t.csv")
    keep("a,b\n1,0\n2,0\n", "u.csv")
    text = TABLE + "training: {batch_size: 1}\ncompare: {data.path: [t.csv, u.csv], network.depth: [1, 2]}\n"
    assert [line.rpartition("/")[2] for line in refusal("check", keep(text)).splitlines()] == [
        "t.csv: data.target: 'y' is 0 in every row; both classes are needed",
        "u.csv:1: data.target: there is no column 'y'; it has a, b",
    ]


# ------------------------------------------------------------------------------------------------ schema


def test_the_schema_is_printed_for_editors() -> None:
    assert json.loads(answer("schema")) == json_schema()


def test_the_schema_is_told_to_scripts_like_every_answer() -> None:
    found = json.loads(answer("schema", "--json"))
    assert (found["schema_version"], found["command"], found["settings"]) == (1, "config schema", {})
    assert found["schema"] == json_schema()


# --------------------------------------------------------------------------------------------------- speed


@pytest.mark.parametrize("arguments", [["new", "csv"], ["check", "x.yaml"], ["schema"]], ids=COMMANDS)
def test_torch_is_not_loaded(arguments: list[str]) -> None:
    keep("a,y\n" + "1,0\n2,1\n" * 30, "t.csv")
    keep(TABLE)
    command = [sys.executable, "-X", "importtime", "-m", "sigmoid_lab", "config", *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in finished.stderr.splitlines()}
    assert "sigmoid_lab.config.schema" in loaded
    assert "torch" not in loaded
