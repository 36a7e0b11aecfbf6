"""Networks that learn to recall a bit: who does, who does not, and on what that depends."""

import pytest
import torch

from sigmoid_lab.engine.recall import SOLVED_FROM, UPDATES, train_on_recall
from sigmoid_lab.results.gates import Recalled
from sigmoid_lab.vocabulary import CellName


def trained(cell: CellName, forget_bias: float | None, seeds: range, lag: int) -> tuple[Recalled, ...]:
    return train_on_recall(cell, forget_bias, seeds, lag, lambda _: None)


def test_a_forget_bias_decides_whether_an_lstm_recalls_after_thirty_steps() -> None:
    assert all(each.updates for each in trained("lstm", 5.0, range(4), 30))
    assert not any(each.updates for each in trained("lstm", None, range(4), 30))


def test_orthogonal_weights_decide_whether_a_tanh_rnn_recalls_after_thirty_steps() -> None:
    assert all(each.updates for each in trained("rnn-tanh-orthogonal", None, range(4), 30))
    assert not any(each.updates for each in trained("rnn-tanh", None, range(4), 30))


def test_who_solves_it_is_right_and_who_does_not_tosses_a_coin() -> None:
    assert all(each.accuracy >= SOLVED_FROM for each in trained("rnn-tanh", None, range(4), 10))
    for each in trained("rnn-sigmoid", None, range(4), 30):
        assert each.updates is None
        assert 0.35 < each.accuracy < 0.65


@pytest.mark.parametrize("seeds", [range(4, 5), range(2, 8)])
def test_a_networks_training_depends_on_its_own_seed_alone(seeds: range) -> None:
    among = dict(zip(range(8), trained("rnn-tanh", None, range(8), 10), strict=True))
    for seed, alone in zip(seeds, trained("rnn-tanh", None, seeds, 10), strict=True):
        assert alone == among[seed]


def test_training_ends_when_the_last_network_has_solved_the_task() -> None:
    updates: list[int] = []
    found = train_on_recall("rnn-tanh-orthogonal", None, range(3), 10, updates.append)
    assert updates[-1] == max(each.updates or UPDATES for each in found) < UPDATES


def test_training_leaves_the_users_random_state_alone() -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    trained("rnn-tanh-orthogonal", None, range(1), 2)
    assert torch.equal(torch.random.get_rng_state(), before)
