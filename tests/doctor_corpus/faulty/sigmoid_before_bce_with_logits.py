"""A sigmoid stands before a loss that applies its own, so no probability can reach 0 or leave [½, 0.73]."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, images, labels_of, measured, multilabel, sequences
from doctor_corpus.case import Case, Make, mend


def sequential() -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


class Churn(nn.Module):
    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        z = self.out(x)
        return (1 / (1 + torch.exp(-z))).squeeze(-1)


def handwritten_sigmoid() -> Case:
    torch.manual_seed(1)
    inputs, targets = binary(seed=1)
    return {
        "model": Churn(8, 24),
        "loss": F.binary_cross_entropy_with_logits,
        "inputs": inputs,
        "targets": targets.squeeze(1),
    }


class SmallCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(1, 8, 3, padding=1),
                norm1=nn.BatchNorm2d(8),
                act1=nn.ReLU(inplace=True),
                pool=nn.MaxPool2d(2),
            )
        )
        self.classifier = nn.Linear(8 * 4 * 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        logit = self.classifier(self.features(x).flatten(1))
        return 0.5 * (1.0 + torch.tanh(0.5 * logit))


def tanh_form_cnn() -> Case:
    torch.manual_seed(2)
    x = images()
    return {"model": SmallCNN(), "loss": nn.BCEWithLogitsLoss(), "inputs": x, "targets": labels_of(x)}


class SentimentLSTM(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 16, batch_first=True)
        self.fc = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        _, (h, _) = self.lstm(x)
        return self.fc(h[-1])


def in_the_loss() -> Case:
    torch.manual_seed(3)
    x = sequences()

    def criterion(outputs: Tensor, labels: Tensor) -> Tensor:
        probs = outputs.sigmoid()
        weights = torch.where(labels > 0.5, 1.0, 1.0)
        return F.binary_cross_entropy_with_logits(probs, labels, weight=weights)

    return {"model": SentimentLSTM(), "loss": criterion, "inputs": x, "targets": labels_of(x)}


class MemoryEfficientSigmoid(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, z: Tensor) -> Tensor:
        p = torch.special.expit(z)
        ctx.save_for_backward(p)
        return p

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (p,) = ctx.saved_tensors
        return grads[0] * p * (1 - p)


squash: Callable[[Tensor], Tensor] = MemoryEfficientSigmoid.apply


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(10, 32), nn.GELU(), nn.LayerNorm(32))
        self.head = nn.Linear(32, 5)

    def forward(self, x: Tensor) -> Tensor:
        return squash(self.head(self.body(x)))


def custom_function_multilabel() -> Case:
    torch.manual_seed(4)
    inputs, targets = multilabel()
    return {"model": Tagger(), "loss": nn.MultiLabelSoftMarginLoss(), "inputs": inputs, "targets": targets}


class ClickAndSpend(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(8, 32), nn.SiLU())
        self.click = nn.Linear(32, 1)
        self.spend = nn.Linear(32, 1)

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        h = self.trunk(features)
        return {"click": F.logsigmoid(self.click(h)).exp(), "spend": self.spend(h)}


def click_and_spend(click_loss: nn.Module) -> Case:
    torch.manual_seed(5)
    features, clicked = binary(seed=5)
    _, spent = measured(seed=5)

    def multitask(outputs: dict[str, Tensor], targets: dict[str, Tensor]) -> Tensor:
        return click_loss(outputs["click"], targets["click"]) + 0.5 * F.mse_loss(outputs["spend"], targets["spend"])

    return {
        "model": ClickAndSpend(),
        "loss": multitask,
        "inputs": {"features": features},
        "targets": {"click": clicked, "spend": spent},
    }


def multitask_exp_logsigmoid() -> Case:
    return click_and_spend(nn.BCEWithLogitsLoss())


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(6, 16)
        self.block = nn.TransformerEncoderLayer(16, 2, dim_feedforward=32, dropout=0.0, batch_first=True)
        self.score = nn.Sequential(nn.Linear(16, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.block(self.embed(x))
        return self.score(tokens.mean(dim=1))


def transformer() -> Case:
    torch.manual_seed(6)
    x = sequences(seed=6)
    loss = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1.0]))
    return {"model": Encoder(), "loss": loss, "inputs": x, "targets": labels_of(x)}


CASES: dict[str, Make] = {
    "sequential": sequential,
    "handwritten_sigmoid": handwritten_sigmoid,
    "tanh_form_cnn": tanh_form_cnn,
    "in_the_loss": in_the_loss,
    "custom_function_multilabel": custom_function_multilabel,
    "multitask_exp_logsigmoid": multitask_exp_logsigmoid,
    "transformer": transformer,
}

MENDED: dict[str, Make] = {
    "sequential": lambda: mend(sequential(), loss=nn.BCELoss()),
    "handwritten_sigmoid": lambda: mend(handwritten_sigmoid(), loss=nn.BCELoss()),
    "tanh_form_cnn": lambda: mend(tanh_form_cnn(), loss=nn.BCELoss()),
    "in_the_loss": lambda: mend(in_the_loss(), loss=nn.BCEWithLogitsLoss()),
    "custom_function_multilabel": lambda: mend(custom_function_multilabel(), loss=nn.BCELoss()),
    "multitask_exp_logsigmoid": lambda: click_and_spend(nn.BCELoss()),
    "transformer": lambda: mend(transformer(), loss=nn.BCELoss()),
}
