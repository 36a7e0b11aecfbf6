"""A softmax over one single output is always 1, whatever the network says: nothing is learnt, or torch raises."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, images, labels_of, measured, sequences
from doctor_corpus.case import Case, Make, mend


def index_error_sequential() -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets.squeeze(1).long()}


class SpamNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 16, batch_first=True)
        self.dropout = nn.Dropout(0.1)
        self.fc = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.lstm(x)
        return self.fc(self.dropout(out[:, -1, :]))


def float_column_taken_for_probabilities() -> Case:
    """Float targets of the outputs' shape silence the error; the loss is 0 from the start."""
    torch.manual_seed(1)
    x = sequences(seed=1)
    return {"model": SpamNet(), "loss": F.cross_entropy, "inputs": x, "targets": labels_of(x)}


class CatDetector(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.head = nn.Linear(8, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"logits": self.head(F.relu(self.conv(x)).mean((2, 3)))}


def first_batch_of_one_class() -> Case:
    """A file sorted by label: the first batch holds class 0 alone, so nothing is raised yet."""
    torch.manual_seed(2)
    x = images(seed=2)

    def criterion(out: dict[str, Tensor], y: Tensor) -> Tensor:
        return nn.CrossEntropyLoss()(out["logits"], y)

    return {"model": CatDetector(), "loss": criterion, "inputs": x, "targets": torch.zeros(16, dtype=torch.long)}


def log_softmax_and_nll() -> Case:
    torch.manual_seed(3)
    inputs, targets = binary(seed=3)
    model = nn.Sequential(nn.Linear(8, 24), nn.Tanh(), nn.Linear(24, 1), nn.LogSoftmax(dim=1))
    return {"model": model, "loss": nn.NLLLoss(), "inputs": inputs, "targets": targets[:, 0].long()}


class SoftmaxOfOne(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(8, 16)
        self.fc2 = nn.Linear(16, 1)
        self.squash: nn.Module = nn.Softmax(dim=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.squash(self.fc2(F.gelu(self.fc1(x))))


def softmax_of_one_output_then_bce() -> Case:
    torch.manual_seed(4)
    inputs, targets = binary(seed=4)
    return {"model": SoftmaxOfOne(), "loss": nn.BCELoss(), "inputs": inputs, "targets": targets}


def one_head_of_two() -> Case:
    torch.manual_seed(5)
    inputs, churned = binary(seed=5)
    _, revenue = measured(seed=5)

    class Customer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.trunk = nn.Sequential(nn.Linear(8, 24), nn.Mish())
            self.churn = nn.Linear(24, 1)
            self.revenue = nn.Linear(24, 1)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            h = self.trunk(x)
            return self.churn(h), self.revenue(h)

    def criterion(outputs: tuple[Tensor, Tensor], targets: tuple[Tensor, Tensor]) -> Tensor:
        churn = -(targets[0] * outputs[0].log_softmax(dim=-1)).sum(dim=-1).mean()
        return churn + F.mse_loss(outputs[1], targets[1])

    return {"model": Customer(), "loss": criterion, "inputs": inputs, "targets": (churned, revenue)}


CASES: dict[str, Make] = {
    "index_error_sequential": index_error_sequential,
    "float_column_taken_for_probabilities": float_column_taken_for_probabilities,
    "first_batch_of_one_class": first_batch_of_one_class,
    "log_softmax_and_nll": log_softmax_and_nll,
    "softmax_of_one_output_then_bce": softmax_of_one_output_then_bce,
    "one_head_of_two": one_head_of_two,
}


def column(targets: Tensor) -> Tensor:
    return targets.float().unsqueeze(1)


def log_softmax_mended() -> Case:
    case = log_softmax_and_nll()
    return mend(
        case,
        model=nn.Sequential(*list(case["model"].children())[:-1]),
        loss=nn.BCEWithLogitsLoss(),
        targets=column(case["targets"]),
    )


def softmax_of_one_mended() -> Case:
    model = SoftmaxOfOne()
    model.squash = nn.Identity()
    return mend(softmax_of_one_output_then_bce(), model=model, loss=nn.BCEWithLogitsLoss())


def two_heads_mended() -> Case:
    def criterion(outputs: tuple[Tensor, Tensor], targets: tuple[Tensor, Tensor]) -> Tensor:
        churn = F.binary_cross_entropy_with_logits(outputs[0], targets[0])
        return churn + F.mse_loss(outputs[1], targets[1])

    return mend(one_head_of_two(), loss=criterion)


MENDED: dict[str, Make] = {
    "index_error_sequential": lambda: mend(
        index_error_sequential(),
        loss=lambda out, y: F.binary_cross_entropy_with_logits(out, column(y)),
    ),
    "float_column_taken_for_probabilities": lambda: mend(
        float_column_taken_for_probabilities(), loss=nn.BCEWithLogitsLoss()
    ),
    "first_batch_of_one_class": lambda: mend(
        first_batch_of_one_class(),
        loss=lambda out, y: F.binary_cross_entropy_with_logits(out["logits"], column(y)),
    ),
    "log_softmax_and_nll": log_softmax_mended,
    "softmax_of_one_output_then_bce": softmax_of_one_mended,
    "one_head_of_two": two_heads_mended,
}
