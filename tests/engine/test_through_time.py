"""What arrives of a gradient, against closed forms and against autograd through the whole of a plain network."""

from math import exp, log, sqrt

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sigmoid_lab.data.streams import stream
from sigmoid_lab.engine.initialise import orthogonal
from sigmoid_lab.engine.recurrent import LSTM, Recurrent, SigmoidRNN, TanhRNN, recurrent
from sigmoid_lab.engine.through_time import FEATURES, measure, travel
from sigmoid_lab.vocabulary import CELLS, CellName

SEEDS, LAGS, HIDDEN = (3, 8), 12, 6


def without_inputs(kind: type[Recurrent], weight_hh: Tensor, bias: Tensor) -> Recurrent:
    """Return networks that see nothing but themselves, of (E, G·H, H) weights and (E, G·H) biases."""
    return kind(weight_hh.new_zeros(*bias.shape, FEATURES), weight_hh, bias, torch.zeros_like(bias))


def turned(copies: int) -> Tensor:
    return torch.from_numpy(orthogonal(np.random.default_rng(0).standard_normal((copies, HIDDEN, HIDDEN))))


def lstm(forget_bias: float, weight_hh: Tensor) -> Recurrent:
    bias = torch.zeros(len(SEEDS), 4 * HIDDEN).double()
    bias[:, HIDDEN : 2 * HIDDEN] = forget_bias
    return without_inputs(LSTM, weight_hh, bias)


def test_a_linear_regime_without_shrinking_keeps_every_gradient_whole() -> None:
    """At h = 0 tanh has slope 1 and an orthogonal W_hh keeps lengths."""
    network = without_inputs(TanhRNN, turned(2), torch.zeros(2, HIDDEN).double())
    for found in travel(network, SEEDS, LAGS):
        assert found.norm == pytest.approx([1.0] * (LAGS + 1), rel=1e-14)
        assert found.step_bound == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize("size", [0.5, 3.0])
def test_a_sigmoid_rnn_at_its_steepest_keeps_a_quarter_of_its_weight_a_step(size: float) -> None:
    """With W = size·I and biases −size/2, h = ½ is a fixed point with z = 0 there, reached from 0 only in the limit."""
    weight = size * torch.eye(HIDDEN).double().expand(2, -1, -1).clone()
    bias = torch.full((2, HIDDEN), -size / 2).double()
    for found in travel(without_inputs(SigmoidRNN, weight, bias), SEEDS, 200):
        assert found.norm[10] == pytest.approx((size / 4) ** 10, rel=1e-6)
        assert found.step_bound == pytest.approx(size / 4, rel=1e-14)


@pytest.mark.parametrize("forget_bias", [-3.0, 0.0, 1.0, 5.0])
def test_without_recurrent_weights_an_lstms_gradient_is_its_forget_gate_to_the_lag(forget_bias: float) -> None:
    gate = 1 / (1 + exp(-forget_bias))
    for found in travel(lstm(forget_bias, torch.zeros(2, 4 * HIDDEN, HIDDEN).double()), SEEDS, LAGS):
        expected = [gate**lag for lag in range(LAGS + 1)]
        assert found.norm == pytest.approx(expected, rel=1e-13)
        assert found.gate_product == pytest.approx(expected, rel=1e-13)


def whole(network: Recurrent, copy: int, seed: int) -> list[float]:
    """Return the norms by autograd through a network written down anew, in one piece."""
    w, u, b, d = (getattr(network, name)[copy].detach() for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    x = torch.from_numpy(stream(seed, "data").standard_normal((LAGS + 1, 1, FEATURES)))
    v = torch.from_numpy(stream(seed, "direction").standard_normal((1, HIDDEN)))
    h = c = torch.zeros(1, HIDDEN).double()
    states = []
    for step in x:
        z = nn.functional.linear(step, w, b) + nn.functional.linear(h, u, d)
        if isinstance(network, LSTM):
            i, f, g, o = z.split(HIDDEN, dim=1)
            c = (torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)).requires_grad_()
            h = torch.sigmoid(o) * torch.tanh(c)
        else:
            h = c = (torch.sigmoid(z) if isinstance(network, SigmoidRNN) else torch.tanh(z)).requires_grad_()
        states.append(c)
    gradients = torch.autograd.grad((v * states[-1]).sum(), states)
    return [float(gradient.norm() / v.norm()) for gradient in reversed(gradients)]


@pytest.mark.parametrize("forget_bias", [None, 4.0])
@pytest.mark.parametrize("cell", CELLS)
def test_every_path_counts_as_autograd_counts_it(cell: CellName, forget_bias: float | None) -> None:
    network = recurrent(cell, forget_bias if cell == "lstm" else None, SEEDS, FEATURES, HIDDEN, torch.float64)
    for copy, (seed, found) in enumerate(zip(SEEDS, travel(network, SEEDS, LAGS), strict=True)):
        assert found.norm == pytest.approx(whole(network, copy, seed), rel=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_a_networks_numbers_depend_on_its_own_seed_alone(cell: CellName) -> None:
    (alone,) = measure(cell, None, (5,), 16, LAGS)
    _, among, _ = measure(cell, None, (1, 5, 9), 16, LAGS)
    assert among.log_norm == pytest.approx(alone.log_norm, rel=1e-12, abs=1e-12)
    assert (among.gate_product is None) == (alone.gate_product is None) == (cell != "lstm")


@pytest.mark.parametrize("cell", ["rnn-sigmoid", "rnn-tanh", "rnn-tanh-orthogonal"])
def test_no_step_of_an_rnn_keeps_more_than_its_bound(cell: CellName) -> None:
    for found in measure(cell, None, range(20), 16, LAGS):
        assert found.step_bound is not None
        assert all(norm <= found.step_bound**lag * (1 + 1e-12) for lag, norm in enumerate(found.norm))


def test_a_norm_beyond_float64_is_zero_and_its_logarithm_tells_it() -> None:
    """A sigmoid RNN of weight ε·I keeps ε·φ′(0) a step but for ε² more."""
    weight = 1e-9 * torch.eye(HIDDEN).double().expand(2, -1, -1).clone()
    for found in travel(without_inputs(SigmoidRNN, weight, torch.zeros(2, HIDDEN).double()), SEEDS, 50):
        assert found.norm[50] == 0.0
        assert found.log_norm[50] == pytest.approx(50 * log(0.25e-9), rel=1e-12)


def test_a_gradient_that_is_really_zero_is_told_as_zero() -> None:
    network = without_inputs(TanhRNN, torch.zeros(2, HIDDEN, HIDDEN).double(), torch.zeros(2, HIDDEN).double())
    for found in travel(network, SEEDS, 3):
        assert found.norm == (1.0, 0.0, 0.0, 0.0)


def test_wide_tanh_rnns_of_small_states_keep_the_root_of_a_third_a_step() -> None:
    """E‖Wᵀv‖² = ‖v‖²·H·Var W = ‖v‖²/3 for torch's draws; slopes below 1 take a little more."""
    norms = [found.norm[1] for found in measure("rnn-tanh", None, range(32), 256, 1)]
    assert 0.9 / sqrt(3) < np.median(norms) < 1 / sqrt(3)
