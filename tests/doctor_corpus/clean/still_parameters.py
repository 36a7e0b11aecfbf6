"""Parameters and units that rightly get no gradient, or start at zero."""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classified, images, measured
from doctor_corpus.blocks import mlp
from doctor_corpus.case import Case, Make


def frozen_backbone() -> Case:
    torch.manual_seed(11)
    inputs, targets = classified()
    backbone = mlp(8, 32, 32).requires_grad_(False)
    model = nn.Sequential(backbone, nn.ReLU(), nn.Linear(32, 3))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


class FrozenFeatures(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Conv2d(1, 8, 3).requires_grad_(False)
        self.head = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            features = F.relu(self.backbone(x)).mean((2, 3))
        return self.head(features)


def frozen_under_no_grad() -> Case:
    torch.manual_seed(12)
    x = images()
    targets = (x.mean((1, 2, 3)) > 0).long()
    return {"model": FrozenFeatures(), "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": targets}


class Bootstrap(nn.Module):
    """An online network learns to predict what a frozen, slowly moving copy says (BYOL)."""

    def __init__(self) -> None:
        super().__init__()
        self.online = mlp(8, 24, 12)
        self.predictor = mlp(12, 24, 12)
        self.target = copy.deepcopy(self.online).requires_grad_(False)

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            expected = self.target(right)
        return self.predictor(self.online(left)), expected


def stop_gradient_on_purpose() -> Case:
    torch.manual_seed(31)
    inputs, _ = measured()

    def criterion(out: tuple[Tensor, Tensor], _: object) -> Tensor:
        return 2 - 2 * F.cosine_similarity(out[0], out[1], dim=1).mean()

    noisy = (inputs + 0.1 * torch.randn_like(inputs), inputs + 0.1 * torch.randn_like(inputs))
    return {"model": Bootstrap(), "loss": criterion, "inputs": noisy, "targets": torch.zeros(32)}


def relu_layer_with_some_dead_units() -> Case:
    torch.manual_seed(22)
    inputs, targets = classified()
    model = mlp(8, 48, 3)
    nn.init.constant_(model.get_parameter("0.bias")[:12], -20.0)
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


def zero_initialised_head() -> Case:
    torch.manual_seed(23)
    inputs, targets = classified(classes=4)
    model = mlp(8, 32, 4, activation=nn.GELU)
    nn.init.zeros_(model.get_parameter("2.weight"))
    nn.init.zeros_(model.get_parameter("2.bias"))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


def logistic_regression_from_zeros() -> Case:
    """Without a hidden layer there is no symmetry to break."""
    torch.manual_seed(24)
    inputs, targets = binary()
    model = nn.Linear(8, 1)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        frozen_backbone,
        frozen_under_no_grad,
        stop_gradient_on_purpose,
        relu_layer_with_some_dead_units,
        zero_initialised_head,
        logistic_regression_from_zeros,
    )
}
