"""Every number format runs with everything, and agrees with float64 as far as it can hold numbers apart."""

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from sigmoid_lab.config.schema import Settings
from sigmoid_lab.engine.backprop import Backpropagation
from sigmoid_lab.engine.execute import execute
from sigmoid_lab.engine.measure import norms
from sigmoid_lab.engine.networks import DeepNet, linear_layers
from sigmoid_lab.functions.losses import bce_with_logits
from sigmoid_lab.plan import Group, Stack
from sigmoid_lab.results.measured import StackResult
from sigmoid_lab.vocabulary import ACTIVATIONS, DTYPES, LOSSES, OPTIMISERS, ActivationName, DtypeName

ROUNDING: dict[DtypeName, float] = {"float16": 2**-11, "bfloat16": 2**-8, "float32": 2**-24, "float64": 2**-53}
HELD: dict[DtypeName, str] = {
    "float16": "float16",
    "bfloat16": "float32",
    "float32": "float32",
    "float64": "float64",
}


@cache
def run(dtype: DtypeName, activation: str = "sigmoid", loss: str = "bce-with-logits", kind: str = "sgd") -> StackResult:
    settings: dict[str, Any] = {
        "data": {"kind": "blobs", "samples": 64},
        "network": {"activation": activation, "widths": [8, 8]},
        "loss": loss,
        "optimizer": {"kind": kind},
        "training": {"steps": 3, "batch_size": 16},
        "dtype": dtype,
    }
    return execute(Stack(0, Group(0, {}, Settings.model_validate(settings)), (0, 1)), lambda _: None)


def assert_close(dtype: DtypeName, **settings: str) -> None:
    """Three updates and a mean of 48 losses: some tens of roundings at the most."""
    rough, fine = run(dtype, **settings), run("float64", **settings)
    assert not any(rough.ends.diverged)
    for measured, exact in zip(rough.series, fine.series, strict=True):
        close = 30 * ROUNDING[dtype]
        assert measured.metrics["loss"] == pytest.approx(exact.metrics["loss"], rel=close)
        assert measured.metrics["test_loss"] == pytest.approx(exact.metrics["test_loss"], rel=close)
    for name, values in fine.weights.items():
        np.testing.assert_allclose(rough.weights[name].astype(float), values, rtol=0, atol=30 * ROUNDING[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_runs_in_every_dtype(activation: str, dtype: DtypeName) -> None:
    assert_close(dtype, activation=activation)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_runs_in_every_dtype(loss: str, dtype: DtypeName) -> None:
    assert_close(dtype, loss=loss)


@pytest.mark.parametrize("dtype", ["bfloat16", "float32", "float64"])
@pytest.mark.parametrize("kind", OPTIMISERS)
def test_every_optimiser_runs_in_every_wide_dtype(kind: str, dtype: DtypeName) -> None:
    assert_close(dtype, kind=kind)


@pytest.mark.parametrize("activation", ["sigmoid", "selu", "gelu", "hard-sigmoid"])
def test_ten_layers_of_bfloat16_have_the_gradient_norms_of_autograd(activation: ActivationName) -> None:
    """A constant such as 1/6, rounded to bfloat16 before it multiplies, is 0.2 % off at every layer, always one way."""
    torch.manual_seed(0)
    network = DeepNet(10, 10, 16, activation, copies=10).bfloat16()
    x, y = torch.randn(10, 16, 10).bfloat16(), torch.randint(0, 2, (10, 16, 1)).bfloat16()
    by_hand = Backpropagation(network, "bce-with-logits")(x, y).weights[0]
    losses = bce_with_logits(network(x), y).mean((1, 2))
    by_autograd = torch.autograd.grad(losses.sum(), linear_layers(network)[0].weight)[0]
    assert (norms(by_hand) / norms(by_autograd)).median().item() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("dtype", DTYPES)
def test_weights_come_out_as_numpy(dtype: DtypeName) -> None:
    weights = run(dtype).weights
    assert {name: values.shape for name, values in weights.items()} == {
        "layers.0.weight": (2, 8, 2),
        "layers.0.bias": (2, 8),
        "layers.2.weight": (2, 8, 8),
        "layers.2.bias": (2, 8),
        "layers.4.weight": (2, 1, 8),
        "layers.4.bias": (2, 1),
    }
    assert {str(values.dtype) for values in weights.values()} == {HELD[dtype]}


def test_bfloat16_weights_come_out_exactly() -> None:
    for values in run("bfloat16").weights.values():
        assert not (values.view(np.uint32) & 0xFFFF).any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_are_told_as_plain_floats(dtype: DtypeName) -> None:
    result = run(dtype)
    told = [result.ends.probability_low, result.ends.probability_high, *result.series[0].metrics.values()]
    told += [layer.gradient_norm for layer in result.series[0].layers]
    assert {type(number) for column in told for number in column} == {float}
    assert {type(number) for number in result.ends.predicted_positive} == {int}
