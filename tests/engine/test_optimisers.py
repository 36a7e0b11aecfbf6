"""Each update rule against torch.optim, on gradients of every size."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from sigmoid_lab.config.schema import Adam, AdamW, Momentum, Sgd
from sigmoid_lab.engine.optimisers import ADAM_EPSILON, BETA_1, BETA_2, optimiser

BLOCKS: dict[str, Sgd | Momentum | Adam | AdamW] = {
    "sgd": Sgd(learning_rate=0.3),
    "sgd with decay": Sgd(learning_rate=0.3, weight_decay=0.1),
    "momentum": Momentum(kind="momentum"),
    "momentum with decay": Momentum(kind="momentum", learning_rate=0.2, momentum=0.5, weight_decay=0.1),
    "no momentum": Momentum(kind="momentum", momentum=0.0),
    "adam": Adam(kind="adam"),
    "adam with decay": Adam(kind="adam", learning_rate=0.1, weight_decay=0.2),
    "adamw": AdamW(kind="adamw"),
    "adamw with decay": AdamW(kind="adamw", learning_rate=0.1, weight_decay=0.2),
}


def torchs(block: Any, parameters: Tensor) -> Callable[[Tensor], None]:
    rate, decay = block.learning_rate, block.weight_decay
    rule: torch.optim.Optimizer
    if block.kind in {"adam", "adamw"}:
        make = torch.optim.Adam if block.kind == "adam" else torch.optim.AdamW
        rule = make([parameters], rate, weight_decay=decay, foreach=False)
    else:
        momentum = block.momentum if block.kind == "momentum" else 0.0
        rule = torch.optim.SGD([parameters], rate, momentum=momentum, weight_decay=decay, foreach=False)

    def update(gradient: Tensor) -> None:
        parameters.grad = gradient.clone()
        rule.step()

    return update


def start(dtype: torch.dtype) -> Tensor:
    torch.manual_seed(0)
    return torch.randn(3, 4, 5, dtype=dtype)


def gradients(dtype: torch.dtype, updates: int) -> list[Tensor]:
    """Gradients of every size that the format holds well, some of them exactly 0."""
    torch.manual_seed(1)
    drawn = [10.0 ** torch.randint(-4, 3, (3, 1, 1)) * torch.randn(3, 4, 5) for _ in range(updates)]
    return [(each * (each.abs() > 1e-4)).to(dtype) for each in drawn]


@pytest.mark.parametrize("name", BLOCKS)
def test_ten_updates_give_what_torch_optim_gives(name: str) -> None:
    ours, theirs = start(torch.float64), start(torch.float64)
    update, reference = optimiser(BLOCKS[name], ours), torchs(BLOCKS[name], theirs)
    for each in gradients(torch.float64, 10):
        update(each)
        reference(each)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
@pytest.mark.parametrize("name", [name for name in BLOCKS if "momentum" in name or "sgd" in name])
def test_updates_in_short_formats_give_what_torch_optim_gives(name: str, dtype: torch.dtype) -> None:
    ours, theirs = start(dtype), start(dtype)
    update, reference = optimiser(BLOCKS[name], ours), torchs(BLOCKS[name], theirs)
    for each in gradients(dtype, 3):
        update(each)
        reference(each)
    close = 8 * torch.finfo(dtype).eps
    torch.testing.assert_close(ours, theirs, rtol=close, atol=close)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("decay", [0.0, 0.2])
@pytest.mark.parametrize("decoupled", [False, True])
def test_adam_calculates_short_formats_in_float32_and_rounds_what_it_keeps(
    decoupled: bool, decay: float, dtype: torch.dtype
) -> None:
    """torch.optim without ``fused`` rounds ε = 1e-8 to 0 in float16 and divides 0 by 0."""
    rate = 0.1
    block: Adam | AdamW = (AdamW if decoupled else Adam).model_validate(
        {"kind": "adamw" if decoupled else "adam", "learning_rate": rate, "weight_decay": decay}
    )
    weights, expected = start(dtype), start(dtype).float()
    mean, square = torch.zeros_like(expected), torch.zeros_like(expected)
    update = optimiser(block, weights)
    for step, each in enumerate(gradients(dtype, 3), start=1):
        update(each)
        g = each.float() + (0.0 if decoupled else decay) * expected
        mean, square = BETA_1 * mean + (1 - BETA_1) * g, BETA_2 * square + (1 - BETA_2) * g * g
        root = (square / (1 - BETA_2**step)).sqrt() + ADAM_EPSILON
        shrunk = expected * (1 - rate * decay if decoupled else 1.0)
        expected = (shrunk - rate * mean / (1 - BETA_1**step) / root).to(dtype).float()
        mean, square = mean.to(dtype).float(), square.to(dtype).float()
    close = 8 * torch.finfo(dtype).eps
    torch.testing.assert_close(weights.float(), expected, rtol=close, atol=close)


@pytest.mark.parametrize("name", BLOCKS)
def test_a_gradient_is_left_as_it_was(name: str) -> None:
    parameters, given = start(torch.float64), gradients(torch.float64, 1)[0]
    before = given.clone()
    update = optimiser(BLOCKS[name], parameters)
    update(given)
    update(given)
    assert torch.equal(given, before)


@pytest.mark.parametrize("name", BLOCKS)
def test_a_network_of_nan_leaves_the_others_alone(name: str) -> None:
    alone, together = start(torch.float64), start(torch.float64)
    update, update_together = optimiser(BLOCKS[name], alone), optimiser(BLOCKS[name], together)
    for each in gradients(torch.float64, 3):
        update(each)
        poisoned = each.clone()
        poisoned[1] = torch.nan
        update_together(poisoned)
    assert torch.equal(alone[[0, 2]], together[[0, 2]])
    assert together[1].isnan().all()


def test_adam_first_moves_every_weight_by_its_learning_rate() -> None:
    """At the first update the corrected mean is g and the corrected square g², so the step is η·g/(|g| + ε)."""
    parameter = torch.zeros(3, dtype=torch.float64)
    optimiser(Adam(kind="adam", learning_rate=0.5), parameter)(torch.tensor([1e-3, -7.0, 0.0], dtype=torch.float64))
    assert parameter.tolist() == pytest.approx([-0.5, 0.5, 0.0], rel=2e-5)


def test_momentum_gathers_a_constant_gradient_to_ten_times_its_size() -> None:
    parameter = torch.zeros(1, dtype=torch.float64)
    update = optimiser(Momentum(kind="momentum", learning_rate=1.0, momentum=0.9), parameter)
    for _ in range(400):
        before = parameter.clone()
        update(torch.ones(1, dtype=torch.float64))
    assert (before - parameter).item() == pytest.approx(10.0)
