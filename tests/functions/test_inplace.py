"""The passes of every activation against its module and autograd, over ordinary and extreme numbers."""

import pytest
import torch
from torch import Tensor

from sigmoid_lab.functions.activations import ACTIVATIONS
from sigmoid_lab.functions.inplace import ONE_KERNEL, in_place
from sigmoid_lab.vocabulary import ACTIVATIONS as NAMES
from sigmoid_lab.vocabulary import ActivationName

ROUNDED_BY_TORCH: dict[ActivationName, float] = {"hard-sigmoid": 1e-7, "softplus": 1e-8}
"""In float64 as well: a sixth is float32's, and softplus is the straight line beyond z = 20."""

Z = [*torch.linspace(-30.0, 30.0, 1201).tolist(), 0.0, -0.0, 1e-30, 1000.0, -1000.0]


def numbers(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    z = torch.tensor(Z, dtype=dtype)
    return z, torch.randn(len(z)).to(dtype)


def by_autograd(name: ActivationName, z: Tensor, delta: Tensor) -> Tensor:
    z = z.clone().requires_grad_()
    (found,) = torch.autograd.grad((ACTIVATIONS[name]()(z) * delta).sum(), z)
    return found


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("name", NAMES)
def test_forward_is_the_modules(name: ActivationName, dtype: torch.dtype) -> None:
    z, _ = numbers(dtype)
    assert torch.equal(ACTIVATIONS[name]()(z.clone()), in_place(name).forward(z))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", NAMES)
def test_backward_is_autograds(name: ActivationName, dtype: torch.dtype) -> None:
    z, delta = numbers(dtype)
    expected = by_autograd(name, z, delta)
    passes = in_place(name)
    a = passes.forward(z)
    passes.backward(delta, z, a)
    close = max(10 * torch.finfo(dtype).eps, ROUNDED_BY_TORCH.get(name, 0.0))
    torch.testing.assert_close(delta, expected, rtol=close, atol=10 * close)


@pytest.mark.parametrize("name", NAMES)
def test_backward_writes_over_what_it_is_given(name: ActivationName) -> None:
    z, delta = numbers(torch.float32)
    passes, place = in_place(name), delta.data_ptr()
    a = passes.forward(z)
    assert passes.backward(delta, z, a).data_ptr() == place


@pytest.mark.parametrize("name", ONE_KERNEL)
def test_the_usual_activations_write_over_their_input(name: ActivationName) -> None:
    z, _ = numbers(torch.float32)
    assert in_place(name).forward(z).data_ptr() == z.data_ptr()
