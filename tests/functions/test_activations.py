"""Values and slopes against closed forms, computed with fifty decimal digits."""

from collections.abc import Callable
from decimal import Decimal, getcontext

import pytest
import torch
from torch import Tensor

from sigmoid_lab.functions.activations import ACTIVATIONS, curve, value_and_slope
from sigmoid_lab.vocabulary import ACTIVATIONS as NAMES
from sigmoid_lab.vocabulary import DTYPES, ActivationName, DtypeName

getcontext().prec = 60

Real = Callable[[Decimal], Decimal]

ONE, TWO = Decimal(1), Decimal(2)
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494")
SELU_SCALE, SELU_ALPHA = Decimal("1.0507009873554804934193349852946"), Decimal("1.6732632423543772848170429916717")


def sigmoid(z: Decimal) -> Decimal:
    return ONE / (ONE + (-z).exp())


def sigmoid_slope(z: Decimal) -> Decimal:
    return sigmoid(z) * sigmoid(-z)


def tanh(z: Decimal) -> Decimal:
    return TWO * sigmoid(TWO * z) - ONE


def softplus(z: Decimal) -> Decimal:
    return (ONE + z.exp()).ln()


def erf(z: Decimal) -> Decimal:
    """2/√π Σ (−1)ⁿ z²ⁿ⁺¹ / (n!·(2n + 1)), for |z| < 10."""
    total, power = Decimal(0), z
    for n in range(400):
        total += power / (2 * n + 1)
        power *= -z * z / (n + 1)
    return TWO / PI.sqrt() * total


def erf_slope(z: Decimal) -> Decimal:
    return TWO / PI.sqrt() * (-z * z).exp()


def normal_share(z: Decimal) -> Decimal:
    return (ONE + erf(z / TWO.sqrt())) / TWO


def normal_density(z: Decimal) -> Decimal:
    return (-z * z / TWO).exp() / (TWO * PI).sqrt()


def within(z: Decimal, bound: int) -> Decimal:
    return max(min(z, Decimal(bound)), Decimal(-bound))


def step(condition: bool) -> Decimal:
    return ONE if condition else Decimal(0)


CLOSED: dict[str, tuple[Real, Real]] = {
    "identity": (lambda z: z, lambda z: ONE),
    "sigmoid": (sigmoid, sigmoid_slope),
    "centred-sigmoid": (lambda z: TWO * sigmoid(z) - ONE, lambda z: TWO * sigmoid_slope(z)),
    "tanh": (tanh, lambda z: ONE - tanh(z) ** 2),
    "relu": (lambda z: max(z, Decimal(0)), lambda z: step(z > 0)),
    "leaky-relu": (lambda z: z if z > 0 else z / 100, lambda z: ONE if z > 0 else ONE / 100),
    "elu": (lambda z: z if z > 0 else z.exp() - 1, lambda z: ONE if z > 0 else z.exp()),
    "selu": (
        lambda z: SELU_SCALE * (z if z > 0 else SELU_ALPHA * (z.exp() - 1)),
        lambda z: SELU_SCALE * (ONE if z > 0 else SELU_ALPHA * z.exp()),
    ),
    "gelu": (lambda z: z * normal_share(z), lambda z: normal_share(z) + z * normal_density(z)),
    "silu": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) + z * sigmoid_slope(z)),
    "mish": (
        lambda z: z * tanh(softplus(z)),
        lambda z: tanh(softplus(z)) + z * (ONE - tanh(softplus(z)) ** 2) * sigmoid(z),
    ),
    "softplus": (softplus, sigmoid),
    "softsign": (lambda z: z / (ONE + abs(z)), lambda z: ONE / (ONE + abs(z)) ** 2),
    "hard-sigmoid": (lambda z: (within(z, 3) + 3) / 6, lambda z: step(abs(z) < 3) / 6),
    "hard-tanh": (lambda z: within(z, 1), lambda z: step(abs(z) < 1)),
    "erf": (erf, erf_slope),
}
POINTS = (-9.75, -4.0, -2.5, -1.25, -0.5, -0.001, 0.001, 0.5, 1.25, 2.5, 4.0, 9.75)
SMOOTH_AT_ZERO = [name for name in NAMES if name not in {"relu", "leaky-relu", "selu"}]

# torch multiplies hard-sigmoid's gradient by a sixth that is rounded to float32, even in float64.
SLOPE_ERROR = {"hard-sigmoid": 1e-7}


def in_float64(name: ActivationName, z: float) -> tuple[float, float]:
    (value,), (slope,) = curve(name, [z], "float64")
    return value, slope


def test_the_table_holds_every_word() -> None:
    assert tuple(ACTIVATIONS) == NAMES


@pytest.mark.parametrize("z", POINTS)
@pytest.mark.parametrize("name", NAMES)
def test_values_are_those_of_the_closed_form(name: ActivationName, z: float) -> None:
    expected = float(CLOSED[name][0](Decimal(z)))
    assert in_float64(name, z)[0] == pytest.approx(expected, rel=4e-15, abs=4e-15)


@pytest.mark.parametrize("z", POINTS)
@pytest.mark.parametrize("name", NAMES)
def test_slopes_are_those_of_the_closed_form(name: ActivationName, z: float) -> None:
    expected = float(CLOSED[name][1](Decimal(z)))
    assert in_float64(name, z)[1] == pytest.approx(expected, rel=SLOPE_ERROR.get(name, 4e-15), abs=4e-15)


@pytest.mark.parametrize("name", SMOOTH_AT_ZERO)
def test_value_and_slope_at_zero_are_those_of_the_closed_form(name: ActivationName) -> None:
    value, slope = in_float64(name, 0.0)
    assert value == pytest.approx(float(CLOSED[name][0](Decimal(0))), abs=1e-15)
    assert slope == pytest.approx(float(CLOSED[name][1](Decimal(0))), rel=SLOPE_ERROR.get(name, 1e-15), abs=0.0)


@pytest.mark.parametrize("name", [name for name in SMOOTH_AT_ZERO if CLOSED[name][0](Decimal(0)) == 0])
def test_a_small_signal_keeps_its_digits(name: ActivationName) -> None:
    """Thirty layers may leave 1e-20 of it."""
    (value,), (slope,) = curve(name, [1e-20], "float32")
    assert value == pytest.approx(1e-20 * slope, rel=1e-6, abs=0.0)


@pytest.mark.parametrize(("name", "slope"), [("relu", 0.0), ("leaky-relu", 0.01)])
def test_at_a_corner_torch_takes_the_slope_from_below(name: ActivationName, slope: float) -> None:
    assert in_float64(name, 0.0) == (0.0, slope)


@pytest.mark.parametrize("z", [-1000.0, -50.0, 50.0, 1000.0])
@pytest.mark.parametrize("name", ["sigmoid", "centred-sigmoid", "tanh", "hard-sigmoid", "hard-tanh", "erf"])
def test_what_is_bounded_ends_flat_at_its_bounds(name: ActivationName, z: float) -> None:
    lower = 0.0 if name in {"sigmoid", "hard-sigmoid"} else -1.0
    value, slope = in_float64(name, z)
    assert value == pytest.approx(1.0 if z > 0 else lower, abs=1e-20)
    assert slope == pytest.approx(0.0, abs=1e-20)


@pytest.mark.parametrize("name", ["relu", "leaky-relu", "elu", "gelu", "silu", "mish", "softplus", "identity"])
def test_what_is_not_bounded_above_ends_as_the_identity(name: ActivationName) -> None:
    assert in_float64(name, 1000.0) == pytest.approx((1000.0, 1.0))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_every_activation_computes_in_every_dtype(name: ActivationName, dtype: DtypeName) -> None:
    values, slopes = curve(name, POINTS, dtype)
    rounding = {"float16": 2**-10, "bfloat16": 2**-7, "float32": 2**-23, "float64": 2**-52}[dtype]
    for z, value, slope in zip(POINTS, values, slopes, strict=True):
        # A z that the format must round moves the value by at most the greatest slope, 1.76, times the rounding.
        assert value == pytest.approx(float(CLOSED[name][0](Decimal(z))), rel=4 * rounding, abs=4 * rounding)
        close = max(8 * rounding, SLOPE_ERROR.get(name, 0.0))
        assert slope == pytest.approx(float(CLOSED[name][1](Decimal(z))), rel=close, abs=8 * rounding)


@pytest.mark.parametrize("name", NAMES)
def test_a_module_keeps_shape_dtype_and_input(name: ActivationName) -> None:
    z = torch.randn(2, 3, 4, dtype=torch.float64)
    before = z.clone()
    value = ACTIVATIONS[name]()(z)
    assert (value.shape, value.dtype) == (z.shape, z.dtype)
    assert torch.equal(z, before)


@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_nan(name: ActivationName) -> None:
    value: Tensor = ACTIVATIONS[name]()(torch.full((33,), torch.nan))
    assert value.isnan().all()


@pytest.mark.parametrize("name", NAMES)
def test_slopes_are_found_where_gradients_are_off_and_leave_the_input_alone(name: ActivationName) -> None:
    z = torch.randn(2, 3)
    with torch.no_grad():
        value, slope = value_and_slope(ACTIVATIONS[name](), z)
    assert (value.shape, slope.shape) == (z.shape, z.shape)
    assert not any(tensor.requires_grad for tensor in (z, value, slope))
