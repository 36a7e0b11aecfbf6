"""What a pass shows: operations with their places, and figures that are known on paper."""

import pytest
import torch
from doctor.faulty import MSE, REAL, WITH_LOGITS, X, Y, mlp
from torch import Tensor, nn

from sigmoid_lab.doctor.case import Case
from sigmoid_lab.doctor.layers import layers
from sigmoid_lab.doctor.observe import observe
from sigmoid_lab.doctor.reach import reach_of


class Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, 8))

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x @ self.weight.T)


def test_an_operation_knows_its_line() -> None:
    operations = observe(Case(Functional(), MSE, X, REAL)).operations
    (tanh,) = [op for op in operations if op.name == "tanh"]
    assert tanh.file == __file__
    assert tanh.line == Functional.forward.__code__.co_firstlineno + 1


def test_functions_and_modules_give_the_same_layers() -> None:
    assert [layer.layer for layer in layers(observe(Case(Functional(), MSE, X, REAL)))] == ["weight"]
    assert [layer.layer for layer in layers(observe(Case(mlp(), MSE, X, REAL)))] == ["0", "2", "4"]


def test_gradient_norms_are_those_of_autograd() -> None:
    model = mlp()
    rows = layers(observe(Case(model, WITH_LOGITS, X, Y)))
    WITH_LOGITS(model(X), Y).backward()
    for row, index in zip(rows, (0, 2, 4), strict=True):
        gradient = model[index].weight.grad
        assert isinstance(gradient, Tensor)
        assert row.weight_gradient_norm == pytest.approx(gradient.norm().item(), rel=1e-5)


def test_saturated_and_dead_shares_are_counted_by_the_slope() -> None:
    model = nn.Sequential(nn.Linear(1, 4, bias=False), nn.Sigmoid(), nn.Linear(4, 2), nn.ReLU(), nn.Linear(2, 1))
    with torch.no_grad():
        model.get_parameter("0.weight").copy_(torch.tensor([[0.0], [1.0], [5.9], [6.1]]))  # σ′ is 1 % of ¼ at 5.99
        model.get_parameter("2.weight").copy_(torch.tensor([[1.0] * 4, [-1.0] * 4]))
        model.get_parameter("2.bias").zero_()
    first, second, _ = layers(observe(Case(model, MSE, torch.ones(3, 1), torch.ones(3, 1))))
    assert (first.activation, first.saturated_share) == ("sigmoid", 0.25)
    assert (second.activation, second.dead_share) == ("relu", 0.5)


def test_what_reaches_the_loss_is_found_by_replacing_the_last_weights_output() -> None:
    (sink,) = observe(Case(mlp(1, nn.Sigmoid()), WITH_LOGITS, X, Y)).sinks
    assert sink.reach is not None
    assert sink.reach.is_probability
    assert sink.now is not None
    assert 0.3 < sink.now.low < sink.now.high < 0.7
    (sink,) = observe(Case(mlp(), WITH_LOGITS, X, Y)).sinks
    assert sink.reach is not None
    assert not sink.reach.is_probability


def test_a_distribution_is_told_from_its_logarithm() -> None:
    z = 5.0 * torch.randn(20, 4, generator=torch.Generator().manual_seed(0))
    assert reach_of(z.softmax(1)).sums_to_one == (1,)
    assert reach_of(z.log_softmax(1)).exponentials_sum_to_one == (1,)
    assert not reach_of(z.sigmoid()).is_distribution


def test_only_examples_that_get_a_gradient_are_counted() -> None:
    mask = torch.tensor([1.0, 0.0] * 8)[:, None]
    case = Case(mlp(), lambda o, t: ((o - t) ** 2 * mask).mean(), X, REAL)
    assert observe(case).examples_with_gradient == 0.5
