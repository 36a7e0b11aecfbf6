from math import exp, inf, log

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmoid_lab.theory.gates import per_step_bound, time_constant


@given(st.floats(-1e4, 700.0))
def test_the_time_constant_is_that_of_exact_arithmetic(bias: float) -> None:
    with mpmath.workdps(400):
        exact = -1 / mpmath.log(1 / (1 + mpmath.exp(-mpmath.mpf(bias))))
        assert time_constant(bias) == pytest.approx(float(exact), rel=1e-14)


def test_an_open_gate_and_a_half_open_one() -> None:
    assert time_constant(0.0) == pytest.approx(1 / log(2), rel=1e-15)
    assert time_constant(log(exp(1 / 100) - 1) * -1) == pytest.approx(100.0, rel=1e-12)


def test_a_gate_that_rounds_to_one_never_forgets_and_one_that_is_shut_does_at_once() -> None:
    assert time_constant(1e308) == inf
    assert time_constant(-1e308) == pytest.approx(1e-308, rel=1e-15)


def test_a_sigmoid_rnn_keeps_at_most_a_quarter_of_its_weights_norm_and_a_tanh_rnn_all_of_it() -> None:
    assert (per_step_bound("sigmoid", 3.0), per_step_bound("tanh", 3.0)) == (0.75, 3.0)
