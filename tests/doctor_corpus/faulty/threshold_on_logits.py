"""The decision compares logits with ½, as if they were probabilities: positives between ½ and 0.62 are refused."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, images, labels_of, measured, multilabel, sequences
from doctor_corpus.case import Case, Make, mend


def sequential() -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    return {
        "model": model,
        "loss": nn.BCEWithLogitsLoss(),
        "inputs": inputs,
        "targets": targets,
        "predict": lambda out: out > 0.5,
    }


class Quality(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.fc = nn.Linear(8 * 36, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(F.leaky_relu(self.conv(x)).flatten(1))


def rounded_cnn() -> Case:
    torch.manual_seed(1)
    x = images(seed=1)

    def predict(outputs: Tensor) -> Tensor:
        return torch.round(outputs).clamp(0, 1).long()

    return {
        "model": Quality(),
        "loss": F.binary_cross_entropy_with_logits,
        "inputs": x,
        "targets": labels_of(x),
        "predict": predict,
    }


class Fall(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(6, 16, batch_first=True)
        self.head = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"logits": self.head(self.gru(x)[0][:, -1]).squeeze(-1)}


def dictionary_and_numpy_gru() -> Case:
    torch.manual_seed(2)
    x = sequences(32, seed=2)

    def predict(out: dict[str, Tensor]) -> Tensor:
        scores = out["logits"].detach().cpu().numpy()
        return torch.from_numpy((scores >= 0.5).astype("int64"))

    return {
        "model": Fall(),
        "loss": lambda out, y: F.binary_cross_entropy_with_logits(out["logits"], y),
        "inputs": x,
        "targets": labels_of(x).squeeze(1),
        "predict": predict,
    }


def multilabel_tuned_threshold() -> Case:
    torch.manual_seed(3)
    inputs, targets = multilabel(seed=3)
    thresholds = torch.full((5,), 0.5)

    def predict(out: Tensor) -> Tensor:
        return torch.where(out.ge(thresholds), 1, 0)

    model = nn.Sequential(nn.Linear(10, 32), nn.GELU(), nn.Linear(32, 5))
    return {
        "model": model,
        "loss": nn.MultiLabelSoftMarginLoss(),
        "inputs": inputs,
        "targets": targets,
        "predict": predict,
    }


class Visit(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(8, 24), nn.ReLU())
        self.buys = nn.Linear(24, 1)
        self.spends = nn.Linear(24, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = self.trunk(x)
        return self.buys(h), self.spends(h)


def multitask_sign_of_the_excess() -> Case:
    torch.manual_seed(4)
    inputs, buys = binary(64, seed=4)
    _, spends = measured(64, seed=4)

    def stable_bce(z: Tensor, y: Tensor) -> Tensor:
        return (F.softplus(z) - y * z).mean()

    def criterion(out: tuple[Tensor, Tensor], y: tuple[Tensor, Tensor]) -> Tensor:
        return stable_bce(out[0], y[0]) + F.mse_loss(out[1], y[1])

    def predict(out: tuple[Tensor, Tensor]) -> Tensor:
        return (torch.sign(out[0] - 0.5) + 1) / 2

    return {
        "model": Visit(),
        "loss": criterion,
        "inputs": inputs,
        "targets": (buys, spends),
        "predict": predict,
    }


CASES: dict[str, Make] = {
    "sequential": sequential,
    "rounded_cnn": rounded_cnn,
    "dictionary_and_numpy_gru": dictionary_and_numpy_gru,
    "multilabel_tuned_threshold": multilabel_tuned_threshold,
    "multitask_sign_of_the_excess": multitask_sign_of_the_excess,
}

MENDED: dict[str, Make] = {
    "sequential": lambda: mend(sequential(), predict=lambda out: out > 0),
    "rounded_cnn": lambda: mend(rounded_cnn(), predict=lambda out: torch.sigmoid(out).round().long()),
    "dictionary_and_numpy_gru": lambda: mend(
        dictionary_and_numpy_gru(), predict=lambda out: (out["logits"].sigmoid() >= 0.5).long()
    ),
    "multilabel_tuned_threshold": lambda: mend(
        multilabel_tuned_threshold(), predict=lambda out: torch.where(out.sigmoid().ge(0.5), 1, 0)
    ),
    "multitask_sign_of_the_excess": lambda: mend(
        multitask_sign_of_the_excess(), predict=lambda out: (torch.sign(out[0]) + 1) / 2
    ),
}
