"""Losses written by hand or rarely met, all of them right."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classified, images, measured, multilabel, normal, sequences
from doctor_corpus.blocks import LastStep, mlp
from doctor_corpus.case import Case, Make


def focal_on_logits() -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()

    def focal(z: Tensor, y: Tensor) -> Tensor:
        surprise = F.binary_cross_entropy_with_logits(z, y, reduction="none")
        return ((1 - torch.exp(-surprise)) ** 2 * surprise).mean()

    return {"model": mlp(8, 24, 1), "loss": focal, "inputs": inputs, "targets": targets}


def focal_by_logsigmoid() -> Case:
    torch.manual_seed(1)
    inputs, targets = multilabel()

    def focal(z: Tensor, y: Tensor) -> Tensor:
        p = torch.sigmoid(z)
        positive = y * (1 - p) ** 2 * F.logsigmoid(z)
        negative = (1 - y) * p**2 * F.logsigmoid(-z)
        return -(positive + negative).sum(1).mean()

    return {"model": mlp(10, 24, 5), "loss": focal, "inputs": inputs, "targets": targets}


def max_form_by_hand() -> Case:
    torch.manual_seed(2)
    inputs, targets = binary()

    def bce(z: Tensor, y: Tensor) -> Tensor:
        return (z.clamp(min=0) - z * y + torch.log1p(torch.exp(-z.abs()))).mean()

    return {"model": mlp(8, 24, 1), "loss": bce, "inputs": inputs, "targets": targets}


def cross_entropy_by_logsumexp() -> Case:
    torch.manual_seed(3)
    inputs, targets = classified()

    def criterion(z: Tensor, y: Tensor) -> Tensor:
        return (z.logsumexp(1) - z.gather(1, y[:, None]).squeeze(1)).mean()

    return {"model": mlp(8, 24, 3), "loss": criterion, "inputs": inputs, "targets": targets}


def dice_and_bce() -> Case:
    torch.manual_seed(4)
    x = images(4)

    def criterion(z: Tensor, mask: Tensor) -> Tensor:
        p = torch.sigmoid(z)
        overlap = 2 * (p * mask).sum((1, 2, 3)) / (p.sum((1, 2, 3)) + mask.sum((1, 2, 3)) + 1e-6)
        return 1 - overlap.mean() + F.binary_cross_entropy_with_logits(z, mask)

    model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))
    return {"model": model, "loss": criterion, "inputs": x, "targets": (x > 0).float()}


class TwoViews(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = mlp(8, 24, 12)

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        return F.normalize(self.encoder(left), dim=1), F.normalize(self.encoder(right), dim=1)


def info_nce() -> Case:
    torch.manual_seed(5)
    inputs, _ = measured()

    def criterion(views: tuple[Tensor, Tensor], pairs: Tensor) -> Tensor:
        similarity = views[0] @ views[1].T / 0.2
        return (F.cross_entropy(similarity, pairs) + F.cross_entropy(similarity.T, pairs)) / 2

    noisy = (inputs + 0.2 * normal(32, 8, seed=7), inputs + 0.2 * normal(32, 8, seed=8))
    return {"model": TwoViews(), "loss": criterion, "inputs": noisy, "targets": torch.arange(32)}


class Triplet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = mlp(8, 24, 6)

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> list[Tensor]:
        return [self.embed(part) for part in (anchor, positive, negative)]


def triplet_margin() -> Case:
    """The last bias cancels in the differences: its gradient is rightly 0."""
    torch.manual_seed(6)
    anchor, _ = measured()
    inputs = (anchor, anchor + 0.3 * normal(32, 8, seed=3), normal(32, 8, seed=4))
    return {
        "model": Triplet(),
        "loss": lambda parts, _: F.triplet_margin_loss(*parts),
        "inputs": inputs,
        "targets": torch.zeros(32),
    }


class Preference(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.score = mlp(8, 24, 1)

    def forward(self, better: Tensor, worse: Tensor) -> Tensor:
        return self.score(better) - self.score(worse)


def siamese_pairwise_differences() -> Case:
    """Bradley and Terry's model of preferences; again the last bias cancels."""
    torch.manual_seed(7)
    left, score = measured()
    right, other = measured(seed=1)
    return {
        "model": Preference(),
        "loss": nn.BCEWithLogitsLoss(),
        "inputs": (left, right),
        "targets": (score > other).float(),
    }


def contrastive_pairs() -> Case:
    torch.manual_seed(8)
    left, _ = measured()
    same = (torch.arange(32) % 2).float()
    right = torch.where(same[:, None] == 1, left + 0.1 * normal(32, 8, seed=5), normal(32, 8, seed=6))

    def criterion(views: tuple[Tensor, Tensor], same: Tensor) -> Tensor:
        distance = F.pairwise_distance(*views)
        return (same * distance**2 + (1 - same) * F.relu(1 - distance) ** 2).mean()

    return {"model": TwoViews(), "loss": criterion, "inputs": (left, right), "targets": same}


class Speech(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(6, 16, batch_first=True, bidirectional=True)
        self.out = nn.Linear(32, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.gru(x)[0]).log_softmax(-1).transpose(0, 1)


def ctc() -> Case:
    torch.manual_seed(9)
    x = sequences(8, 20)

    def criterion(log_probs: Tensor, texts: Tensor) -> Tensor:
        steps, batch = log_probs.shape[:2]
        return F.ctc_loss(log_probs, texts, torch.full((batch,), steps), torch.full((batch,), texts.shape[1]))

    return {"model": Speech(), "loss": criterion, "inputs": x, "targets": torch.randint(1, 5, (8, 4))}


def distillation() -> Case:
    torch.manual_seed(10)
    inputs, targets = classified()
    teacher = 2 * normal(32, 3, seed=2)

    def criterion(student: Tensor, batch: tuple[Tensor, Tensor]) -> Tensor:
        labels, teacher = batch
        soft = F.kl_div((student / 2).log_softmax(1), (teacher / 2).softmax(1), reduction="batchmean")
        return F.cross_entropy(student, labels) + 4 * soft

    return {"model": mlp(8, 24, 3), "loss": criterion, "inputs": inputs, "targets": (targets, teacher)}


def multiclass_hinge() -> Case:
    torch.manual_seed(11)
    inputs, targets = classified(classes=4)
    return {"model": mlp(8, 24, 4), "loss": nn.MultiMarginLoss(), "inputs": inputs, "targets": targets}


def quantiles() -> Case:
    torch.manual_seed(12)
    inputs, targets = measured()
    levels = torch.tensor([0.1, 0.5, 0.9])

    def pinball(out: Tensor, y: Tensor) -> Tensor:
        error = y - out  # (B, 1) − (B, 3): each quantile meets its example's target
        return torch.maximum(levels * error, (levels - 1) * error).mean()

    return {"model": mlp(8, 24, 3), "loss": pinball, "inputs": inputs, "targets": targets}


def poisson_counts() -> Case:
    torch.manual_seed(13)
    inputs, rate = measured()
    counts = torch.poisson(rate.exp())
    return {"model": mlp(8, 24, 1), "loss": nn.PoissonNLLLoss(), "inputs": inputs, "targets": counts}


def imbalanced_pos_weight() -> Case:
    torch.manual_seed(14)
    inputs, score = measured(64)
    rare = (score > 1.2).float()
    model = mlp(8, 24, 1)
    nn.init.constant_(model.get_parameter("2.bias"), -2.0)
    loss = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([8.0]))
    return {"model": model, "loss": loss, "inputs": inputs, "targets": rare}


def mean_squared_error_by_hand() -> Case:
    torch.manual_seed(15)
    x = sequences()
    model = nn.Sequential(LastStep(nn.GRU(6, 16, batch_first=True)), nn.Linear(16, 1))
    return {
        "model": model,
        "loss": lambda out, y: torch.mean((out.flatten() - y) ** 2),
        "inputs": x,
        "targets": x[:, -1].mean(1),
    }


def entropy_bonus() -> Case:
    """Multiplies probabilities with their logarithms, both from the logits."""
    torch.manual_seed(16)
    inputs, targets = classified()

    def criterion(z: Tensor, y: Tensor) -> Tensor:
        entropy = -(z.softmax(1) * z.log_softmax(1)).sum(1).mean()
        return F.cross_entropy(z, y) - 0.01 * entropy

    return {"model": mlp(8, 24, 3), "loss": criterion, "inputs": inputs, "targets": targets}


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        focal_on_logits,
        focal_by_logsigmoid,
        max_form_by_hand,
        cross_entropy_by_logsumexp,
        dice_and_bce,
        info_nce,
        triplet_margin,
        siamese_pairwise_differences,
        contrastive_pairs,
        ctc,
        distillation,
        multiclass_hinge,
        quantiles,
        poisson_counts,
        imbalanced_pos_weight,
        mean_squared_error_by_hand,
        entropy_bonus,
    )
}
