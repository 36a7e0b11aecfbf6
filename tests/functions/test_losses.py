from collections.abc import Callable
from decimal import Decimal, getcontext
from math import exp

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from sigmoid_lab.functions.dtypes import DTYPES
from sigmoid_lab.functions.losses import LOSSES, Loss
from sigmoid_lab.vocabulary import DTYPES as DTYPE_NAMES
from sigmoid_lab.vocabulary import LOSSES as NAMES
from sigmoid_lab.vocabulary import DtypeName, LossName

getcontext().prec = 60

ONE, EPSILON = Decimal(1), Decimal("1e-7")
Real = Callable[[Decimal, Decimal], Decimal]


def sigmoid(z: Decimal) -> Decimal:
    return ONE / (ONE + (-z).exp())


def cross_entropy(z: Decimal, y: Decimal, epsilon: Decimal = Decimal(0)) -> Decimal:
    return -y * (sigmoid(z) + epsilon).ln() - (ONE - y) * (sigmoid(-z) + epsilon).ln()


def eps_gradient(z: Decimal, y: Decimal) -> Decimal:
    slope = sigmoid(z) * sigmoid(-z)
    return -y * slope / (sigmoid(z) + EPSILON) + (ONE - y) * slope / (sigmoid(-z) + EPSILON)


def gap(z: Decimal, y: Decimal) -> Decimal:
    return sigmoid(z) - y


CLOSED: dict[LossName, tuple[Real, Real]] = {
    "bce-with-logits": (cross_entropy, gap),
    "sigmoid-then-bce": (cross_entropy, gap),
    "hand-written-bce": (cross_entropy, gap),
    "hand-written-bce-eps": (lambda z, y: cross_entropy(z, y, EPSILON), eps_gradient),
    "max-form": (cross_entropy, gap),
    "mse": (
        lambda z, y: (sigmoid(z) - y) ** 2,
        lambda z, y: 2 * (sigmoid(z) - y) * sigmoid(z) * sigmoid(-z),
    ),
}
POINTS = (-8.0, -3.5, -1.0, -0.125, 0.125, 1.0, 3.5, 8.0)
STABLE: tuple[LossName, ...] = ("bce-with-logits", "max-form")
EXTREMES = (-1000.0, -500.0, -100.0, -40.0, -17.0, -0.5, 0.0, 0.5, 17.0, 40.0, 100.0, 500.0, 1000.0)


def loss_and_gradient(loss: Loss, z: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    z = z.clone().requires_grad_()
    value = loss(z, y)
    return value.detach(), torch.autograd.grad(value.sum(), z)[0]


def pairs(points: tuple[float, ...], dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Every z with both targets, (points, 2)."""
    z = torch.tensor(points, dtype=dtype).unsqueeze(1).expand(-1, 2).contiguous()
    return z, torch.tensor([0.0, 1.0], dtype=dtype).expand_as(z).contiguous()


def test_the_table_holds_every_word() -> None:
    assert tuple(LOSSES) == NAMES


# A rounding of z is left where |z| is taken away, and one of 1 over 1 − p where a logarithm is taken of 1 − p.
@pytest.mark.parametrize("y", [0, 1])
@pytest.mark.parametrize("z", POINTS)
@pytest.mark.parametrize("name", NAMES)
def test_values_are_those_of_the_closed_form(name: LossName, z: float, y: int) -> None:
    value, _ = loss_and_gradient(LOSSES[name], *(torch.tensor([float(n)], dtype=torch.float64) for n in (z, y)))
    expected = float(CLOSED[name][0](Decimal(z), Decimal(y)))
    roundings = 1 + abs(z) + (0.0 if name in STABLE else exp(abs(z)))
    assert value.item() == pytest.approx(expected, rel=1e-15, abs=roundings * 2**-52)


@pytest.mark.parametrize("y", [0, 1])
@pytest.mark.parametrize("z", POINTS)
@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_those_of_the_closed_form(name: LossName, z: float, y: int) -> None:
    _, gradient = loss_and_gradient(LOSSES[name], *(torch.tensor([float(n)], dtype=torch.float64) for n in (z, y)))
    expected = float(CLOSED[name][1](Decimal(z), Decimal(y)))
    assert gradient.item() == pytest.approx(expected, rel=1e-15, abs=2**-51)


@pytest.mark.parametrize("name", NAMES)
def test_a_target_between_the_classes_is_weighed(name: LossName) -> None:
    z, y = torch.tensor([1.5], dtype=torch.float64), torch.tensor([0.25], dtype=torch.float64)
    if name == "mse":
        expected = float((sigmoid(Decimal("1.5")) - Decimal("0.25")) ** 2)
    else:
        loss = LOSSES[name]
        expected = 0.75 * loss(z, torch.zeros_like(y)).item() + 0.25 * loss(z, torch.ones_like(y)).item()
    assert LOSSES[name](z, y).item() == pytest.approx(expected, rel=1e-14, abs=0.0)


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("name", STABLE)
def test_stable_losses_of_extreme_logits_are_how_far_they_are_wrong(name: LossName, dtype: DtypeName) -> None:
    z, y = pairs((-1000.0, -500.0, 500.0, 1000.0), DTYPES[dtype])
    value, gradient = loss_and_gradient(LOSSES[name], z, y)
    torch.testing.assert_close(value, torch.clamp(z, min=0) - z * y, rtol=0.0, atol=1e-200)
    torch.testing.assert_close(gradient, (z > 0).to(z.dtype) - y, rtol=0.0, atol=1e-200)


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
def test_the_max_form_is_torchs_stable_loss(dtype: DtypeName) -> None:
    z, y = pairs((*EXTREMES, *POINTS), DTYPES[dtype])
    difference = LOSSES["max-form"](z, y) - LOSSES["bce-with-logits"](z, y)
    assert (difference.abs() <= (1 + z.abs()) * torch.finfo(z.dtype).eps).all()


@given(z=st.floats(-1e4, 1e4), y=st.floats(0.0, 1.0))
def test_the_max_form_is_the_stable_loss_whatever_the_logit_and_the_target(z: float, y: float) -> None:
    logits, targets = (torch.tensor([number], dtype=torch.float64) for number in (z, y))
    difference = LOSSES["max-form"](logits, targets) - LOSSES["bce-with-logits"](logits, targets)
    assert abs(difference.item()) <= (1.0 + abs(z)) * 2**-52


def test_confident_mistakes_break_the_hand_written_form_and_a_right_answer_does_too() -> None:
    z, y = pairs((-1000.0, 1000.0), torch.float32)
    (wrong_low, right_low), (right_high, wrong_high) = LOSSES["hand-written-bce"](z, y)[:, [1, 0]]
    assert wrong_low == torch.inf  # −log 0
    assert right_high.isnan()  # 0·log 0
    assert not (right_low.isfinite() and wrong_high.isfinite())


def test_epsilon_keeps_confident_mistakes_finite_at_the_price_of_their_gradient() -> None:
    z, y = pairs((-1000.0, 1000.0), torch.float32)
    value, gradient = loss_and_gradient(LOSSES["hand-written-bce-eps"], z, y)
    assert value.max().item() == pytest.approx(16.118, rel=1e-3)  # −ln 1e-7, up to the rounding of 1 + 1e-7
    assert value.isfinite().all()
    assert not gradient.any()


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
def test_sigmoid_then_bce_is_torchs_bceloss_of_the_sigmoid(dtype: DtypeName) -> None:
    def torchs(logits: Tensor, targets: Tensor) -> Tensor:
        losses: Tensor = nn.BCELoss(reduction="none")(torch.sigmoid(logits), targets)
        return losses

    z, y = pairs((*EXTREMES, *POINTS), DTYPES[dtype])
    value, gradient = loss_and_gradient(LOSSES["sigmoid-then-bce"], z, y)
    expected, expected_gradient = loss_and_gradient(torchs, z, y)
    torch.testing.assert_close(value, expected, rtol=0.0, atol=0.0)
    torch.testing.assert_close(gradient, expected_gradient, rtol=0.0, atol=0.0, equal_nan=dtype == "float16")


@pytest.mark.parametrize("name", NAMES)
def test_a_nan_logit_gives_nan_in_its_own_place_alone(name: LossName) -> None:
    z = torch.tensor([0.5, torch.nan, -0.5])
    y = torch.tensor([1.0, 1.0, 0.0])
    value, gradient = loss_and_gradient(LOSSES[name], z, y)
    assert value.isnan().tolist() == [False, True, False]
    assert gradient.isnan().tolist() == [False, True, False]


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("name", NAMES)
def test_a_loss_keeps_shape_and_dtype(name: LossName, dtype: DtypeName) -> None:
    z = torch.zeros(2, 3, 4, dtype=DTYPES[dtype])
    value = LOSSES[name](z, z)
    assert (value.shape, value.dtype) == (z.shape, z.dtype)
