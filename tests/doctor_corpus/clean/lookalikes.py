"""Sigmoids and softmaxes that stand where they should, though they have a faulty sister."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classified, measured, sequences
from doctor_corpus.blocks import mlp
from doctor_corpus.case import Case, Make


class GatedHead(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.value = nn.Linear(8, 24)
        self.gate = nn.Linear(8, 24)
        self.head = nn.Linear(24, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.value(x) * torch.sigmoid(self.gate(x)))


def sigmoid_gates_before_a_logits_head() -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()
    return {"model": GatedHead(), "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


def hidden_sigmoid_layer() -> Case:
    torch.manual_seed(1)
    inputs, targets = binary()
    model = mlp(8, 32, 1, activation=nn.Sigmoid)
    return {"model": model, "loss": F.binary_cross_entropy_with_logits, "inputs": inputs, "targets": targets}


def sigmoid_with_bce_loss() -> Case:
    """Fragile, not wrong: its logits are small."""
    torch.manual_seed(2)
    inputs, targets = binary()
    model = nn.Sequential(mlp(8, 32, 1), nn.Sigmoid())
    return {"model": model, "loss": nn.BCELoss(), "inputs": inputs, "targets": targets}


class AttentionPooling(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(6, 16)
        self.score = nn.Linear(16, 1)
        self.head = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.tanh(self.embed(x))
        weights = torch.softmax(self.score(h), dim=1)
        return self.head((weights * h).sum(1))


def softmax_attention() -> Case:
    torch.manual_seed(3)
    x = sequences()
    return {"model": AttentionPooling(), "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": x[:, 0, :3].argmax(1)}


def log_softmax_with_nll() -> Case:
    torch.manual_seed(4)
    inputs, targets = classified()
    model = nn.Sequential(mlp(8, 24, 3), nn.LogSoftmax(dim=1))
    return {"model": model, "loss": nn.NLLLoss(), "inputs": inputs, "targets": targets}


def log_softmax_with_cross_entropy() -> Case:
    """Superfluous, but log-softmax of a log-softmax is itself."""
    torch.manual_seed(5)
    inputs, targets = classified()
    model = nn.Sequential(mlp(8, 24, 3), nn.LogSoftmax(dim=1))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


def log_of_softmax_by_hand() -> Case:
    torch.manual_seed(6)
    inputs, targets = classified()

    def criterion(logits: Tensor, y: Tensor) -> Tensor:
        return F.nll_loss(torch.log(logits.softmax(dim=1) + 1e-9), y)

    return {"model": mlp(8, 24, 3), "loss": criterion, "inputs": inputs, "targets": targets}


def autoencoder_with_sigmoid_and_mse() -> Case:
    torch.manual_seed(13)
    pixels = torch.rand(16, 64)
    model = nn.Sequential(mlp(64, 16, 64), nn.Sigmoid())
    return {"model": model, "loss": nn.MSELoss(), "inputs": pixels, "targets": pixels.clone()}


def autoencoder_with_logits_on_grey_pixels() -> Case:
    torch.manual_seed(14)
    pixels = torch.rand(16, 64)
    return {"model": mlp(64, 16, 64), "loss": nn.BCEWithLogitsLoss(), "inputs": pixels, "targets": pixels.clone()}


def regression_of_a_share_by_sigmoid() -> Case:
    torch.manual_seed(15)
    inputs, targets = measured()
    model = nn.Sequential(mlp(8, 24, 1, activation=nn.Tanh), nn.Sigmoid())
    return {"model": model, "loss": nn.SmoothL1Loss(), "inputs": inputs, "targets": torch.sigmoid(targets)}


def scaled_sigmoid_regression() -> Case:
    """A rating from 1 to 5, as 1 + 4σ(z)."""
    torch.manual_seed(16)
    inputs, targets = measured()

    class Rating(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = mlp(8, 24, 1)

        def forward(self, x: Tensor) -> Tensor:
            return 1 + 4 * torch.sigmoid(self.net(x))

    return {"model": Rating(), "loss": nn.MSELoss(), "inputs": inputs, "targets": 3 + targets.clamp(-2, 2)}


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        sigmoid_gates_before_a_logits_head,
        hidden_sigmoid_layer,
        sigmoid_with_bce_loss,
        softmax_attention,
        log_softmax_with_nll,
        log_softmax_with_cross_entropy,
        log_of_softmax_by_hand,
        autoencoder_with_sigmoid_and_mse,
        autoencoder_with_logits_on_grey_pixels,
        regression_of_a_share_by_sigmoid,
        scaled_sigmoid_regression,
    )
}
