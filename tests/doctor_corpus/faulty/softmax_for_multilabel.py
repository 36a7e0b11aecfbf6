"""A softmax shares one unit of probability among labels of which several hold at once."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import images, multilabel, scores, sequences
from doctor_corpus.case import Case, Make, Through, mend


def sequential_bce() -> Case:
    torch.manual_seed(0)
    inputs, targets = multilabel()
    model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 5), nn.Softmax(dim=1))
    return {"model": model, "loss": nn.BCELoss(), "inputs": inputs, "targets": targets}


class GenreNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 12, 3, padding=1)
        self.fc = nn.Linear(12 * 16, 6)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        return self.fc(x.reshape(x.size(0), -1))


def cross_entropy_on_multi_hot() -> Case:
    torch.manual_seed(1)
    x = images(24, channels=3, seed=1)
    return {"model": GenreNet(), "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": (scores(x, 6) > 0).float()}


class SymptomModel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.GRU(6, 24, batch_first=True)
        self.head = nn.Linear(24, 4)

    def logits(self, visits: Tensor) -> Tensor:
        _, h = self.encoder(visits)
        return self.head(h.squeeze(0))

    def forward(self, visits: Tensor) -> Tensor:
        return self.logits(visits).softmax(-1)


def brier_score_gru() -> Case:
    torch.manual_seed(2)
    x = sequences(24, seed=2)

    def brier(p: Tensor, y: Tensor) -> Tensor:
        return (p - y).pow(2).mean()

    return {"model": SymptomModel(), "loss": brier, "inputs": x, "targets": (scores(x, 4) > 0).float()}


def exponentials_by_hand() -> Case:
    torch.manual_seed(3)
    inputs, targets = multilabel(seed=3)

    def criterion(scores: Tensor, labels: Tensor) -> Tensor:
        e = torch.exp(scores - scores.max(dim=1, keepdim=True).values)
        return F.binary_cross_entropy(e / e.sum(dim=1, keepdim=True), labels)

    model = nn.Sequential(nn.Linear(10, 40), nn.GELU(), nn.Linear(40, 5))
    return {"model": model, "loss": criterion, "inputs": inputs, "targets": targets}


class TopicTransformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(6, 16)
        self.attn = nn.MultiheadAttention(16, 2, batch_first=True)
        self.norm = nn.LayerNorm(16)
        self.topics = nn.Linear(16, 4)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        h = self.proj(x)
        h = self.norm(h + self.attn(h, h, h, need_weights=False)[0])
        return {"scores": self.topics(h.mean(1))}


def log_softmax_times_labels() -> Case:
    torch.manual_seed(4)
    x = sequences(24, seed=4)

    def criterion(out: dict[str, Tensor], labels: Tensor) -> Tensor:
        return -(labels * torch.log_softmax(out["scores"], dim=1)).sum(1).mean()

    return {"model": TopicTransformer(), "loss": criterion, "inputs": x, "targets": (scores(x, 4) > 0).float()}


CASES: dict[str, Make] = {
    "sequential_bce": sequential_bce,
    "cross_entropy_on_multi_hot": cross_entropy_on_multi_hot,
    "brier_score_gru": brier_score_gru,
    "exponentials_by_hand": exponentials_by_hand,
    "log_softmax_times_labels": log_softmax_times_labels,
}


def sequential_on_logits() -> Case:
    case = sequential_bce()
    layers = list(case["model"].children())[:-1]
    return mend(case, model=nn.Sequential(*layers), loss=nn.BCEWithLogitsLoss())


def gru_of_sigmoids() -> Case:
    case = brier_score_gru()
    brier = case["loss"]
    model = Through(case["model"], "logits")
    return mend(case, model=model, loss=lambda logits, y: brier(torch.sigmoid(logits), y))


MENDED: dict[str, Make] = {
    "sequential_bce": sequential_on_logits,
    "cross_entropy_on_multi_hot": lambda: mend(cross_entropy_on_multi_hot(), loss=nn.BCEWithLogitsLoss()),
    "brier_score_gru": gru_of_sigmoids,
    "exponentials_by_hand": lambda: mend(exponentials_by_hand(), loss=nn.BCEWithLogitsLoss()),
    "log_softmax_times_labels": lambda: mend(
        log_softmax_times_labels(), loss=lambda out, y: F.binary_cross_entropy_with_logits(out["scores"], y)
    ),
}
