"""The README tells the truth: its commands run and print what it shows, and it names every command."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from math import isnan, nan
from pathlib import Path

import pytest
import typer

from sigmoid_lab.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
WRONG = """\
seeds: 16
network:
  kind: deep
  depht: 4
loss: bce
optimizer: {kind: sgd, learning_rate: -0.1}
"""
"""The file of the README's example of mistakes."""

CLASSIFIER = re.findall(r"With this in classifier.py:\n\n```\n(.*?)```", README, re.DOTALL)[0]
"""The file of the README's example of a faulty model."""

TIMED = re.compile(r"\d{8}-\d{6}-\S+")
"""Names that hold a time."""


def shown() -> list[tuple[str, str]]:
    """Return each command that the README shows, and the output that it shows below."""
    blocks = re.findall(r"```console\n\$ (.*?)\n(.*?)\n```", README, re.DOTALL)
    assert len(blocks) >= 4
    return blocks


def words(text: str) -> Iterator[str | float]:
    """Yield the words of an output, numbers as numbers."""
    for word in TIMED.sub("RUN", text).split():
        try:
            number = float(word.strip("():,"))
        except ValueError:
            number = nan
        yield word if isnan(number) else number


@pytest.mark.parametrize(("command", "output"), shown(), ids=[command for command, _ in shown()])
def test_a_command_prints_what_the_readme_shows(command: str, output: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    (tmp_path / "wrong.yaml").write_text(WRONG, encoding="utf-8")
    (tmp_path / "classifier.py").write_text(CLASSIFIER, encoding="utf-8")
    process = subprocess.run(
        [sys.executable, "-m", *shlex.split(command.replace("sigmoid-lab", "sigmoid_lab", 1))],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    printed, expected = list(words(process.stdout + process.stderr)), list(words(output))
    assert len(printed) == len(expected)
    for got, wanted in zip(printed, expected, strict=True):
        if isinstance(wanted, str) or not command.startswith("sigmoid-lab train"):
            # Another processor rounds differently.
            assert got == (pytest.approx(wanted, rel=0.03) if isinstance(wanted, float) else wanted)
        else:
            # Thousands of updates amplify that; what they end in is told in words, and tested below.
            assert isinstance(got, float)


def test_relu_learns_coin_tosses_by_heart_and_sigmoid_does_not(tmp_path: Path) -> None:
    from sigmoid_lab import train

    sigmoid, relu = train(ROOT / "configs" / "bad_vs_good.yaml", ["seeds=8"], tmp_path).groups
    assert (sigmoid.metrics["accuracy"].end.high or 1.0) < 0.6
    assert (relu.metrics["accuracy"].end.median or 0.0) > 0.9
    assert (relu.metrics["test_accuracy"].end.median or 1.0) < 0.6


def test_every_command_stands_in_the_readme() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    for name, command in group.commands.items():
        assert f"sigmoid-lab {name}" in README
        for child in getattr(command, "commands", {}):
            assert re.search(rf"`(sigmoid-lab {name} )?{child}\b", README), f"{name} {child}"


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!https:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_yaml_shown_is_a_valid_experiment(tmp_path: Path) -> None:
    from sigmoid_lab.config.load import load

    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "shown.yaml").write_text(block, encoding="utf-8")
    assert load(tmp_path / "shown.yaml").name == "every-key"


def test_the_python_shown_runs(tmp_path: Path) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    subprocess.run(
        [sys.executable, "-c", block],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
