from math import exp, log
from typing import Any

import pytest

from sigmoid_lab import LabError, gates, plan
from sigmoid_lab.questions import gates as question
from sigmoid_lab.results.gates import ForgetBias, GateRow, GatesAnswer, GatesProgress


@pytest.fixture(scope="module")
def usual() -> GatesAnswer:
    return gates(seeds=16, forget_biases=["default", 1, "3"])


def rows(answer: GatesAnswer, cell: str, forget_bias: ForgetBias = None) -> dict[int, GateRow]:
    return {row.lag: row for row in answer.rows if (row.cell, row.forget_bias) == (cell, forget_bias)}


def median(row: GateRow) -> float:
    assert row.gradient_norm.median is not None
    return row.gradient_norm.median


def test_an_lstm_is_as_torch_draws_it_unless_a_bias_is_named() -> None:
    answer = gates(2, 2, seeds=1)
    assert [row.forget_bias for row in answer.rows if row.cell == "lstm"] == ["default"] * 2
    assert answer.settings["forget_bias"] == ("default",)


def test_the_factor_is_the_geometric_mean_of_the_medians_over_the_last_three_quarters(usual: GatesAnswer) -> None:
    for kind in (("rnn-sigmoid", None), ("rnn-tanh", None), ("lstm", "default"), ("lstm", 3.0)):
        found = rows(usual, *kind)
        assert found[40].per_step_factor == pytest.approx(
            (median(found[40]) / median(found[10])) ** (1 / 30), rel=1e-12
        )


def test_the_factor_is_told_where_the_norms_underflow() -> None:
    found = rows(gates(600, 4, seeds=3), "rnn-sigmoid")
    assert median(found[600]) == 0.0
    factor = found[600].per_step_factor
    assert factor is not None
    assert factor == pytest.approx((median(found[250]) / median(found[150])) ** (1 / 100), rel=0.1)


def test_a_sigmoid_rnn_forgets_faster_than_a_tanh_rnn_than_an_orthogonal_one(usual: GatesAnswer) -> None:
    sigmoid, tanh, turned = (rows(usual, cell)[40] for cell in ("rnn-sigmoid", "rnn-tanh", "rnn-tanh-orthogonal"))
    assert median(sigmoid) < 1e-30 < median(tanh) < 1e-8 < 1e-4 < median(turned) < 1.0


def test_an_lstm_as_torch_draws_it_forgets_faster_than_an_orthogonal_rnn(usual: GatesAnswer) -> None:
    default = rows(usual, "lstm", "default")[40]
    assert median(rows(usual, "rnn-tanh")[40]) < median(default) < median(rows(usual, "rnn-tanh-orthogonal")[40])


def test_a_greater_forget_bias_remembers_longer(usual: GatesAnswer) -> None:
    default, one, three = (rows(usual, "lstm", bias)[40] for bias in ("default", 1.0, 3.0))
    assert median(default) < median(one) < median(three)
    times = [row.time_constant_steps for row in (default, one, three)]
    assert times == pytest.approx([1 / log(2), 3.19222, 20.5815], rel=1e-5)


def test_the_gates_alone_are_what_their_time_constant_says(usual: GatesAnswer) -> None:
    """Recurrent weights move the gates around σ(b), so this holds roughly."""
    row = rows(usual, "lstm", 3.0)[40]
    assert row.gate_product is not None
    assert row.gate_product.median == pytest.approx(exp(-40 / 20.5815), rel=0.2)


def test_only_rnns_have_a_bound_and_they_keep_it(usual: GatesAnswer) -> None:
    for row in usual.rows:
        assert (row.per_step_bound is None) == (row.cell == "lstm") == (row.gate_product is not None)
        if row.per_step_bound is not None:
            assert row.gradient_norm.high is not None
            assert row.gradient_norm.high <= row.per_step_bound**row.lag * (1 + 1e-9)


def test_a_network_more_changes_no_other() -> None:
    one, two = (gates(3, 4, seeds=1, seed=seed).rows[0].gradient_norm for seed in (7, 8))
    both = gates(3, 4, seeds=2, seed=7).rows[0].gradient_norm
    assert both.mean == pytest.approx(((one.mean or 0.0) + (two.mean or 0.0)) / 2, rel=1e-12)


def test_more_networks_than_find_room_at_once_are_measured_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gates(3, 4, seeds=5)
    monkeypatch.setitem(plan.STACK_BYTES, "cpu", 2 * question.network_bytes(4, 3))
    told: list[GatesProgress] = []
    parts = gates(3, 4, seeds=5, on_progress=told.append)
    assert [each.done for each in told if each.cell == "lstm"] == [0, 2, 4]
    for row, other in zip(whole.rows, parts.rows, strict=True):
        assert row.gradient_norm.rms == pytest.approx(other.gradient_norm.rms, rel=1e-12)


def test_nothing_is_trained_unless_asked(usual: GatesAnswer) -> None:
    assert usual.recall == ()
    assert usual.settings["recall"] is None


def test_training_tells_who_solves_it_at_which_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question, "RECALL_LAGS", (1, 5))
    monkeypatch.setattr(question, "CELLS", ("rnn-tanh-orthogonal",))
    told: list[GatesProgress] = []
    answer = gates(1, 1, [5.0], seeds=1, train=2, on_progress=told.append)
    kinds = [("rnn-tanh-orthogonal", None), ("lstm", 5.0)]
    assert [(row.cell, row.forget_bias, row.lag) for row in answer.recall] == [
        (*k, lag) for k in kinds for lag in (1, 5)
    ]
    for row in answer.recall:
        assert (row.networks, row.solved) == (2, 2)
        assert row.updates.median is not None
        assert row.updates.median % 5 == 0
        assert (row.accuracy.low or 0.0) >= 0.99
    assert {(each.lag, each.total) for each in told} == {(None, 1), (1, 300), (5, 300)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps: 0 is out of range; it must be from 1 to 10000"),
        ({"steps": 10_001}, "steps: 10001 is out of range"),
        ({"hidden": 0}, "hidden: 0 is out of range; it must be at least 1"),
        ({"hidden": -3, "seeds": 0}, "hidden: -3 is out of range.*\nseeds: 0 is out of range"),
        ({"hidden": 10**12}, "hidden: one LSTM of 1000000000000 units over 40 steps needs about"),
        ({"seed": -1}, "seed: -1 is out of range"),
        ({"train": -1}, "train: -1 is out of range"),
        ({"forget_biases": [float("nan")]}, "forget-bias: 'nan' is no finite number"),
        ({"forget_biases": ["inf"]}, "forget-bias: 'inf' is no finite number; write for example 3"),
        ({"forget_biases": ["open"]}, "forget-bias: 'open' is no finite number"),
    ],
)
def test_what_cannot_be_measured_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(LabError, match=message):
        gates(**arguments)


def test_extreme_biases_have_an_answer() -> None:
    answer = gates(3, 2, [1e300, -1e300], seeds=2)
    opened, shut = rows(answer, "lstm", 1e300)[3], rows(answer, "lstm", -1e300)[3]
    assert opened.gate_product is not None
    assert shut.gate_product is not None
    assert (opened.gate_product.median, shut.gate_product.median) == (1.0, 0.0)
    assert median(shut) > 0.0
