"""What the README promises of security, each promise tried by what would break it."""

import pickle
import re
from pathlib import Path

import pytest
from support.processes import addresses_listened_on, descendants
from support.runs import SETTINGS, overrides, start, wait_for_a_finished_stack
from typer.testing import CliRunner, Result

import sigmoid_lab
from sigmoid_lab.cli import app
from sigmoid_lab.errors import LabError

SOURCES = sorted(Path(sigmoid_lab.__file__).parent.rglob("*.py"))


class Touch:
    """What a pickle of this touches a file when it is loaded."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.witness,)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("key", ["name", "seeds", "compare", "data"])
def test_yaml_builds_no_objects(key: str, tmp_path: Path) -> None:
    witness, path = tmp_path / "witness", tmp_path / "evil.yaml"
    value = f"!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path [{witness}]]"
    path.write_text(f"{key}: {value}\n", encoding="utf-8")
    for found in (run("config", "check", path), run("train", path), run("train", "--set", f"{key}={value}", path)):
        assert found.exit_code == 2
        assert "is not allowed; plain values only" in found.stderr
    assert not witness.exists()


def test_weights_load_without_pickle(config: Path, tmp_path: Path) -> None:
    answer, witness = sigmoid_lab.train(config, runs=tmp_path / "runs"), tmp_path / "witness"
    for file in Path(answer.run).rglob("*.safetensors"):
        file.write_bytes(pickle.dumps(Touch(witness)))
    with pytest.raises(LabError, match="cannot be read as trained weights"):
        sigmoid_lab.load(answer.run, seed=5, activation="relu")
    assert not witness.exists()
    pickle.loads(pickle.dumps(Touch(witness)))
    assert witness.exists()


BETWEEN_OWN_PROCESSES = ["shared_file.py"]
"""Reads what a process wrote that this one started, in a file that has no name."""


def test_no_source_reads_what_can_run_code_but_from_its_own_processes() -> None:
    readers = re.compile(r"\b(pickle|marshal|shelve|torch\.load|allow_pickle|unsafe_load|eval\(|exec\()")
    assert [path.name for path in SOURCES if readers.search(_code(path))] == BETWEEN_OWN_PROCESSES


def _code(path: Path) -> str:
    """Return a module's text but for its docstrings, and for ``model.eval()``."""
    return re.sub(r'""".*?"""|\.eval\(', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_doctor_runs_the_code_that_it_is_given_and_says_so(tmp_path: Path) -> None:
    witness, model = tmp_path / "witness", tmp_path / "model.py"
    model.write_text(f"import pathlib\npathlib.Path({str(witness)!r}).touch()\ncase = None\n", encoding="utf-8")
    assert "runs that code" in " ".join(run("doctor", "--help").stdout.replace("│", " ").split())
    assert not witness.exists()
    run("doctor", f"{model}:case")
    assert witness.exists()


@pytest.mark.parametrize(
    "name", ["../out", "/tmp/out", "..", ".", "a/b", "a\\b", ".hidden", "-option", "a\nb", "\0", ""]
)
def test_a_name_cannot_leave_the_folder_of_runs(name: str, config: Path) -> None:
    before = sorted(config.parent.rglob("*"))
    found = run("train", config, "--set", f"name={name!r}", "--runs", config.parent / "inner" / "runs")
    assert found.exit_code == 2
    assert sorted(config.parent.rglob("*")) == before


def test_a_name_that_was_changed_in_a_run_cannot_leave_it_either(config: Path, tmp_path: Path) -> None:
    path = Path(sigmoid_lab.train(config, runs=tmp_path / "runs").run)
    experiment = path / "experiment.yaml"
    experiment.write_text(experiment.read_text(encoding="utf-8").replace("name: tiny", "name: ../../out"), "utf-8")
    assert run("train", "--resume", path).exit_code == 2
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["runs", "tiny.yaml"]


def test_workers_listen_on_no_address(config: Path) -> None:
    process = start(config.parent, str(config), *overrides(SETTINGS), "--workers", "2")
    wait_for_a_finished_stack(process)
    workers = descendants(process.pid)
    found = addresses_listened_on([process.pid, *workers])
    process.communicate(timeout=60)
    assert workers
    assert found == set()
