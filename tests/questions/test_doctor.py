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


def test_a_predict_that_raises_is_told() -> None:
    with pytest.raises(LabError, match=r"predict raises ZeroDivisionError"):
        examine(nn.Linear(4, 1), LOSS, X, Y, lambda _: 1 / 0)


def test_missing_targets_that_make_the_loss_nan_are_told() -> None:
    with pytest.raises(LabError, match=r"'targets': 1 values are NaN, and so is the loss"):
        examine(nn.Linear(4, 1), LOSS, X, Y.index_fill(0, torch.tensor([3]), torch.nan))


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(LabError, match=r"'inputs' is an empty batch"):
        examine(nn.Linear(4, 1), LOSS, X[:0], Y[:0])


def test_inputs_without_numbers_are_refused() -> None:
    with pytest.raises(LabError, match=r"'inputs' is on meta, the model on cpu"):
        examine(nn.Linear(4, 1), LOSS, X.to("meta"), Y)


def test_lazy_layers_without_weights_are_refused() -> None:
    with pytest.raises(LabError, match=r"lazy layers have no weights yet; call model\(inputs\) once before"):
        examine(nn.LazyLinear(1), LOSS, X, Y)


def test_a_forward_pass_that_fails_names_the_module() -> None:
    with pytest.raises(LabError, match=r"the model's forward pass, in 0 \(Linear\), raises RuntimeError"):
        examine(nn.Sequential(nn.Linear(5, 1)), LOSS, X, Y)


class Unpacking(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 1)

    def forward(self, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        values, scale = batch
        result: torch.Tensor = self.head(values * scale)
        return result


def test_a_tuple_is_one_argument_where_the_model_takes_one() -> None:
    assert examine(Unpacking(), LOSS, (X, torch.ones(len(X), 1)), Y).healthy


def test_a_pass_that_stops_is_told_beside_what_was_found() -> None:
    (finding,) = examine(faulty(), LOSS, X, Y[:3]).findings
    assert finding.rule == "sigmoid-before-bce-with-logits"
    assert finding.evidence.endswith("must be the same as input size (torch.Size([8, 1]))")


def test_a_pass_that_stops_is_refused_where_its_finding_is_ignored() -> None:
    with pytest.raises(LabError, match=r"the loss raises ValueError: Target size"):
        examine(faulty(), LOSS, X, Y[:3], ignore=["sigmoid-before-bce-with-logits"])


def test_gradients_are_looked_at_also_where_the_caller_has_turned_them_off() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    for parameter in model.parameters():
        nn.init.constant_(parameter, 0.5)
    with torch.no_grad():
        answer = examine(model, LOSS, X, Y)
    assert [finding.rule for finding in answer.findings] == ["symmetric-init"]
