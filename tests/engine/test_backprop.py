"""The backward pass by hand, held against autograd for every activation and every loss."""

import pytest
import torch
from torch import Tensor

from sigmoid_lab.engine.backprop import Backpropagation
from sigmoid_lab.engine.networks import DeepNet, MultiLabelClassifier, Network
from sigmoid_lab.functions.losses import LOSSES
from sigmoid_lab.vocabulary import ACTIVATIONS, ActivationName, LossName


def batch(labels: int = 1, scale: float = 1.0) -> tuple[Tensor, Tensor]:
    torch.manual_seed(3)
    x = scale * torch.randn(3, 7, 5, dtype=torch.float64)
    return x, torch.randint(0, 2, (3, 7, labels)).double()


def by_autograd(network: Network, loss: LossName, x: Tensor, y: Tensor) -> list[Tensor]:
    """Return the gradients in the order of the parameters: weight, bias, weight, bias, …"""
    losses = LOSSES[loss](network(x), y).mean((1, 2))
    return list(torch.autograd.grad(losses.sum(), list(network.parameters())))


def by_hand(network: Network, loss: LossName, x: Tensor, y: Tensor) -> list[Tensor]:
    gradients = Backpropagation(network, loss)(x, y)
    return [part for pair in zip(gradients.weights, gradients.biases, strict=True) for part in pair]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_those_of_autograd(activation: ActivationName, loss: LossName) -> None:
    network = DeepNet(5, 3, 6, activation, copies=3).double()
    x, y = batch(scale=3.0)
    # torch's hard sigmoid has a slope of 1/6 in float32 even in float64, an error of 3e-8 a layer.
    rtol = 1e-7 if activation == "hard-sigmoid" else 1e-10
    for mine, other in zip(by_hand(network, loss, x, y), by_autograd(network, loss, x, y), strict=True):
        torch.testing.assert_close(mine, other, rtol=rtol, atol=1e-14)


def test_several_labels_are_those_of_autograd() -> None:
    network = MultiLabelClassifier(5, 4, (6, 3), "gelu", copies=3).double()
    x, y = batch(labels=4)
    for mine, other in zip(
        by_hand(network, "bce-with-logits", x, y), by_autograd(network, "bce-with-logits", x, y), strict=True
    ):
        torch.testing.assert_close(mine, other, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("activation", ["relu", "leaky-relu", "elu", "selu", "hard-tanh", "softsign"])
def test_a_kink_has_the_slope_that_autograd_takes(activation: ActivationName) -> None:
    network = DeepNet(5, 2, 6, activation, copies=3).double()
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)
    torch.nn.init.ones_(next(reversed(list(network.parameters()))))
    x, y = batch()
    for mine, other in zip(
        by_hand(network, "bce-with-logits", x, y), by_autograd(network, "bce-with-logits", x, y), strict=True
    ):
        assert torch.equal(mine, other)


@pytest.mark.parametrize("loss", ["hand-written-bce", "sigmoid-then-bce", "bce-with-logits"])
def test_where_a_loss_breaks_the_gradients_break_as_autograds_do(loss: LossName) -> None:
    network = DeepNet(5, 1, 6, "identity", copies=3)
    x, y = batch(scale=1e4)
    hand, auto = by_hand(network, loss, x.float(), y.float()), by_autograd(network, loss, x.float(), y.float())
    for mine, other in zip(hand, auto, strict=True):
        assert torch.equal(mine.isnan(), other.isnan())
    assert any(part.isnan().any() for part in hand) == (loss == "hand-written-bce")


def test_a_pass_leaves_the_parameters_without_gradients_and_as_they_were() -> None:
    network = DeepNet(5, 2, 6, copies=3)
    before = [parameter.clone() for parameter in network.parameters()]
    x, y = batch()
    Backpropagation(network, "mse")(x.float(), y.float())
    for parameter, was in zip(network.parameters(), before, strict=True):
        assert parameter.grad is None
        assert torch.equal(parameter, was)


def test_passes_over_batches_of_changing_size_are_those_of_autograd() -> None:
    network = DeepNet(5, 2, 6, "identity", copies=3).double()
    x, y = batch()
    passes = Backpropagation(network, "bce-with-logits")
    for size in (7, 3, 7, 1):
        part, targets = x[:, :size], y[:, :size]
        gradients = passes(part, targets)
        found = [part for pair in zip(gradients.weights, gradients.biases, strict=True) for part in pair]
        for mine, other in zip(found, by_autograd(network, "bce-with-logits", part, targets), strict=True):
            torch.testing.assert_close(mine, other, rtol=1e-10, atol=1e-14)


def test_a_pass_leaves_its_batch_as_it_was() -> None:
    network = DeepNet(5, 2, 6, "identity", copies=3).double()
    x, y = batch()
    before = x.clone(), y.clone()
    Backpropagation(network, "bce-with-logits")(x, y)
    assert torch.equal(x, before[0])
    assert torch.equal(y, before[1])


def test_the_vector_of_gradients_moves_with_them() -> None:
    network = DeepNet(5, 2, 6, copies=3).double()
    gradients = Backpropagation(network, "mse")(*batch())
    total = sum(part.abs().sum() for part in gradients.weights + gradients.biases)
    assert gradients.vector.abs().sum() == pytest.approx(total)
