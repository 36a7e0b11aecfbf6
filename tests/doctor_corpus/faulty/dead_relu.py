"""Most units of a ReLU layer are zero on every example of the batch, and so is their gradient."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classes_of, classified, images, measured, multilabel, sequences
from doctor_corpus.case import Case, Make, mend


def bias_far_below_zero(bias: float = -10.0) -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    nn.init.constant_(model.get_parameter("2.bias"), bias)
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


class Regressor(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(8, 24)
        self.fc2 = nn.Linear(24, 24)
        self.out = nn.Linear(24, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.fc1(x))
        h = F.relu(self.fc2(h))
        return self.out(h)


def killed_by_a_learning_rate(learning_rate: float = 0.5) -> Case:
    """A few steps of SGD with far too high a learning rate have pushed every unit below zero."""
    torch.manual_seed(1)
    inputs, targets = measured(seed=1)
    model = Regressor()
    optimiser = torch.optim.SGD(model.parameters(), lr=learning_rate)
    for _ in range(20):
        optimiser.zero_grad()
        F.mse_loss(model(inputs), targets + 3).backward()
        optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return {"model": model, "loss": F.mse_loss, "inputs": inputs, "targets": targets + 3}


class NormedCNN(nn.Module):
    def __init__(self, shift: float = -6.0) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 12, 3, padding=1)
        self.fc = nn.Linear(12, 3)
        nn.init.constant_(self.bn1.bias, shift)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self.bn1(self.conv1(x)).relu()
        x = F.silu(self.conv2(x))
        return {"out": self.fc(x.flatten(2).mean(-1))}


def batchnorm_shift_cnn() -> Case:
    torch.manual_seed(2)
    x = images(seed=2)
    return {
        "model": NormedCNN(),
        "loss": lambda out, y: F.cross_entropy(out["out"], y),
        "inputs": x,
        "targets": classes_of(x, 3),
    }


class SpectrumNet(nn.Module):
    """Decibels, −90 to −30, meet first weights that are all positive."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.rand(8, 40) / 8)
        self.last = nn.Parameter(torch.randn(40, 3) / 40**0.5)
        self.bias = nn.Parameter(torch.zeros(3))

    def forward(self, decibels: Tensor) -> Tensor:
        h = (decibels @ self.first).clamp(min=0)
        return h @ self.last + self.bias


def decibels_by_clamp() -> Case:
    torch.manual_seed(3)
    inputs, targets = classified(seed=3)
    return {"model": SpectrumNet(), "loss": nn.CrossEntropyLoss(), "inputs": 10 * inputs - 60, "targets": targets}


class FeedForward(nn.Module):
    """The bias that a class prior asks for, log(0.001), was given to the hidden layer."""

    def __init__(self, bias: float = -6.9) -> None:
        super().__init__()
        self.up = nn.Linear(16, 48)
        self.down = nn.Linear(48, 16)
        nn.init.constant_(self.up.bias, bias)

    def forward(self, x: Tensor) -> Tensor:
        h = self.up(x)
        h = h * (h > 0)
        return self.down(h)


class TinyTransformer(nn.Module):
    def __init__(self, feed_forward: FeedForward) -> None:
        super().__init__()
        self.embed = nn.Linear(6, 16)
        self.attention = nn.MultiheadAttention(16, 4, batch_first=True)
        self.norm1 = nn.LayerNorm(16)
        self.norm2 = nn.LayerNorm(16)
        self.feed_forward = feed_forward
        self.head = nn.Linear(16, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x)
        h = self.norm1(x)
        x = x + self.attention(h, h, h, need_weights=False)[0]
        x = x + self.feed_forward(self.norm2(x))
        return self.head(x[:, 0])


def prior_bias_transformer() -> Case:
    torch.manual_seed(4)
    x = sequences(seed=4)
    model = TinyTransformer(FeedForward())
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": classes_of(x, 4)}


class MaxTagger(nn.Module):
    def __init__(self, shift: float = 40.0) -> None:
        super().__init__()
        self.hidden = nn.Linear(10, 32)
        self.tags = nn.Linear(32, 5)
        self.shift = shift

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z = self.hidden(x) - self.shift  # meant for the raw scores of another model
        h = torch.maximum(z, torch.zeros_like(z))
        return self.tags(h), h


def maximum_with_zero() -> Case:
    torch.manual_seed(5)
    inputs, targets = multilabel(seed=5)

    def criterion(out: tuple[Tensor, Tensor], y: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(out[0], y)

    return {"model": MaxTagger(), "loss": criterion, "inputs": inputs, "targets": targets}


CASES: dict[str, Make] = {
    "bias_far_below_zero": bias_far_below_zero,
    "killed_by_a_learning_rate": killed_by_a_learning_rate,
    "batchnorm_shift_cnn": batchnorm_shift_cnn,
    "decibels_by_clamp": decibels_by_clamp,
    "prior_bias_transformer": prior_bias_transformer,
    "maximum_with_zero": maximum_with_zero,
}


def standardised_decibels() -> Case:
    case = decibels_by_clamp()
    inputs = case["inputs"]
    return mend(case, inputs=(inputs - inputs.mean(0)) / inputs.std(0))


MENDED: dict[str, Make] = {
    "bias_far_below_zero": lambda: bias_far_below_zero(bias=0.0),
    "killed_by_a_learning_rate": lambda: killed_by_a_learning_rate(learning_rate=0.01),
    "batchnorm_shift_cnn": lambda: mend(batchnorm_shift_cnn(), model=NormedCNN(shift=0.0)),
    "decibels_by_clamp": standardised_decibels,
    "prior_bias_transformer": lambda: mend(prior_bias_transformer(), model=TinyTransformer(FeedForward(bias=0.0))),
    "maximum_with_zero": lambda: mend(maximum_with_zero(), model=MaxTagger(shift=0.0)),
}
