"""The command doctor: what it takes, what it refuses, what it prints and how it ends."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sigmoid_lab.cli import app

MODEL = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(4, 8), nn.Linear(8, 1)

    def forward(self, x):
        return torch.sigmoid(self.head(self.body(x).relu())){comment}


def case(model=None, loss=nn.BCEWithLogitsLoss(), inputs=None, **more):
    torch.manual_seed(0)
    inputs = torch.randn(16, 4) if inputs is None else inputs
    return dict(model=model or Net(), loss=loss, inputs=inputs, targets=(inputs[:, :1] > 0).float(), **more)


def healthy():
    return case(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)))


def raises():
    return [][1]


def leaves():
    raise SystemExit(5)


def drawn():
    inputs = torch.randn(16, 4)
    return dict(model=Net(), loss=nn.BCEWithLogitsLoss(), inputs=inputs, targets=(inputs[:, :1] > 0).float())


def fails():
    return case(nn.Sequential(nn.Linear(5, 1)))


def no_dict():
    return 3


def wrong_key():
    return {{"model": Net(), "loss": nn.MSELoss(), "input": torch.ones(3, 4), "targets": torch.ones(3, 1)}}


def no_scalar():
    return case(loss=nn.BCEWithLogitsLoss(reduction="none"))


def no_gradient():
    return case(loss=lambda o, t: nn.functional.mse_loss(o.detach(), t))


def no_parameters():
    return case(nn.ReLU())


def not_a_number():
    return case(inputs=torch.full((16, 4), float("nan")))


def loss_class():
    return case(loss=nn.MSELoss)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MODEL.format(comment=""), encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ("doctor", *arguments), prog_name="sigmoid-lab")


def test_an_error_found_ends_with_3_and_names_the_line(folder: Path) -> None:
    result = run("mine.py:case")
    assert result.exit_code == 3
    assert result.stdout.startswith("Not healthy: sigmoid-before-bce-with-logits (1 error).")
    assert "mine.py:11" in result.stdout


def test_a_healthy_model_ends_with_0(folder: Path) -> None:
    result = run("mine.py:healthy")
    assert result.exit_code == 0
    assert result.stdout.startswith("Healthy")


def test_json_has_the_keys_of_the_contract(folder: Path) -> None:
    answer = json.loads(run("mine.py:case", "--json").stdout)
    assert (answer["schema_version"], answer["command"]) == (1, "doctor")
    assert {"rule", "severity", "where", "evidence", "fix"} <= answer["findings"][0].keys()
    assert [layer["layer"] for layer in answer["layers"]] == ["body", "head"]


def test_a_rule_can_be_ignored(folder: Path) -> None:
    assert run("mine.py:case", "--ignore", "sigmoid-before-bce-with-logits").exit_code == 0


def test_a_comment_on_the_line_named_ignores_a_rule(folder: Path) -> None:
    text = MODEL.format(comment="  # sigmoid-lab: ignore[sigmoid-before-bce-with-logits]")
    (folder / "commented.py").write_text(text, encoding="utf-8")
    assert run("commented.py:case").exit_code == 0


def test_a_comment_for_another_rule_ignores_nothing(folder: Path) -> None:
    (folder / "other.py").write_text(MODEL.format(comment="  # sigmoid-lab: ignore[dead-relu]"), encoding="utf-8")
    assert run("other.py:case").exit_code == 3


def test_a_model_class_is_examined_on_random_data(folder: Path) -> None:
    result = run("mine.py:Net", "--input", "8,4", "--loss", "bce-with-logits")
    assert result.exit_code == 3
    assert "sigmoid-before-bce-with-logits" in result.stdout


def test_a_module_is_found_by_its_dotted_name(folder: Path) -> None:
    assert run("mine:healthy").exit_code == 0


def test_a_case_drawn_at_random_is_the_same_every_time(folder: Path) -> None:
    assert run("mine.py:drawn").stdout == run("mine.py:drawn").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("min.py:case",), "min.py: no such file; did you mean 'mine.py'?"),
        (("mine.py:cas",), "there is no 'cas'; did you mean 'case'?"),
        (("mine.py",), "write FILE.py:NAME"),
        (("nowhere.to:be",), "nowhere.to: no such module"),
        (("./mine:case",), "./mine: no such module; for a file write its name with .py"),
        (("mine.py:leaves",), "mine.py:leaves raises SystemExit: 5"),
        (("mine.py:raises",), "mine.py:25, in raises: return [][1]"),
        (("mine.py:fails",), "the model's forward pass, in 0 (Linear), raises RuntimeError: mat1 and mat2"),
        (("mine.py:no_dict",), "what it returned is of type int; return a dict with model, loss, inputs, targets"),
        (("mine.py:wrong_key",), "the dict's key 'input' is unknown; did you mean 'inputs'?"),
        (("mine.py:no_scalar",), "loss: it has the shape (16, 1) and is no scalar"),
        (("mine.py:no_gradient",), "loss: it does not require a gradient"),
        (("mine.py:no_parameters",), "the model has no parameters"),
        (("mine.py:not_a_number",), "'inputs': 64 of 64 values are NaN or infinite"),
        (("mine.py:loss_class",), "'loss' is the class MSELoss; give an instance: MSELoss()"),
        (("mine.py:case", "--ignore", "dead-rule"), "ignore: 'dead-rule' is unknown; did you mean 'dead-relu'?"),
        (("mine.py:Net",), "a model needs --input SHAPE and --loss NAME"),
        (("mine.py:Net", "--input", "8;4", "--loss", "mse"), "--input: '8;4' is no shape"),
        (("mine.py:Net", "--input", "8,4", "--loss", "bcee"), "loss: 'bcee' is unknown; did you mean 'bce'?"),
        (("mine.py:case", "--loss", "mse"), "--input and --loss go with a model"),
    ],
)
def test_bad_input_is_told_clearly_with_exit_code_2(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert "site-packages" not in result.stderr
