"""Outputs (B, 1) meet targets (B,), or the other way round: every output is compared with every target."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, images, measured, scores, sequences
from doctor_corpus.case import Case, Make, mend


def mse_loss_sequential() -> Case:
    torch.manual_seed(0)
    inputs, targets = measured()
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    return {"model": model, "loss": nn.MSELoss(), "inputs": inputs, "targets": targets.squeeze(1)}


class HousePrice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(8, 16)
        self.price = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.price(torch.tanh(self.hidden(x)))


def squared_error_by_operators() -> Case:
    torch.manual_seed(1)
    inputs, targets = measured(seed=1)

    def mse(pred: Tensor, y: Tensor) -> Tensor:
        return ((pred - y) ** 2).mean()

    return {"model": HousePrice(), "loss": mse, "inputs": inputs, "targets": targets[:, 0]}


class QNetwork(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))

    def forward(self, state: Tensor) -> Tensor:
        return self.net(state)


def q_learning() -> Case:
    torch.manual_seed(2)
    state, returns = measured(seed=2)
    actions = torch.randint(4, (32,))

    def temporal_difference(q: Tensor, batch: tuple[Tensor, Tensor]) -> Tensor:
        taken, expected = batch
        return F.smooth_l1_loss(q.gather(1, taken.unsqueeze(1)), expected)

    return {
        "model": QNetwork(),
        "loss": temporal_difference,
        "inputs": state,
        "targets": (actions, returns.squeeze(1)),
    }


class CountCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.fc = nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        pooled = F.relu(self.conv(x)).mean(dim=(-2, -1))
        return self.fc(pooled)[:, 0]


def column_of_targets_absolute_error() -> Case:
    torch.manual_seed(3)
    x = images(seed=3)
    return {
        "model": CountCNN(),
        "loss": lambda out, y: torch.abs(out - y).mean(),
        "inputs": x,
        "targets": scores(x, 1),
    }


def stable_bce_by_hand() -> Case:
    torch.manual_seed(4)
    inputs, targets = binary(seed=4)

    def bce(z: Tensor, y: Tensor) -> Tensor:
        return (z.clamp(min=0) - z * y + torch.log1p(torch.exp(-z.abs()))).mean()

    model = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 1))
    return {"model": model, "loss": bce, "inputs": inputs, "targets": targets.flatten()}


class Forecaster(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 16, batch_first=True)
        self.mean = nn.Linear(16, 1)
        self.log_var = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        h = self.lstm(x)[0][:, -1]
        return {"mean": self.mean(h), "log_var": self.log_var(h)}


def gaussian_likelihood_lstm() -> Case:
    torch.manual_seed(5)
    x = sequences(seed=5)

    def nll(out: dict[str, Tensor], y: Tensor) -> Tensor:
        return 0.5 * (out["log_var"] + (y - out["mean"]).square() / out["log_var"].exp()).mean()

    return {"model": Forecaster(), "loss": nll, "inputs": x, "targets": scores(x, 1).view(-1)}


CASES: dict[str, Make] = {
    "mse_loss_sequential": mse_loss_sequential,
    "squared_error_by_operators": squared_error_by_operators,
    "q_learning": q_learning,
    "column_of_targets_absolute_error": column_of_targets_absolute_error,
    "stable_bce_by_hand": stable_bce_by_hand,
    "gaussian_likelihood_lstm": gaussian_likelihood_lstm,
}


def as_column(case: Case) -> Case:
    return mend(case, targets=case["targets"].unsqueeze(1))


def q_learning_mended() -> Case:
    case = q_learning()
    taken, expected = case["targets"]
    return mend(case, targets=(taken, expected.unsqueeze(1)))


def flattened(case: Case) -> Case:
    return mend(case, targets=case["targets"].squeeze(1))


MENDED: dict[str, Make] = {
    "mse_loss_sequential": lambda: as_column(mse_loss_sequential()),
    "squared_error_by_operators": lambda: as_column(squared_error_by_operators()),
    "q_learning": q_learning_mended,
    "column_of_targets_absolute_error": lambda: flattened(column_of_targets_absolute_error()),
    "stable_bce_by_hand": lambda: as_column(stable_bce_by_hand()),
    "gaussian_likelihood_lstm": lambda: as_column(gaussian_likelihood_lstm()),
}
