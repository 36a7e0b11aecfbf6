"""Random architectures, one a seed, in which the gradient truly passes: built for it, and measured."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count

import torch
from torch import Tensor, nn

from doctor_corpus import batches
from doctor_corpus.blocks import Residual
from doctor_corpus.case import Case
from sigmoid_lab.functions.activations import ACTIVATIONS, value_and_slope
from sigmoid_lab.vocabulary import ActivationName

FEATURES = 8
GREATEST_RATIO = 30.0
STYLES = ("plain", "normalised", "residual", "pre-norm", "batch-norm")
# Schemes that textbooks give with an activation; every activation also has its critical one.
KNOWN_GAINS: dict[ActivationName, float] = {
    "identity": 1.0,
    "tanh": 1.1,
    "hard-tanh": 1.1,
    "erf": 1.0,
    "relu": 2**0.5,
    "leaky-relu": 2**0.5,
    "selu": 1.0,
    "elu": 1.1,
    "gelu": 1.45,
    "silu": 1.6,
    "mish": 1.5,
}


@dataclass(frozen=True)
class Architecture:
    depth: int
    width: int
    activation: ActivationName
    style: str
    scheme: str
    task: str
    examples: int


def healthy(seed: int) -> Case:
    """Return the first architecture that this seed draws and whose gradient is found to pass."""
    for attempt in count():
        draw = random.Random(f"{seed}/{attempt}")
        torch.manual_seed(draw.randrange(2**31))
        case = build(drawn(draw))
        if gradient_passes(case):
            return case
    raise AssertionError


def drawn(draw: random.Random) -> Architecture:
    """Draw an architecture, deep ones as often as shallow ones."""
    activation = draw.choice(list(ACTIVATIONS))
    schemes = ["critical", "gaussian", "orthogonal"] if activation in KNOWN_GAINS else ["critical"]
    return Architecture(
        depth=draw.randint(1, 64),
        width=draw.choice((32, 48, 64, 96)),
        activation=activation,
        style=draw.choice(STYLES),
        scheme=draw.choice(schemes),
        task=draw.choice(list(TASKS)),
        examples=draw.choice((16, 32, 64)),
    )


def build(chosen: Architecture) -> Case:
    inputs, targets, outputs, loss = TASKS[chosen.task](chosen.examples)
    stem = nn.Sequential(nn.Linear(FEATURES, chosen.width))
    nn.init.normal_(stem.get_parameter("0.weight"), std=FEATURES**-0.5)
    head = nn.Linear(chosen.width, outputs)
    model = nn.Sequential(stem, *(block(chosen) for _ in range(chosen.depth)), head)
    return {"model": model, "loss": loss, "inputs": inputs, "targets": targets}


def block(chosen: Architecture) -> nn.Module:
    width, activation = chosen.width, ACTIVATIONS[chosen.activation]()
    if chosen.style == "plain":
        return nn.Sequential(activation, linear(chosen))
    if chosen.style == "normalised":
        return nn.Sequential(activation, linear(chosen), nn.LayerNorm(width))
    if chosen.style == "residual":
        return Residual(activation, linear(chosen, chosen.depth**-0.5))
    if chosen.style == "pre-norm":
        return Residual(nn.LayerNorm(width), linear(chosen), activation, linear(chosen, chosen.depth**-0.5))
    return Residual(nn.BatchNorm1d(width), activation, linear(chosen, chosen.depth**-0.5))


def linear(chosen: Architecture, scale: float = 1.0) -> nn.Linear:
    layer = nn.Linear(chosen.width, chosen.width)
    if chosen.scheme == "critical":
        critical(layer, chosen.activation)
    else:
        gain = KNOWN_GAINS[chosen.activation]
        nn.init.zeros_(layer.bias)
        if chosen.scheme == "orthogonal":
            nn.init.orthogonal_(layer.weight, gain)
        else:
            nn.init.normal_(layer.weight, std=gain * chosen.width**-0.5)
    with torch.no_grad():
        layer.weight.mul_(scale)
    return layer


def critical(layer: nn.Linear, activation: ActivationName) -> None:
    """Draw weights that keep the variance of z and the norm of the gradient, both at 1, for any φ.

    Rows of sum zero make the mean of φ(z) harmless. With z ~ N(0, 1), a weight variance of 1 / (n E[φ′(z)²]) keeps the
    gradient's norm (Schoenholz et al., 2017: χ = 1), and a bias variance of 1 − Var[φ(z)] / E[φ′(z)²], which Poincaré's
    inequality says is never negative, makes the next z ~ N(0, 1) again.
    """
    variance, squared_slope = moments(activation)
    nn.init.normal_(layer.weight, std=(layer.in_features * squared_slope) ** -0.5)
    nn.init.normal_(layer.bias, std=max(0.0, 1 - variance / squared_slope) ** 0.5)
    with torch.no_grad():
        layer.weight.sub_(layer.weight.mean(dim=1, keepdim=True))


@cache
def moments(activation: ActivationName) -> tuple[float, float]:
    """Return Var[φ(z)] and E[φ′(z)²] of z ~ N(0, 1), by the trapezoidal rule."""
    z = torch.linspace(-10, 10, 20_001, dtype=torch.float64)
    density = torch.exp(-(z**2) / 2)
    value, slope = value_and_slope(ACTIVATIONS[activation](), z)
    mean, square, squared_slope = ((density * f).sum() / density.sum() for f in (value, value**2, slope**2))
    return (square - mean**2).item(), squared_slope.item()


def gradient_passes(case: Case) -> bool:
    """Tell whether the gradient's norm at every block's output is within a factor of 30 of the last block's."""
    norms = gradient_norms(case)
    return bool(norms.isfinite().all()) and bool(
        ((norms / norms[-1]).log().abs() < torch.tensor(GREATEST_RATIO).log()).all()
    )


def gradient_norms(case: Case) -> Tensor:
    """Return the norm of the loss's gradient at the output of every part but the head, first part first."""
    reached, x = [], case["inputs"]
    *parts, head = case["model"].children()
    for part in parts:
        x = part(x)
        reached.append(x)
    gradients = torch.autograd.grad(case["loss"](head(x), case["targets"]), reached)
    return torch.stack([gradient.double().norm() for gradient in gradients])


Task = tuple[Tensor, Tensor, int, nn.Module]


def yes_or_no(examples: int) -> Task:
    return *batches.binary(examples, FEATURES), 1, nn.BCEWithLogitsLoss()


def one_of_four(examples: int) -> Task:
    return *batches.classified(examples, FEATURES, 4), 4, nn.CrossEntropyLoss()


def two_numbers(examples: int) -> Task:
    return *batches.measured(examples, FEATURES, 2), 2, nn.MSELoss()


TASKS: dict[str, Callable[[int], Task]] = {
    "yes or no": yes_or_no,
    "one of four": one_of_four,
    "two numbers": two_numbers,
}
