"""A negative log-likelihood is given something that is no logarithm: the loss falls below zero."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import classes_of, classified, images, sequences
from doctor_corpus.case import Case, Make, mend


def softmax_sequential() -> Case:
    torch.manual_seed(0)
    inputs, targets = classified()
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 3), nn.Softmax(dim=1))
    return {"model": model, "loss": nn.NLLLoss(), "inputs": inputs, "targets": targets}


class LeNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 3)
        self.fc1 = nn.Linear(6 * 9, 20)
        self.fc2 = nn.Linear(20, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(torch.tanh(self.conv(x)), 2)
        x = torch.tanh(self.fc1(x.view(x.shape[0], -1)))
        return self.fc2(x)


def raw_logits_lenet() -> Case:
    torch.manual_seed(1)
    x = images(seed=1)
    return {"model": LeNet(), "loss": F.nll_loss, "inputs": x, "targets": classes_of(x, 4)}


class TaggerGRU(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(6, 16, batch_first=True)
        self.out = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        h, _ = self.gru(x)
        return self.out(h)


def per_token_softmax_in_the_loss() -> Case:
    torch.manual_seed(2)
    x = sequences(seed=2)

    def criterion(scores: Tensor, tags: Tensor) -> Tensor:
        probs = F.softmax(scores, dim=-1)
        return F.nll_loss(probs.transpose(1, 2), tags)

    return {"model": TaggerGRU(), "loss": criterion, "inputs": x, "targets": x[..., :5].argmax(-1)}


def picked_by_hand() -> Case:
    torch.manual_seed(3)
    inputs, targets = classified(classes=4, seed=3)

    def criterion(logits: Tensor, labels: Tensor) -> Tensor:
        probs = logits.softmax(dim=1)
        return -probs[torch.arange(len(labels)), labels].mean()

    model = nn.Sequential(nn.Linear(8, 24), nn.SELU(), nn.Linear(24, 4))
    return {"model": model, "loss": criterion, "inputs": inputs, "targets": targets}


class PixelNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.Conv2d(12, 3, 1))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"out": self.net(x)}


def segmentation_logits() -> Case:
    torch.manual_seed(4)
    x = images(4, seed=4)
    nll = nn.NLLLoss(ignore_index=-1)
    return {
        "model": PixelNet(),
        "loss": lambda out, mask: nll(out["out"], mask),
        "inputs": x,
        "targets": torch.bucketize(x[:, 0], torch.tensor([-0.5, 0.5])),
    }


CASES: dict[str, Make] = {
    "softmax_sequential": softmax_sequential,
    "raw_logits_lenet": raw_logits_lenet,
    "per_token_softmax_in_the_loss": per_token_softmax_in_the_loss,
    "picked_by_hand": picked_by_hand,
    "segmentation_logits": segmentation_logits,
}

MENDED: dict[str, Make] = {
    "softmax_sequential": lambda: mend(softmax_sequential(), loss=lambda p, y: F.nll_loss(p.log(), y)),
    "raw_logits_lenet": lambda: mend(raw_logits_lenet(), loss=F.cross_entropy),
    "per_token_softmax_in_the_loss": lambda: mend(
        per_token_softmax_in_the_loss(), loss=lambda scores, y: F.nll_loss(scores.log_softmax(-1).transpose(1, 2), y)
    ),
    "picked_by_hand": lambda: mend(
        picked_by_hand(), loss=lambda scores, y: -scores.log_softmax(1)[torch.arange(len(y)), y].mean()
    ),
    "segmentation_logits": lambda: mend(
        segmentation_logits(), loss=lambda out, mask: F.cross_entropy(out["out"], mask, ignore_index=-1)
    ),
}
