"""What CONTRIBUTING.md shows how to add works, and keeps the rooms and the types in order."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SORTED = """
import torch
from torch import nn

def case():
    torch.manual_seed(0)
    inputs = torch.randn(32, 4)
    return {"model": nn.Linear(4, 1), "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": torch.ones(32, 1)}
"""


class Checkout:
    """A copy of the package to which the patch of one section is applied."""

    def __init__(self, folder: Path, section: str) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "sigmoid_lab", folder / "sigmoid_lab", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "tests" / "functions", folder / "tests" / "functions")
        shutil.copytree(ROOT / "tests" / "theory", folder / "tests" / "theory")
        (folder / "sorted.py").write_text(SORTED, encoding="utf-8")
        (patch,) = re.findall(rf"### … {section}\n.*?```diff\n(.*?)```", CONTRIBUTING, re.DOTALL)
        self.run("git", "apply", "--recount", "--unidiff-zero", "-", given=patch)

    def run(self, *command: str, given: str = "", code: int = 0) -> str:
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "GIT_CEILING_DIRECTORIES": str(self.folder.parent)}
        process = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert process.returncode == code, process.stdout + process.stderr
        return process.stdout

    def answer(self, *arguments: str) -> Any:
        return json.loads(self.run(sys.executable, "-m", "sigmoid_lab", *arguments, "--json", "--quiet"))

    def test(self, *files: str, words: str) -> str:
        options = ("-q", "-n", "0", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), "-k", words)
        return self.run(
            sys.executable, "-m", "pytest", *options, *(str(self.folder / "tests" / file) for file in files)
        )


def test_an_activation_is_added_as_shown(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, "an activation")
    (row,) = checkout.answer("table", "-a", "isru", "--at", "1")["rows"]
    assert row["value"] == pytest.approx(0.5**0.5)
    assert row["derivative"] == row["share_of_max_slope"] == pytest.approx(0.5**1.5)
    found = checkout.answer("compare-depth", "-a", "isru", "--layers", "1", "--seeds", "64")["by_depth"][0]
    assert found["gradient_norm"]["rms"] == pytest.approx(found["predicted_rms"], rel=0.15)


def test_the_tests_of_every_word_take_the_activation_in(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, "an activation")
    files = ("functions/test_activations.py", "functions/test_slopes.py", "theory/test_slopes.py")
    assert " passed" in checkout.test(*files, words="isru")


def test_a_loss_is_added_as_shown(tmp_path: Path) -> None:
    answer = Checkout(tmp_path, "a loss").answer("stability", "--dtype", "float32", "--at", "1000")
    rows = {row["target"]: row for row in answer["loss"] if row["implementation"] == "softplus-form"}
    assert [rows[target]["loss"] for target in (0, 1)] == [1000.0, 0.0]
    assert rows[0]["verdict"] == "exact"


def test_a_rule_is_added_as_shown(tmp_path: Path) -> None:
    findings = Checkout(tmp_path, "a rule of `doctor`").answer("doctor", "sorted.py:case")["findings"]
    assert [finding["rule"] for finding in findings] == ["one-class"]
    assert findings[0]["evidence"] == "all 32 targets of the batch are 1"


def test_a_question_is_added_as_shown(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, "a question")
    rows = checkout.answer("bound", "-a", "sigmoid", "--layers", "3")["rows"]
    assert [row["kept"] for row in rows] == [1 / 4, 1 / 16, 1 / 64]
    assert "0.01562" in checkout.run(sys.executable, "-m", "sigmoid_lab", "bound")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    checkout.run(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")
