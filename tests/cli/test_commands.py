"""Every command as scripts and people use it: forms of output, streams, exit codes."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sigmoid_lab.cli import app


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Run":
    monkeypatch.chdir(tmp_path)
    return Run()


class Run:
    """Runs the command line in this process, in the test's directory."""

    def __call__(self, *arguments: str, answer: str | None = None) -> Result:
        return CliRunner().invoke(app, arguments, input=answer, prog_name="sigmoid-lab")


COMMANDS = {
    "table": ("table",),
    "compare-depth": ("compare-depth", "--layers", "1", "--seeds", "2"),
    "train": ("train", "tiny.yaml"),
    "stability": ("stability", "--implementation", "torch"),
    "claims": ("claims", "half-at-zero"),
    "gates": ("gates", "--steps", "4", "--hidden", "3", "--seeds", "2"),
    "theory": ("theory", "--layers", "2"),
    "runs list": ("runs", "list"),
    "runs show": ("runs", "show", "latest"),
    "runs compare": ("runs", "compare", "latest", "latest"),
    "runs export": ("runs", "export", "latest", "--to", "json", "out"),
    "report": ("report", "latest", "--output", "page.html"),
    "runs delete": ("runs", "delete", "latest", "--yes"),
}


@pytest.fixture
def with_a_run(run: Run, config: Path) -> Run:
    assert run("train", str(config), "--quiet").exit_code == 0
    return run


@pytest.mark.parametrize("name", COMMANDS)
def test_json_is_one_object_with_what_the_contract_promises(with_a_run: Run, name: str) -> None:
    result = with_a_run(*COMMANDS[name], "--json", "--quiet")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["schema_version"] == 1
    assert answer["command"] == name
    assert {"settings", "environment"} <= answer.keys()
    assert {"versions", "processor", "device", "threads", "product_routine"} <= answer["environment"].keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_csv_is_one_rectangular_table(with_a_run: Run, name: str) -> None:
    result = with_a_run(*COMMANDS[name], "--csv", "--quiet")
    assert result.exit_code == 0
    header, *rows = list(csv.reader(io.StringIO(result.stdout)))
    assert rows
    assert all(len(row) == len(header) for row in rows)


@pytest.mark.parametrize("name", COMMANDS)
def test_quiet_leaves_stderr_empty(with_a_run: Run, name: str) -> None:
    assert with_a_run(*COMMANDS[name], "--quiet").stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_json_and_csv_at_once_are_wrong_usage(with_a_run: Run, name: str) -> None:
    result = with_a_run(*COMMANDS[name], "--json", "--csv")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "--json and --csv: choose one\n"


def test_spreads_are_flattened_in_csv(run: Run) -> None:
    header = run(*COMMANDS["compare-depth"], "--csv").stdout.splitlines()[0].split(",")
    assert header[:3] == ["depth", "activation", "init"]
    assert [f"gradient_norm.{key}" for key in ("median", "mean", "rms", "low", "high")] == header[3:8]


def test_what_is_not_finite_is_a_word_in_json(run: Run) -> None:
    rows = json.loads(run("table", "--at", "-inf,nan", "-a", "relu", "-a", "identity", "--json").stdout)["rows"]
    assert [row["z"] for row in rows] == ["-Infinity", "NaN", "-Infinity", "NaN"]
    assert rows[2]["value"] == "-Infinity"


def test_stability_answers_with_the_keys_of_the_contract(run: Run) -> None:
    answer = json.loads(run("stability", "-i", "where", "--at", "1000", "--dtype", "float32", "--json").stdout)
    (row,) = answer["sigmoid"]
    shared = {"implementation", "dtype", "z", "gradient", "exact_gradient", "verdict"}
    assert shared | {"value", "exact_value", "error_ulp", "gradient_error_ulp"} <= row.keys()
    assert (row["value"], row["gradient"], row["gradient_error_ulp"], row["verdict"]) == (1.0, "NaN", "Infinity", "nan")
    worst = {"inputs", "max_error_ulp", "at_z", "correctly_rounded_share", "monotonicity_violations"}
    assert worst <= answer["worst"][0].keys()
    (ends,) = answer["ends"]
    assert {"zero_from", "one_from", "slope_zero_below", "slope_zero_above"} <= ends.keys()
    assert ends["slope_zero_above"] is None
    assert len(answer["loss"]) == 5 * 2
    assert shared | {"target", "loss", "exact_loss"} <= answer["loss"][0].keys()


def test_claims_answer_with_the_keys_of_the_contract(run: Run) -> None:
    (row,) = json.loads(run("claims", "naive-nan-at-minus-500", "--json").stdout)["rows"]
    assert {"claim", "statement", "verdict", "evidence", "numbers"} <= row.keys()
    assert row["numbers"]["slope"] == "NaN"


def test_gates_answers_with_the_keys_of_the_contract(run: Run) -> None:
    answer = json.loads(run("gates", "--steps", "3", "--seeds", "2", "-b", "1", "-b", "default", "--json").stdout)
    rows = answer["rows"]
    kinds = [
        ("rnn-sigmoid", None),
        ("rnn-tanh", None),
        ("rnn-tanh-orthogonal", None),
        ("lstm", 1.0),
        ("lstm", "default"),
    ]
    found = [(row["cell"], row["forget_bias"], row["lag"]) for row in rows]
    assert found == [(*kind, lag) for kind in kinds for lag in (1, 2, 3)]
    for row in rows:
        assert {"gradient_norm", "per_step_factor", "gate_product", "time_constant_steps"} <= row.keys()
        assert row["gradient_norm"].keys() == {"median", "mean", "rms", "low", "high"}
        assert (row["gate_product"] is None) == (row["time_constant_steps"] is None) == (row["cell"] != "lstm")


def test_train_answers_with_the_keys_of_the_contract(with_a_run: Run) -> None:
    answer = json.loads(with_a_run("train", "tiny.yaml", "--json", "--quiet").stdout)
    assert answer["failed"] == []
    assert Path(answer["run"]).is_dir()
    group = answer["groups"][0]
    assert group["settings"] == {"network.activation": "sigmoid"}
    assert group["networks"] == 3
    assert set(group["metrics"]["test_loss"]) == {"start", "end"}
    assert set(group["metrics"]["loss"]["end"]) == {"median", "mean", "rms", "low", "high"}
    assert set(group["probability_range"]) == {"low", "high"}
    assert set(group["layers"][0]) == {"layer", "gradient_norm", "saturated_share", "dead_share", "predicted_rms"}
    assert [point["step"] for point in group["series"]] == [0, 3, 6]
    assert sum(group["probability_histogram"]["counts"]) == 3 * 16


def test_a_dry_run_trains_nothing(run: Run, config: Path) -> None:
    answer = json.loads(run("train", str(config), "--dry-run", "--json").stdout)
    assert (answer["command"], answer["networks"], answer["stacks"]) == ("train", 6, 2)
    assert not Path("runs").exists()


def test_set_is_stronger_than_the_file(with_a_run: Run) -> None:
    answer = json.loads(with_a_run("train", "tiny.yaml", "--set", "seeds=2", "--json", "--quiet").stdout)
    assert answer["settings"]["seeds"] == 2
    assert answer["groups"][0]["networks"] == 2


def test_progress_goes_to_stderr_and_the_answer_to_stdout(with_a_run: Run) -> None:
    result = with_a_run("train", "tiny.yaml")
    assert "step 6 of 6" in result.stderr
    assert "step 6 of 6" not in result.stdout
    assert "run: runs/" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("table", "-a", "sigmod"), "activation: 'sigmod' is unknown; did you mean 'sigmoid'?"),
        (("table", "--at", "1,x"), "--at: 'x' is no number"),
        (("table", "--dtype", "float8"), "dtype: 'float8' is unknown"),
        (("stability", "--at", "1,x"), "--at: 'x' is no number"),
        (("stability", "--at", ""), "--at: '' is no number"),
        (("stability", "--dtype", "float8"), "dtype: 'float8' is unknown"),
        (("stability", "-i", "naiv"), "implementation: 'naiv' is unknown; did you mean 'naive'?"),
        (("stability", "--exhaustive", "float64"), "float32 can be tried whole"),
        (("stability", "--exhaustive", "float16"), "float16 is always tried whole"),
        (("stability", "--exhaustive", "float23"), "exhaustive: 'float23' is unknown; did you mean 'float32'?"),
        (("claims", "half-at-one"), "claim: 'half-at-one' is unknown; did you mean 'half-at-zero'?"),
        (("gates", "--forget-bias", "nan"), "forget-bias: 'nan' is no finite number"),
        (("gates", "--forget-bias", "high"), "forget-bias: 'high' is no finite number"),
        (("gates", "--hidden", "-1"), "--hidden"),
        (("gates", "--hidden", "1000000"), "hidden: one LSTM of 1000000 units over 40 steps needs about"),
        (("gates", "--steps", "0"), "--steps"),
        (("gates", "--steps", "1000000"), "steps: 1000000 is out of range; it must be from 1 to 10000"),
        (("compare-depth", "--layers", "0"), "--layers"),
        (("compare-depth", "--init", "hee"), "init: 'hee' is unknown; did you mean 'he'?"),
        (("compare-depth", "--loss", "bce"), "loss: 'bce' is unknown"),
        (("train", "none.yaml"), "none.yaml: no such file"),
        (("train", "."), "is a directory"),
        (("train", "tiny.yaml", "--stall", "nan"), "--stall nan: write how many seconds"),
        (("train", "--dry-run"), "--dry-run: plans a config from its start"),
        (("train",), "CONFIG: a YAML file to train, or --resume RUN, is needed"),
        (("train", "tiny.yaml", "--set", "network.depth"), "write --set key=value"),
        (("train", "tiny.yaml", "--set", "network.depth=0"), "0 is out of range"),
        (("train", "tiny.yaml", "--runs", "tiny.yaml"), "no run can be written here"),
        (("runs", "show", "nope"), "'nope' is no run in runs"),
        (("runs", "show", "latest", "--where", "colour=red"), "--where colour: is no compared key"),
        (("runs", "compare", "latest", "nope"), "'nope' is no run in runs"),
        (("runs", "delete", "nope", "--yes"), "'nope' is no run in runs"),
        (("runs", "export", "latest", "--to", "xml", "out"), "--to"),
        (("tabel",), "tabel"),
        (("table", "--colour"), "--colour"),
    ],
)
def test_wrong_usage_says_what_to_do_and_leaves_stdout_empty(
    with_a_run: Run, arguments: tuple[str, ...], message: str
) -> None:
    result = with_a_run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_what_a_terminal_would_obey_is_escaped(with_a_run: Run) -> None:
    Path("bell.csv").write_text("a,b\x07\x1b[2J,y\n1,2,1\n1,x,0\n", encoding="utf-8")
    result = with_a_run("train", "tiny.yaml", "--set", "data={kind: csv, path: bell.csv, target: y}")
    assert result.exit_code == 2
    assert "b\\x07\\x1b[2J: 'x' is not a finite number" in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize("group", [(), ("runs",), ("config",)])
def test_a_group_without_a_command_shows_its_help(run: Run, group: tuple[str, ...]) -> None:
    result = run(*group)
    assert result.exit_code == 0
    assert "Commands" in result.stdout


def test_the_short_forms_of_train_are_set(with_a_run: Run) -> None:
    short = ("--seeds", "2", "--seed", "9", "--dtype", "float64", "--device", "cpu")
    settings = json.loads(with_a_run("train", "tiny.yaml", *short, "--json", "--quiet").stdout)["settings"]
    assert [settings[key] for key in ("seeds", "seed", "dtype", "device")] == [2, 9, "float64", "cpu"]


def test_a_compared_mapping_stays_in_one_cell_of_csv(with_a_run: Run) -> None:
    compare = "compare={network.init: [he, {kind: orthogonal, gain: 1.2}]}"
    header, plain, mapping = csv.reader(
        io.StringIO(with_a_run("train", "tiny.yaml", "--set", compare, "--csv", "--quiet").stdout)
    )
    assert header[0] == "settings.network.init"
    assert (plain[0], json.loads(mapping[0])) == ("he", {"kind": "orthogonal", "gain": 1.2})


def test_delete_asks_first(with_a_run: Run) -> None:
    (kept,) = Path("runs").iterdir()
    refused = with_a_run("runs", "delete", "latest", answer="n\n")
    assert (refused.exit_code, refused.stdout) == (0, "")
    assert kept.exists()
    result = with_a_run("runs", "delete", "latest", answer="y\n")
    assert result.exit_code == 0
    assert not kept.exists()


def test_export_prints_the_files_that_it_wrote(with_a_run: Run) -> None:
    result = with_a_run("runs", "export", "latest", "--to", "csv", "out")
    assert result.stdout.splitlines() == ["out/networks.csv", "out/measurements.csv", "out/layers.csv"]


def test_every_command_and_option_has_a_help_text() -> None:
    import typer

    def commands(command: typer.core.TyperCommand | typer.core.TyperGroup) -> None:
        assert command.help
        for parameter in command.params:
            assert getattr(parameter, "help", None) or parameter.name == "help", (command.name, parameter.name)
        for child in getattr(command, "commands", {}).values():
            commands(child)

    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    commands(group)


@pytest.mark.parametrize(("name", "start"), [("x.html", b"<!DOCTYPE"), ("x.svg", b"<svg"), ("x.png", b"\x89PNG")])
def test_a_phase_diagram_is_drawn_in_the_terminal_and_in_a_file(run: Run, name: str, start: bytes) -> None:
    result = run("theory", "--activation", "tanh", "--phase-diagram", name)
    assert result.exit_code == 0
    assert "D default; X xavier, lecun" in result.stdout
    assert Path(name).read_bytes().startswith(start)


def test_a_phase_diagram_leaves_json_as_it_is(run: Run) -> None:
    drawn = run("theory", "--activation", "tanh", "--phase-diagram", "x.svg", "--json").stdout
    assert drawn == run("theory", "--activation", "tanh", "--json").stdout


def test_a_figure_that_cannot_be_written_is_refused_before_the_work(run: Run) -> None:
    result = run("theory", "--phase-diagram", "x.jpeg")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "x.jpeg: its name has to end in .html or .svg or .png, which decides what is written\n"
