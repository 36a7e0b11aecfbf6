"""A stack against a plain loop: nn.Linear, torch's functions, autograd and torch.optim, one network at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from sigmoid_lab.config.schema import Settings, Training
from sigmoid_lab.data.batches import batches
from sigmoid_lab.data.split import make
from sigmoid_lab.engine.execute import execute
from sigmoid_lab.plan import Group, Stack, Table
from sigmoid_lab.results.measured import HISTOGRAM_BINS, Progress, StackResult
from sigmoid_lab.theory.slopes import GREATEST_SLOPES
from sigmoid_lab.vocabulary import ACTIVATIONS, DATA_KINDS, INITIALISATIONS, LOSSES

SEEDS = (3, 0, 11)
BASE: dict[str, Any] = {
    "data": {"kind": "random-labels", "samples": 27, "features": 3, "test_share": 1 / 3},
    "network": {"kind": "deep", "activation": "tanh", "widths": [5, 4]},
    "loss": "bce-with-logits",
    "optimizer": {"kind": "sgd", "learning_rate": 0.3},
    "training": {"steps": 4, "batch_size": 8},  # batches of 8, 8 and 2, then a new pass
    "measure": {"every": 3},
    "dtype": "float64",
}
KINDS: dict[str, dict[str, Any]] = {
    "deep": {"network": {"kind": "deep", "activation": "tanh", "depth": 3, "width": 6}},
    "deep with widths": {"network": {"kind": "deep", "activation": "tanh", "widths": [7, 2, 5]}},
    "binary": {"network": {"kind": "binary"}},
    "multilabel": {
        "network": {"kind": "multilabel"},
        "data": {"kind": "multilabel", "samples": 27, "features": 3, "labels": 3, "test_share": 1 / 3},
    },
}
OPTIMISERS: dict[str, dict[str, Any]] = {
    "sgd": {"kind": "sgd", "learning_rate": 0.3},
    "sgd with decay": {"kind": "sgd", "learning_rate": 0.3, "weight_decay": 0.1},
    "momentum": {"kind": "momentum", "learning_rate": 0.1},
    "momentum with decay": {"kind": "momentum", "learning_rate": 0.1, "momentum": 0.5, "weight_decay": 0.1},
    "adam": {"kind": "adam", "learning_rate": 0.02},
    "adam with decay": {"kind": "adam", "learning_rate": 0.02, "weight_decay": 0.1},
    "adamw": {"kind": "adamw", "learning_rate": 0.02, "weight_decay": 0.1},
}

PLAIN_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "centred-sigmoid": lambda z: torch.tanh(z / 2),
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky-relu": lambda z: torch.maximum(z, 0.01 * z),
    "elu": functional.elu,
    "selu": functional.selu,
    "gelu": lambda z: z * (1 + torch.erf(z / 2**0.5)) / 2,
    "silu": lambda z: z * torch.sigmoid(z),
    "mish": lambda z: z * torch.tanh(torch.log1p(torch.exp(z))),
    "softplus": lambda z: torch.log1p(torch.exp(z)),
    "softsign": lambda z: z / (1 + z.abs()),
    # torch's own has a slope of 1/6 in float32 even in float64.
    "hard-sigmoid": lambda z: torch.clamp(z + 3.0, 0.0, 6.0) / 6.0,
    "hard-tanh": lambda z: torch.clamp(z, -1, 1),
    "erf": torch.erf,
}


def cross_entropy(z: Tensor, y: Tensor, epsilon: float = 0.0) -> Tensor:
    p = torch.sigmoid(z)
    return -(y * (p + epsilon).log() + (1 - y) * (1 - p + epsilon).log()).mean()


PLAIN_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "bce-with-logits": functional.binary_cross_entropy_with_logits,
    "sigmoid-then-bce": lambda z, y: functional.binary_cross_entropy(torch.sigmoid(z), y),
    "hand-written-bce": cross_entropy,
    "hand-written-bce-eps": lambda z, y: cross_entropy(z, y, 1e-7),
    "max-form": functional.binary_cross_entropy_with_logits,
    "mse": lambda z, y: functional.mse_loss(torch.sigmoid(z), y),
}


def plain_optimiser(block: Any, parameters: list[Tensor]) -> torch.optim.Optimizer:
    rate, decay = block.learning_rate, block.weight_decay
    if block.kind == "adam":
        return torch.optim.Adam(parameters, rate, weight_decay=decay)
    if block.kind == "adamw":
        return torch.optim.AdamW(parameters, rate, weight_decay=decay)
    momentum = block.momentum if block.kind == "momentum" else 0.0
    return torch.optim.SGD(parameters, rate, momentum=momentum, weight_decay=decay)


@dataclass(frozen=True)
class Seen:
    """What the plain loop saw after ``step`` updates."""

    step: int
    metrics: dict[str, float]
    layers: dict[str, list[float]]


@dataclass
class Alone:
    """One network, trained by the book."""

    settings: Settings
    seed: int
    first: dict[str, NDArray[Any]]
    table: Table | None = None

    def __post_init__(self) -> None:
        dtype = {"float32": torch.float32, "float64": torch.float64}[self.settings.dtype]
        split = make(self.settings.data, self.seed, self.table)
        self.x, self.y, self.test_x, self.test_y = (
            torch.tensor(part, dtype=dtype)
            for part in (split.inputs, split.targets, split.test_inputs, split.test_targets)
        )
        self.activation = PLAIN_ACTIVATIONS[self.settings.network.activation]
        self.loss = PLAIN_LOSSES[self.settings.loss]
        widths = [self.x.shape[1], *self.settings.network.hidden_widths, self.y.shape[1]]
        self.linear = [nn.Linear(i, o, dtype=dtype) for i, o in pairwise(widths)]
        with torch.no_grad():
            for index, layer in enumerate(self.linear):
                layer.weight.copy_(torch.from_numpy(self.first[f"layers.{2 * index}.weight"]))
                layer.bias.copy_(torch.from_numpy(self.first[f"layers.{2 * index}.bias"]))

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        before: list[Tensor] = []
        for layer in self.linear[:-1]:
            before.append(layer(x))
            x = self.activation(before[-1])
        return self.linear[-1](x), before

    def metrics(self) -> dict[str, float]:
        found: dict[str, float] = {}
        parts = [("", self.x, self.y), ("test_", self.test_x, self.test_y)]
        for prefix, x, y in parts if len(self.test_x) else parts[:1]:
            with torch.no_grad():
                logits, _ = self.forward(x)
                found[prefix + "loss"] = self.loss(logits, y).item()
            decided, wanted = logits.numpy() >= 0, y.numpy() == 1
            found[prefix + "accuracy"] = float(np.mean(decided == wanted))
            found[prefix + "positive_share"] = float(np.mean(decided))
            if self.settings.network.kind == "multilabel":
                found[prefix + "exact_match"] = float(
                    np.mean([list(a) == list(b) for a, b in zip(decided, wanted, strict=True)])
                )
                found[prefix + "hamming"] = float(np.mean(decided != wanted))
        return found

    def slopes(self, before: list[Tensor]) -> list[NDArray[Any]]:
        leaves = [z.detach().clone().requires_grad_() for z in before]
        return [torch.autograd.grad(self.activation(leaf).sum(), leaf)[0].numpy() for leaf in leaves]

    def train(self) -> list[Seen]:
        steps, every = self.settings.training.steps or 0, self.settings.measure.every
        parameters = [p for layer in self.linear for p in (layer.weight, layer.bias)]
        optimiser = plain_optimiser(self.settings.optimizer, parameters)
        threshold = 0.01 * GREATEST_SLOPES[self.settings.network.activation].slope
        orders = batches((self.seed,), len(self.x), self.settings.training.batch_size)
        seen = []
        for step in range(1, steps + 1):
            rows = next(orders)[0]
            logits, before = self.forward(self.x[rows])
            gradients = torch.autograd.grad(self.loss(logits, self.y[rows]), parameters)
            slopes = self.slopes(before)
            layers = {
                "gradient_norm": [float(np.linalg.norm(g.double())) for g in gradients[::2]],
                "saturated_share": [float(np.mean(np.abs(slope) < threshold)) for slope in slopes],
                "dead_share": [float(np.mean(np.all(slope == 0, axis=0))) for slope in slopes],
            }
            if step == 1:
                seen.append(Seen(0, self.metrics(), layers))
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = gradient
            optimiser.step()
            if step % every == 0 or step == steps:
                seen.append(Seen(step, self.metrics(), layers))
        return seen

    def weights(self) -> dict[str, NDArray[Any]]:
        named = {f"layers.{2 * i}": layer for i, layer in enumerate(self.linear)}
        return {
            f"{name}.{kind}": parameter.detach().numpy()
            for name, layer in named.items()
            for kind, parameter in (("weight", layer.weight), ("bias", layer.bias))
        }

    def probabilities(self) -> NDArray[Any]:
        with torch.no_grad():
            return torch.sigmoid(self.forward(self.test_x if len(self.test_x) else self.x)[0]).numpy()


def settings_of(*changes: dict[str, Any]) -> Settings:
    raw = dict(BASE)
    for change in changes:
        raw |= change
    return Settings.model_validate(raw)


def run(settings: Settings, seeds: tuple[int, ...] = SEEDS, table: Table | None = None) -> StackResult:
    return execute(Stack(0, Group(0, {}, settings), seeds, table), lambda _: None)


def assert_close(
    settings: Settings,
    rtol: float = 1e-9,
    atol: float = 1e-12,
    table: Table | None = None,
    copies: tuple[int, ...] = (1,),
) -> None:
    """Hold every number that a stack gives for some of its copies against the plain loop's."""
    result = run(settings, table=table)
    unchanged = settings.model_copy(update={"training": Training(steps=0, batch_size=1)})
    first = run(unchanged, table=table).weights
    for copy in copies:
        alone = Alone(settings, result.seeds[copy], {name: values[copy] for name, values in first.items()}, table)
        seen = alone.train()
        assert [at.step for at in result.series] == [each.step for each in seen]
        for at, each in zip(result.series, seen, strict=True):
            metrics = {name: values[copy] for name, values in at.metrics.items()}
            assert metrics == pytest.approx(each.metrics, rel=rtol, abs=atol)
            for name, values in each.layers.items():
                columns = [getattr(layer, name) for layer in at.layers]
                found = [column[copy] for column in columns[: len(values)]]
                assert found == pytest.approx(values, rel=rtol, abs=0.0), name
                assert columns[len(values) :] == ([] if name == "gradient_norm" else [None])
        learnt = {name: values for name, values in result.weights.items() if not name.startswith("inputs.")}
        assert {name: values[copy].shape for name, values in learnt.items()} == {
            name: values.shape for name, values in alone.weights().items()
        }
        for name, weight in alone.weights().items():
            np.testing.assert_allclose(result.weights[name][copy], weight, rtol=rtol, atol=atol, err_msg=name)
        probabilities = alone.probabilities()
        ends = result.ends
        assert ends.probability_low[copy] == pytest.approx(probabilities.min(), rel=rtol, abs=atol)
        assert ends.probability_high[copy] == pytest.approx(probabilities.max(), rel=rtol, abs=atol)
        assert ends.probability_histogram[copy] == tuple(np.histogram(probabilities, HISTOGRAM_BINS, (0, 1))[0])
        assert ends.predicted_positive[copy] == (int((probabilities >= 0.5).sum()) if len(alone.test_x) else None)
        assert not ends.diverged[copy]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_with_every_loss(activation: str, loss: str) -> None:
    assert_close(settings_of({"network": {"activation": activation, "widths": [5, 4]}, "loss": loss}))


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adam", "adamw"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_with_every_optimiser(activation: str, optimiser: str) -> None:
    network = {"activation": activation, "widths": [5, 4]}
    assert_close(settings_of({"network": network, "optimizer": OPTIMISERS[optimiser]}))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_network_kind_with_every_loss(kind: str, loss: str) -> None:
    assert_close(settings_of(KINDS[kind], {"loss": loss}), copies=(0, 1, 2))


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_network_kind_with_every_optimiser(kind: str, optimiser: str) -> None:
    assert_close(settings_of(KINDS[kind], {"optimizer": OPTIMISERS[optimiser]}))


@pytest.mark.parametrize("init", INITIALISATIONS)
def test_every_initialisation(init: str) -> None:
    assert_close(settings_of({"network": {"widths": [5, 4], "init": init}}))


@pytest.mark.parametrize("kind", [kind for kind in DATA_KINDS if kind not in {"csv", "multilabel"}])
def test_every_kind_of_data(kind: str) -> None:
    assert_close(settings_of({"data": {"kind": kind, "samples": 27, "features": 3}}))


def test_a_table_of_the_users_own() -> None:
    random = np.random.default_rng(0)
    table = Table(random.normal(5.0, 3.0, (27, 3)), random.integers(0, 2, (27, 1)).astype(float))
    assert_close(settings_of({"data": {"kind": "csv", "path": "own.csv", "target": "y"}}), table=table)


def test_data_without_a_held_out_part() -> None:
    assert_close(settings_of({"data": {"samples": 18, "features": 3, "test_share": 0.0}}))


def test_epochs_count_the_batch_of_what_is_left_over() -> None:
    by_epochs = run(settings_of({"training": {"epochs": 2, "batch_size": 8}}))
    assert [at.step for at in by_epochs.series] == [0, 3, 6]
    by_steps = run(settings_of({"training": {"steps": 6, "batch_size": 8}}))
    assert (by_epochs.series, by_epochs.ends) == (by_steps.series, by_steps.ends)


# A sum of some tens of terms in float32 is off by a few roundings of 6e-8, which four updates carry along; Adam divides
# a gradient by its own size, so that what is lost to cancellation in a small gradient counts whole.
FLOAT32 = (2e-5, 2e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_in_float32(activation: str) -> None:
    assert_close(settings_of({"network": {"activation": activation, "widths": [5, 4]}, "dtype": "float32"}), *FLOAT32)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_in_float32(loss: str) -> None:
    assert_close(settings_of({"loss": loss, "dtype": "float32"}), *FLOAT32)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_network_kind_with_every_optimiser_in_float32(kind: str, optimiser: str) -> None:
    assert_close(settings_of(KINDS[kind], {"optimizer": OPTIMISERS[optimiser], "dtype": "float32"}), *FLOAT32)


def test_nothing_is_trained_with_no_steps_but_everything_is_measured() -> None:
    (start, *_), only = (run(settings_of({"training": {"steps": steps, "batch_size": 8}})).series for steps in (4, 0))
    assert only == [start]


def test_progress_tells_every_update_and_the_latest_measurement() -> None:
    told: list[Progress] = []
    result = execute(Stack(7, Group(2, {}, settings_of()), SEEDS), told.append)
    assert [(each.stack, each.group, each.networks, each.steps) for each in told] == [(7, 2, 3, 4)] * 5
    assert [each.step for each in told] == [0, 1, 2, 3, 4]
    latest = (0, 0, 0, 1, 2)
    at = [result.series[place] for place in latest]
    losses, norms = np.array([(each.metrics["loss"], each.layers[0].gradient_norm) for each in at], float).swapaxes(
        0, 1
    )
    assert [each.loss for each in told] == np.median(losses, axis=1).tolist()
    assert [each.gradient_norm for each in told] == np.median(norms, axis=1).tolist()


def test_a_result_names_its_stack_its_group_and_its_seeds() -> None:
    result = execute(Stack(7, Group(2, {}, settings_of()), SEEDS), lambda _: None)
    assert (result.stack, result.group, result.seeds) == (7, 2, SEEDS)
    assert result.seconds > 0.0
