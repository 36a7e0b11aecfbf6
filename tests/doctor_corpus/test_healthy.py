"""Healthy architectures: what keeps the gradient, that the measure tells a sick one, and that a seed is one network."""

import random

import pytest
import torch
from torch import nn

from doctor_corpus.blocks import mlp
from doctor_corpus.case import Case, loss_of
from doctor_corpus.healthy import Architecture, build, drawn, gradient_norms, gradient_passes, healthy, moments
from sigmoid_lab.vocabulary import ACTIVATIONS, ActivationName


def plain(activation: ActivationName, width: int) -> Case:
    return build(Architecture(32, width, activation, "plain", "critical", "yes or no", 32))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_critical_weights_keep_the_gradient_through_thirty_two_layers(activation: ActivationName) -> None:
    torch.manual_seed(0)
    norms = gradient_norms(plain(activation, 256))
    assert 0.1 < (norms[0] / norms[-1]).item() < 10


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_variance_of_an_activation_is_below_its_mean_squared_slope(activation: ActivationName) -> None:
    variance, squared_slope = moments(activation)
    assert variance <= squared_slope * (1 + 1e-9)  # Poincaré's inequality for a Gaussian


def test_the_moments_of_relu_are_known() -> None:
    assert moments("relu") == pytest.approx((0.5 - 1 / (2 * torch.pi), 0.5), abs=1e-3)


def test_a_deep_sigmoid_network_of_default_weights_does_not_pass() -> None:
    torch.manual_seed(0)
    case = plain("sigmoid", 64)
    layers = [nn.Sequential(part) for part in mlp(8, *[64] * 8, 1, activation=nn.Sigmoid)]
    assert not gradient_passes({**case, "model": nn.Sequential(*layers)})


def test_a_seed_is_one_network() -> None:
    assert loss_of(healthy(3)).item() == loss_of(healthy(3)).item()


def test_seeds_cover_every_depth_and_activation() -> None:
    chosen = [drawn(random.Random(seed)) for seed in range(1000)]
    assert {one.depth for one in chosen} == set(range(1, 65))
    assert {one.activation for one in chosen} == set(ACTIVATIONS)


@pytest.mark.parametrize("seed", range(10))
def test_the_gradient_of_a_healthy_network_passes(seed: int) -> None:
    assert gradient_passes(healthy(seed))
