"""Examining from Python, and in a test suite."""

import pytest
import torch
from torch import nn

from sigmoid_lab import LabError, assert_healthy, examine

X = torch.randn(8, 4, generator=torch.Generator().manual_seed(0))
Y = (X[:, :1] > 0).float()
LOSS = nn.BCEWithLogitsLoss()


def faulty() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())


def test_findings_and_layers_are_plain_objects() -> None:
    answer = examine(faulty(), LOSS, X, Y)
    assert [finding.rule for finding in answer.findings] == ["sigmoid-before-bce-with-logits"]
    assert [layer.layer for layer in answer.layers] == ["0"]
    assert answer.records("layers")[0]["kind"] == "Linear"


def test_a_faulty_model_fails_a_test_with_what_is_wrong() -> None:
    with pytest.raises(AssertionError, match=r"sigmoid-before-bce-with-logits at 1 \(Sigmoid\)"):
        assert_healthy(faulty(), LOSS, X, Y)


def test_a_healthy_model_passes() -> None:
    assert_healthy(nn.Linear(4, 1), LOSS, X, Y)


def test_a_warning_fails_no_test() -> None:
    assert_healthy(faulty(), nn.BCELoss(), X, Y)


def test_an_ignored_rule_fails_no_test() -> None:
    assert_healthy(faulty(), LOSS, X, Y, ignore=["sigmoid-before-bce-with-logits"])


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(LabError, match=r"'model' is of type list; give a torch\.nn\.Module"):
        examine([], LOSS, X, Y)  # type: ignore[arg-type]


def test_declined_second_looks_still_find_what_one_pass_shows() -> None:
    answer = examine(faulty(), LOSS, X, Y, second_looks=False)
    assert [finding.rule for finding in answer.findings] == ["sigmoid-before-bce-with-logits"]
