"""Each update rule against torch.optim, on gradients of every size."""

from typing import Any

import pytest
import torch
from torch import Tensor

from sigmoid_lab.config.schema import Adam, AdamW, Momentum, Sgd
from sigmoid_lab.engine.optimisers import optimiser

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


def torchs(block: Any, parameters: list[Tensor]) -> torch.optim.Optimizer:
    rate, decay = block.learning_rate, block.weight_decay
    if block.kind in {"adam", "adamw"}:
        make = torch.optim.Adam if block.kind == "adam" else torch.optim.AdamW
        return make(parameters, rate, weight_decay=decay, foreach=False)
    momentum = block.momentum if block.kind == "momentum" else 0.0
    return torch.optim.SGD(parameters, rate, momentum=momentum, weight_decay=decay, foreach=False)


def start(dtype: torch.dtype) -> list[Tensor]:
    torch.manual_seed(0)
    return [torch.randn(3, 4, 5, dtype=dtype), torch.randn(3, 4, dtype=dtype)]


def gradients(dtype: torch.dtype, updates: int) -> list[list[Tensor]]:
    """Gradients of every size that the format holds well, some of them exactly 0."""
    torch.manual_seed(1)
    sizes = [10.0 ** torch.randint(-4, 3, (3, 1, 1)), 10.0 ** torch.randint(-4, 3, (3, 1))]
    drawn = [[size * torch.randn(*shape) for size, shape in zip(sizes, ((3, 4, 5), (3, 4)), strict=True)]] * updates
    return [[(tensor * (tensor.abs() > 1e-4)).to(dtype) for tensor in each] for each in drawn]


@pytest.mark.parametrize("name", BLOCKS)
def test_ten_updates_give_what_torch_optim_gives(name: str) -> None:
    ours, theirs = start(torch.float64), start(torch.float64)
    update, reference = optimiser(BLOCKS[name], ours), torchs(BLOCKS[name], theirs)
    for each in gradients(torch.float64, 10):
        update(each)
        for parameter, gradient in zip(theirs, each, strict=True):
            parameter.grad = gradient.clone()
        reference.step()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
@pytest.mark.parametrize("name", BLOCKS)
def test_updates_in_short_formats_give_what_torch_optim_gives(name: str, dtype: torch.dtype) -> None:
    """Not-a-number included: Adam's ε is 0 in float16."""
    ours, theirs = start(dtype), start(dtype)
    update, reference = optimiser(BLOCKS[name], ours), torchs(BLOCKS[name], theirs)
    for each in gradients(dtype, 3):
        update(each)
        for parameter, gradient in zip(theirs, each, strict=True):
            parameter.grad = gradient.clone()
        reference.step()
    for one, other in zip(ours, theirs, strict=True):
        close = 8 * torch.finfo(dtype).eps
        torch.testing.assert_close(one, other, rtol=close, atol=close, equal_nan=True)


@pytest.mark.parametrize("name", BLOCKS)
def test_gradients_are_left_as_they_were(name: str) -> None:
    parameters, given = start(torch.float64), gradients(torch.float64, 1)[0]
    before = [gradient.clone() for gradient in given]
    update = optimiser(BLOCKS[name], parameters)
    update(given)
    update(given)
    assert all(map(torch.equal, given, before))


@pytest.mark.parametrize("name", BLOCKS)
def test_a_network_of_nan_leaves_the_others_alone(name: str) -> None:
    alone, together = start(torch.float64), start(torch.float64)
    clean = gradients(torch.float64, 3)
    update, update_together = optimiser(BLOCKS[name], alone), optimiser(BLOCKS[name], together)
    for each in clean:
        update(each)
        poisoned = [gradient.clone() for gradient in each]
        for gradient in poisoned:
            gradient[1] = torch.nan
        update_together(poisoned)
    for one, other in zip(alone, together, strict=True):
        assert torch.equal(one[[0, 2]], other[[0, 2]])
        assert other[1].isnan().all()


def test_adam_first_moves_every_weight_by_its_learning_rate() -> None:
    """At the first update the corrected mean is g and the corrected square g², so the step is η·g/(|g| + ε)."""
    parameter = torch.zeros(3, dtype=torch.float64)
    optimiser(Adam(kind="adam", learning_rate=0.5), [parameter])([torch.tensor([1e-3, -7.0, 0.0], dtype=torch.float64)])
    assert parameter.tolist() == pytest.approx([-0.5, 0.5, 0.0], rel=2e-5)


def test_momentum_gathers_a_constant_gradient_to_ten_times_its_size() -> None:
    parameter = torch.zeros(1, dtype=torch.float64)
    update = optimiser(Momentum(kind="momentum", learning_rate=1.0, momentum=0.9), [parameter])
    for _ in range(400):
        before = parameter.clone()
        update([torch.ones(1, dtype=torch.float64)])
    assert (before - parameter).item() == pytest.approx(10.0)
