import re
from pathlib import Path

import pytest
import yaml

from sigmoid_lab.config.blocks import blocks
from sigmoid_lab.config.dump import plain
from sigmoid_lab.config.load import load
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.config.starters import LINE_LENGTH, starter
from sigmoid_lab.vocabulary import (
    ACTIVATIONS,
    DATA_KINDS,
    DEVICES,
    DTYPES,
    INITIALISATIONS,
    LOSSES,
    NETWORK_KINDS,
    OPTIMISERS,
    DataKind,
)

each_kind = pytest.mark.parametrize("kind", DATA_KINDS)


def keys(text: str) -> set[str]:
    """Return the keys of a starter, those that are commented out included."""
    return set(re.findall(r"^ *(?:# )?([a-z_.]+):(?: |$)", text, re.MULTILINE))


def comments(text: str) -> str:
    """Return what the comments beside the keys say, as one line."""
    return " ".join(re.findall(r" # (.*)$", text, re.MULTILINE))


def read(text: str, folder: Path) -> Experiment:
    path = folder / "x.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


@each_kind
def test_a_starter_is_an_experiment_on_its_kind_of_data(kind: DataKind, tmp_path: Path) -> None:
    assert read(starter(kind, "x.yaml"), tmp_path).data.kind == kind


@each_kind
def test_a_starter_opens_with_the_command_that_runs_it_and_the_schema(kind: DataKind) -> None:
    assert starter(kind, "some where/x.yaml").splitlines()[:2] == [
        "# sigmoid-lab train 'some where/x.yaml'",
        "# yaml-language-server: $schema=experiment.schema.json",
    ]


def test_a_starter_says_how_the_schema_comes_beside_it() -> None:
    assert "# sigmoid-lab config schema > there/experiment.schema.json " in starter("xor", "there/x.yaml")


@each_kind
def test_a_starter_shows_every_key(kind: DataKind) -> None:
    fields = Experiment.model_fields
    own = blocks(fields["data"])[kind].model_fields
    inner = {
        key for name in fields if name != "data" for form in blocks(fields[name]).values() for key in form.model_fields
    }
    assert keys(starter(kind, "x.yaml")) == {*fields, *own, *inner, "network.activation"}


@each_kind
def test_a_starter_names_every_word(kind: DataKind) -> None:
    told = re.split(r"[ ;:,]+", comments(starter(kind, "x.yaml")))
    vocabulary = (DATA_KINDS, NETWORK_KINDS, OPTIMISERS, ACTIVATIONS, INITIALISATIONS, LOSSES, DEVICES, DTYPES)
    assert {word for words in vocabulary for word in words} <= set(told)


def test_a_starter_changes_no_default_but_name_data_and_what_is_compared(tmp_path: Path) -> None:
    values = plain(read(starter("random-labels", "x.yaml"), tmp_path))
    assert values == plain(Experiment()) | {
        "name": "random-labels",
        "compare": {"network.activation": ["sigmoid", "relu"]},
    }


@each_kind
def test_what_is_commented_out_can_take_the_place_of_what_is_not(kind: DataKind, tmp_path: Path) -> None:
    text = re.sub(r"^  (steps|depth|width):", r"  # \1:", starter(kind, "x.yaml"), flags=re.MULTILINE)
    experiment = read(text.replace("  # epochs:", "  epochs:").replace("  # widths:", "  widths:"), tmp_path)
    assert (experiment.training.epochs, experiment.training.steps) == (20, None)
    assert experiment.network.hidden_widths == ((64,) if kind == "multilabel" else (64, 32))


@each_kind
def test_a_starter_fits_a_screen_and_any_pipe(kind: DataKind) -> None:
    text = starter(kind, "x.yaml")
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= LINE_LENGTH


@each_kind
def test_each_shown_value_is_the_default_that_its_comment_names(kind: DataKind) -> None:
    text = starter(kind, "x.yaml")
    shown = re.findall(r"^ *([a-z_]+): (\S+) +# [^;\n]*; default (\S+)$", text, re.MULTILINE)
    assert len(shown) > 5
    assert all(value == default for key, value, default in shown if key not in {"name", "kind"})


def test_a_starter_is_yaml_for_other_readers_too() -> None:
    assert yaml.safe_load(starter("moons", "x.yaml"))["data"] == {
        "kind": "moons",
        "samples": 1024,
        "test_share": 0.25,
        "features": 2,
        "noise": 0.1,
    }
