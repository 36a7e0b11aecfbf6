"""Stacks of recurrent networks against torch's own, one at a time."""

from collections.abc import Sequence
from math import sqrt

import pytest
import torch
from torch import Tensor, nn

from sigmoid_lab.engine.recurrent import LSTM, RNN, Recurrent, recurrent
from sigmoid_lab.vocabulary import CELLS, CellName

SEEDS, STEPS, SEQUENCES, FEATURES, HIDDEN = (4, 0, 7), 30, 5, 3, 8
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def stack(
    cell: CellName,
    forget_bias: float | None = None,
    seeds: Sequence[int] = SEEDS,
    hidden: int = HIDDEN,
    dtype: torch.dtype = torch.float64,
) -> Recurrent:
    return recurrent(cell, forget_bias, seeds, FEATURES, hidden, dtype)


def inputs(dtype: torch.dtype = torch.float64) -> Tensor:
    random = torch.Generator().manual_seed(0)
    return torch.randn(len(SEEDS), STEPS, SEQUENCES, FEATURES, generator=random, dtype=torch.float64).to(dtype)


def outputs(network: Recurrent, x: Tensor) -> Tensor:
    """Return h after every step, (E, T, B, H)."""
    return torch.stack([network.output(state) for state in network.states(x)[1:]], dim=1)


def copied(network: Recurrent, copy: int) -> nn.RNN | nn.LSTM:
    """Return torch's own module with one network's weights."""
    kind = nn.RNN if isinstance(network, RNN) else nn.LSTM
    module = kind(FEATURES, HIDDEN, dtype=network.weight_ih.dtype)
    module.load_state_dict({f"{name}_l0": getattr(network, name)[copy] for name in NAMES})
    return module


@pytest.mark.parametrize(("dtype", "off"), [(torch.float64, 1e-14), (torch.float32, 1e-6)])
@pytest.mark.parametrize("cell", ["rnn-tanh", "rnn-tanh-orthogonal", "lstm"])
def test_every_output_is_that_of_torchs_module(cell: CellName, dtype: torch.dtype, off: float) -> None:
    network, x = stack(cell, dtype=dtype), inputs(dtype)
    found = outputs(network, x)
    for copy in range(len(SEEDS)):
        expected, _ = copied(network, copy)(x[copy])
        torch.testing.assert_close(found[copy], expected, rtol=0.0, atol=off)


def test_the_last_cell_state_is_that_of_torchs_lstm() -> None:
    network, x = stack("lstm", 2.0), inputs()
    for copy in range(len(SEEDS)):
        _, (_, expected) = copied(network, copy)(x[copy])
        torch.testing.assert_close(network.states(x)[-1][0][copy], expected[0], rtol=0.0, atol=1e-14)


def test_every_output_of_a_sigmoid_rnn_is_that_of_two_plain_linear_layers() -> None:
    network, x = stack("rnn-sigmoid"), inputs()
    found = outputs(network, x)
    for copy in range(len(SEEDS)):
        w, u, b, d = (getattr(network, name)[copy] for name in NAMES)
        h = torch.zeros(SEQUENCES, HIDDEN, dtype=torch.float64)
        for step in range(STEPS):
            h = torch.sigmoid(nn.functional.linear(x[copy, step], w, b) + nn.functional.linear(h, u, d))
            torch.testing.assert_close(found[copy, step], h, rtol=0.0, atol=1e-14)


@pytest.mark.parametrize("cell", ["rnn-tanh", "lstm"])
def test_every_parameters_gradient_is_that_of_torchs_module(cell: CellName) -> None:
    network, x = stack(cell), inputs()
    outputs(network, x).square().sum().backward()
    for copy in range(len(SEEDS)):
        module = copied(network, copy)
        module(x[copy])[0].square().sum().backward()
        for name in NAMES:
            expected = getattr(module, f"{name}_l0").grad
            torch.testing.assert_close(getattr(network, name).grad[copy], expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_a_networks_draws_depend_on_its_own_seed_alone(cell: CellName) -> None:
    together, alone = stack(cell, seeds=(1, 2, 3)), stack(cell, seeds=(2,))
    for name in NAMES:
        assert torch.equal(getattr(together, name)[1], getattr(alone, name)[0])


@pytest.mark.parametrize("cell", CELLS)
def test_draws_fill_the_interval_that_torch_draws_from(cell: CellName) -> None:
    network = stack(cell, seeds=range(40), hidden=16)
    for name in NAMES:
        values = getattr(network, name).detach()
        if (cell, name) != ("rnn-tanh-orthogonal", "weight_hh"):
            assert 0.99 / 4 < values.abs().max() <= 1 / 4
            error = sqrt(4 / 45 / values.numel()) / 16  # of a square's mean, of uniform numbers up to ¼
            assert abs(values.square().mean() - 1 / 48) < 5 * error


def test_an_orthogonal_cell_has_the_tanh_cells_draws_but_for_an_orthogonal_w_hh() -> None:
    plain, turned = stack("rnn-tanh"), stack("rnn-tanh-orthogonal")
    for name in ("weight_ih", "bias_ih", "bias_hh"):
        assert torch.equal(getattr(plain, name), getattr(turned, name))
    product = turned.weight_hh @ turned.weight_hh.mT
    torch.testing.assert_close(product, torch.eye(HIDDEN, dtype=torch.float64).expand_as(product), rtol=0, atol=1e-14)


def test_the_forget_bias_is_the_total_over_both_vectors_and_changes_nothing_else() -> None:
    plain, chosen = stack("lstm"), stack("lstm", 2.5)
    forget = slice(HIDDEN, 2 * HIDDEN)
    assert torch.equal((chosen.bias_ih + chosen.bias_hh)[:, forget], torch.full((len(SEEDS), HIDDEN), 2.5).double())
    others = [unit for unit in range(4 * HIDDEN) if not HIDDEN <= unit < 2 * HIDDEN]
    for name in NAMES:
        assert torch.equal(getattr(plain, name)[:, others], getattr(chosen, name)[:, others])
    assert torch.equal(plain.weight_hh, chosen.weight_hh)


def test_the_forget_gate_is_the_second_of_torchs_four() -> None:
    network = stack("lstm", 1e9)
    assert isinstance(network, LSTM)
    drive = network.drives(inputs())[0]
    gates = network.gate_values(drive, network.start(torch.zeros(len(SEEDS), SEQUENCES, HIDDEN).double()))
    assert [bool((gate == 1.0).all()) for gate in gates] == [False, True, False, False]
