"""What is normal for a network's gradients: copies that are drawn to pass them on."""

from math import pi

import pytest
import torch
from doctor.faulty import WITH_LOGITS, X, Y, deep
from torch import nn

from sigmoid_lab.doctor.case import Case
from sigmoid_lab.doctor.flow import flows, moments, normal_flows
from sigmoid_lab.doctor.observe import observe


def test_moments_of_relu_are_known() -> None:
    assert moments("relu") == pytest.approx((0.5 - 1.0 / (2.0 * pi), 0.5), abs=1e-12)


def test_moments_of_the_identity_are_known() -> None:
    assert moments("identity") == pytest.approx((1.0, 1.0), rel=1e-9)


@pytest.mark.parametrize("activation", [nn.Sigmoid, nn.Tanh, nn.ReLU, nn.GELU])
def test_copies_pass_the_gradient_where_the_model_does_not(activation: type[nn.Module]) -> None:
    torch.manual_seed(0)
    observation = observe(Case(deep(activation, 12, 64, std=0.02), WITH_LOGITS, X, Y))
    (flow,) = flows(observation)
    assert flow.ratio is not None
    assert flow.ratio < 1e-4
    assert all(0.1 < ratio < 10.0 for ratio in normal_flows(observation, flow))


def test_declined_second_looks_draw_no_copies() -> None:
    observation = observe(Case(deep(nn.Sigmoid, 6), WITH_LOGITS, X, Y), second_looks=False)
    (flow,) = flows(observation)
    assert normal_flows(observation, flow) == []


def test_a_second_look_is_announced() -> None:
    said: list[str] = []
    observation = observe(Case(deep(nn.Sigmoid, 6), WITH_LOGITS, X, Y), announce=said.append)
    normal_flows(observation, flows(observation)[0])
    assert said == ["second look: 5 re-initialised copies, a pass each (--first-look-only declines)"]
