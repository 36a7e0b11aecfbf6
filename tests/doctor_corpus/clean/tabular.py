"""Tables of columns: classification, regression, counts."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classified, measured, multilabel
from doctor_corpus.blocks import mlp
from doctor_corpus.case import Case, Make


def linear_regression() -> Case:
    torch.manual_seed(0)
    inputs, targets = measured(columns=2)
    return {"model": nn.Linear(8, 2), "loss": nn.MSELoss(), "inputs": inputs, "targets": targets}


def normalised_classifier() -> Case:
    torch.manual_seed(1)
    inputs, targets = binary()
    model = nn.Sequential(
        nn.BatchNorm1d(8),
        nn.Linear(8, 32),
        nn.BatchNorm1d(32),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(32, 1),
    )
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": 100 * inputs + 50, "targets": targets}


class WideAndDeep(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.city = nn.Embedding(12, 4)
        self.wide = nn.Linear(8, 1)
        self.deep = mlp(12, 24, 1)

    def forward(self, numbers: Tensor, city: Tensor) -> Tensor:
        return self.wide(numbers) + self.deep(torch.cat([numbers, self.city(city)], 1))


def wide_and_deep() -> Case:
    torch.manual_seed(2)
    numbers, targets = binary()
    inputs = {"numbers": numbers, "city": torch.arange(32) % 12}
    return {"model": WideAndDeep(), "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


class FactorisationMachine(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 1)
        self.factors = nn.Parameter(0.1 * torch.randn(8, 4))

    def forward(self, x: Tensor) -> Tensor:
        square_of_sum = (x @ self.factors) ** 2
        sum_of_squares = x**2 @ self.factors**2
        return self.linear(x) + 0.5 * (square_of_sum - sum_of_squares).sum(1, keepdim=True)


def factorisation_machine() -> Case:
    torch.manual_seed(3)
    inputs, targets = measured()
    return {"model": FactorisationMachine(), "loss": nn.HuberLoss(), "inputs": inputs, "targets": targets}


def ordinal_regression() -> Case:
    """Cumulative labels: how many thresholds a grade passes; they overlap, and are independent sigmoids."""
    torch.manual_seed(4)
    inputs, grade = measured()
    targets = (grade > torch.tensor([-0.8, 0.0, 0.8])).float()
    return {"model": mlp(8, 24, 3), "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


def positive_regression_by_softplus() -> Case:
    torch.manual_seed(5)
    inputs, targets = measured()
    model = nn.Sequential(mlp(8, 24, 1), nn.Softplus())
    return {"model": model, "loss": nn.MSELoss(), "inputs": inputs, "targets": targets.exp()}


def positive_regression_by_exp() -> Case:
    torch.manual_seed(6)
    inputs, targets = measured()

    def gamma_deviance(log_mean: Tensor, y: Tensor) -> Tensor:
        return (y * torch.exp(-log_mean) + log_mean).mean()

    return {"model": mlp(8, 24, 1), "loss": gamma_deviance, "inputs": inputs, "targets": targets.exp()}


def independent_labels() -> Case:
    torch.manual_seed(7)
    inputs, targets = multilabel()
    return {
        "model": mlp(10, 32, 5, activation=nn.Tanh),
        "loss": nn.BCEWithLogitsLoss(pos_weight=torch.full((5,), 2.0)),
        "inputs": inputs,
        "targets": targets,
        "predict": lambda z: z.ge(0).int(),
    }


def all_of_two_classes() -> Case:
    """Two outputs for a yes or no, with softmax: as right as one with a sigmoid."""
    torch.manual_seed(8)
    inputs, targets = classified(classes=2)

    def criterion(z: Tensor, y: Tensor) -> Tensor:
        return F.nll_loss(F.log_softmax(z, dim=-1), y)

    return {"model": mlp(8, 24, 2, activation=nn.ELU), "loss": criterion, "inputs": inputs, "targets": targets}


class MixtureDensity(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 24), nn.Tanh())
        self.weights = nn.Linear(24, 3)
        self.means = nn.Linear(24, 3)
        self.log_scales = nn.Linear(24, 3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = self.body(x)
        return F.log_softmax(self.weights(h), dim=1), self.means(h), self.log_scales(h)


def mixture_density() -> Case:
    torch.manual_seed(9)
    inputs, targets = measured()

    def criterion(out: tuple[Tensor, Tensor, Tensor], y: Tensor) -> Tensor:
        log_weight, mean, log_scale = out
        log_density = torch.distributions.Normal(mean, log_scale.exp()).log_prob(y)
        return -torch.logsumexp(log_weight + log_density, dim=1).mean()

    return {"model": MixtureDensity(), "loss": criterion, "inputs": inputs, "targets": targets}


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        linear_regression,
        normalised_classifier,
        wide_and_deep,
        factorisation_machine,
        ordinal_regression,
        positive_regression_by_softplus,
        positive_regression_by_exp,
        independent_labels,
        all_of_two_classes,
        mixture_density,
    )
}
