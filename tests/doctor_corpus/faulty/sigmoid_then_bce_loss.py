"""A sigmoid and then BCELoss, on logits so large that probabilities round to 0 or 1: wrong examples teach nothing."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, images, labels_of, multilabel, sequences
from doctor_corpus.case import Case, Make, Through, mend


def with_outliers(inputs: Tensor, scale: float, seed: int) -> Tensor:
    """Return the batch with every eighth example a far outlier, as a column in other units makes it."""
    inputs = inputs.clone()
    inputs[::8] *= scale
    return inputs


class Logistic(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.linear(x))


def logistic_regression_on_raw_columns() -> Case:
    torch.manual_seed(0)
    inputs, targets = binary(64)
    return {
        "model": Logistic(8),
        "loss": nn.BCELoss(),
        "inputs": with_outliers(inputs, 1000.0, 0),
        "targets": targets,
    }


def sequential_with_outliers() -> Case:
    torch.manual_seed(1)
    inputs, targets = binary(64, seed=1)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
    return {
        "model": model,
        "loss": nn.BCELoss(),
        "inputs": with_outliers(inputs, 2000.0, 1),
        "targets": 1 - targets,
    }


class ConfidentCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 3)
        self.head = nn.Linear(6, 1)

    def logits(self, image: Tensor) -> Tensor:
        maps = torch.relu(self.conv(image))
        return self.head(maps.amax(dim=(2, 3)))

    def forward(self, image: Tensor) -> Tensor:
        return 1.0 / (1.0 + (-self.logits(image)).exp())


def handwritten_sigmoid_cnn() -> Case:
    torch.manual_seed(2)
    x = with_outliers(images(32), 300.0, 2)

    def criterion(probs: Tensor, labels: Tensor) -> Tensor:
        return F.binary_cross_entropy(probs, labels)

    model = ConfidentCNN()
    return {
        "model": model,
        "loss": criterion,
        "inputs": x,
        "targets": (torch.arange(32) % 16 == 0).float().unsqueeze(1),
    }


class SharpTagger(nn.Module):
    """Divides its logits by a small temperature."""

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(10, 32), nn.Tanh())
        self.head = nn.Linear(32, 2)
        self.temperature = temperature

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x)) / self.temperature


def temperature_multilabel() -> Case:
    torch.manual_seed(3)
    inputs, targets = multilabel(labels=2)

    def criterion(logits: Tensor, labels: Tensor) -> Tensor:
        return nn.BCELoss()(0.5 + 0.5 * torch.tanh(logits / 2), labels)

    return {"model": SharpTagger(0.008), "loss": criterion, "inputs": inputs, "targets": targets}


class SequenceScorer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(6, 12, batch_first=True)
        self.evidence = nn.Linear(12, 1, bias=False)

    def logits(self, x: Tensor) -> Tensor:
        steps, _ = self.gru(x)
        return 25 * self.evidence(steps).sum(dim=1)  # log-likelihood ratios add up over time

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"prob": self.logits(x).sigmoid()}


def evidence_summed_over_time() -> Case:
    torch.manual_seed(4)
    x = sequences(48)
    loss = nn.BCELoss()
    return {
        "model": SequenceScorer(),
        "loss": lambda out, y: loss(out["prob"], y),
        "inputs": x,
        "targets": labels_of(x),
    }


class HalfPrecisionHead(nn.Module):
    """A float32 body whose probabilities are rounded to bfloat16, as a mixed-precision export does."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 32), nn.SiLU(), nn.Linear(32, 1))

    def logits(self, x: Tensor) -> Tensor:
        return 20 * self.body(x)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.logits(x).to(torch.bfloat16)).float()


def bfloat16_probabilities() -> Case:
    torch.manual_seed(5)
    inputs, targets = binary(64, seed=5)
    return {"model": HalfPrecisionHead(), "loss": nn.BCELoss(), "inputs": 3 * inputs, "targets": targets}


CASES: dict[str, Make] = {
    "logistic_regression_on_raw_columns": logistic_regression_on_raw_columns,
    "sequential_with_outliers": sequential_with_outliers,
    "handwritten_sigmoid_cnn": handwritten_sigmoid_cnn,
    "temperature_multilabel": temperature_multilabel,
    "evidence_summed_over_time": evidence_summed_over_time,
    "bfloat16_probabilities": bfloat16_probabilities,
}


def on_logits(case: Case, model: nn.Module | None = None) -> Case:
    return mend(case, model=model or Through(case["model"], "logits"), loss=nn.BCEWithLogitsLoss())


def logistic_on_logits() -> Case:
    case = logistic_regression_on_raw_columns()
    return on_logits(case, case["model"].get_submodule("linear"))


def sequential_on_logits() -> Case:
    case = sequential_with_outliers()
    return on_logits(case, nn.Sequential(*list(case["model"].children())[:-1]))


MENDED: dict[str, Make] = {
    "logistic_regression_on_raw_columns": logistic_on_logits,
    "sequential_with_outliers": sequential_on_logits,
    "handwritten_sigmoid_cnn": lambda: on_logits(handwritten_sigmoid_cnn()),
    "temperature_multilabel": lambda: mend(temperature_multilabel(), loss=nn.BCEWithLogitsLoss()),
    "evidence_summed_over_time": lambda: on_logits(evidence_summed_over_time()),
    "bfloat16_probabilities": lambda: on_logits(bfloat16_probabilities()),
}
