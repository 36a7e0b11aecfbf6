"""The binary cross-entropy is typed by hand from probabilities: infinite, NaN or without a gradient at large logits."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, images, labels_of, measured, multilabel, sequences
from doctor_corpus.case import Case, Make, mend


def textbook_formula() -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()

    def bce(p: Tensor, y: Tensor) -> Tensor:
        return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()

    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
    return {"model": model, "loss": bce, "inputs": inputs, "targets": targets}


class Risk(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 16), nn.Tanh())
        self.head = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x)).squeeze(-1)


def sigmoid_and_logs_in_the_loss() -> Case:
    torch.manual_seed(1)
    inputs, targets = binary(seed=1)

    def loss(z: Tensor, y: Tensor) -> Tensor:
        p = 1.0 / (1.0 + torch.exp(-z))
        positive = y * p.log()
        negative = (1.0 - y) * (1.0 - p).log()
        return (positive + negative).neg().mean()

    return {"model": Risk(), "loss": loss, "inputs": inputs, "targets": targets.squeeze(1)}


class Defect(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.bn = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, 1)
        self.squash: nn.Module = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        maps = F.relu(self.bn(self.conv(x)))
        return self.squash(self.fc(F.adaptive_max_pool2d(maps, 1).flatten(1)))


EPSILON = 1e-7


def epsilon_inside_the_logs() -> Case:
    torch.manual_seed(2)
    x = images()

    class BinaryCrossEntropy(nn.Module):
        def forward(self, prob: Tensor, target: Tensor) -> Tensor:
            likelihood = target * torch.log(prob + EPSILON) + (1 - target) * torch.log(1 - prob + EPSILON)
            return -torch.sum(likelihood) / target.numel()

    return {"model": Defect(), "loss": BinaryCrossEntropy(), "inputs": x, "targets": labels_of(x)}


def chosen_by_where_multilabel() -> Case:
    torch.manual_seed(3)
    inputs, targets = multilabel(seed=3)

    def criterion(logits: Tensor, labels: Tensor) -> Tensor:
        p = logits.sigmoid()
        return torch.where(labels == 1, -torch.log(p), -torch.log1p(-p)).mean()

    model = nn.Sequential(nn.Linear(10, 32), nn.SiLU(), nn.Linear(32, 5))
    return {"model": model, "loss": criterion, "inputs": inputs, "targets": targets}


class Alarm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 16, batch_first=True)
        self.head = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        h, _ = self.lstm(x)
        return {"logit": self.head(h.mean(1))}


def weighted_and_clamped_lstm() -> Case:
    torch.manual_seed(4)
    x = sequences()

    def weighted(out: dict[str, Tensor], y: Tensor) -> Tensor:
        p = torch.sigmoid(out["logit"]).clamp(1e-7, 1 - 1e-7)
        per_example = -(1.5 * y * p.log() + (1 - y) * (1 - p).log())
        return per_example.mean()

    return {"model": Alarm(), "loss": weighted, "inputs": x, "targets": labels_of(x)}


class TwoTasks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Linear(8, 24)
        self.fraud = nn.Linear(24, 1)
        self.amount = nn.Linear(24, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = F.leaky_relu(self.trunk(x))
        return self.amount(h), self.fraud(h)


def likelihood_of_the_label_multitask() -> Case:
    """p where the label is 1 and 1 − p where it is 0, as one power product."""
    torch.manual_seed(5)
    inputs, fraud = binary(seed=5)
    _, amount = measured(seed=5)

    def criterion(out: tuple[Tensor, Tensor], y: tuple[Tensor, Tensor]) -> Tensor:
        p = 0.5 + 0.5 * torch.tanh(out[1] / 2)
        likelihood = p * y[1] + (1 - p) * (1 - y[1])
        return F.l1_loss(out[0], y[0]) - torch.log(likelihood).mean()

    return {"model": TwoTasks(), "loss": criterion, "inputs": inputs, "targets": (amount, fraud)}


CASES: dict[str, Make] = {
    "textbook_formula": textbook_formula,
    "sigmoid_and_logs_in_the_loss": sigmoid_and_logs_in_the_loss,
    "epsilon_inside_the_logs": epsilon_inside_the_logs,
    "chosen_by_where_multilabel": chosen_by_where_multilabel,
    "weighted_and_clamped_lstm": weighted_and_clamped_lstm,
    "likelihood_of_the_label_multitask": likelihood_of_the_label_multitask,
}


def textbook_mended() -> Case:
    case = textbook_formula()
    return mend(case, model=nn.Sequential(*list(case["model"].children())[:-1]), loss=nn.BCEWithLogitsLoss())


def defect_mended() -> Case:
    model = Defect()
    model.squash = nn.Identity()
    return mend(epsilon_inside_the_logs(), model=model, loss=nn.BCEWithLogitsLoss())


def weighted_mended() -> Case:
    def weighted(out: dict[str, Tensor], y: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(out["logit"], y, pos_weight=torch.tensor([1.5]))

    return mend(weighted_and_clamped_lstm(), loss=weighted)


def multitask_mended() -> Case:
    def criterion(out: tuple[Tensor, Tensor], y: tuple[Tensor, Tensor]) -> Tensor:
        return F.l1_loss(out[0], y[0]) + F.binary_cross_entropy_with_logits(out[1], y[1])

    return mend(likelihood_of_the_label_multitask(), loss=criterion)


MENDED: dict[str, Make] = {
    "textbook_formula": textbook_mended,
    "sigmoid_and_logs_in_the_loss": lambda: mend(sigmoid_and_logs_in_the_loss(), loss=nn.BCEWithLogitsLoss()),
    "epsilon_inside_the_logs": defect_mended,
    "chosen_by_where_multilabel": lambda: mend(chosen_by_where_multilabel(), loss=nn.BCEWithLogitsLoss()),
    "weighted_and_clamped_lstm": weighted_mended,
    "likelihood_of_the_label_multitask": multitask_mended,
}
