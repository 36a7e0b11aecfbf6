"""What is said of sigmoid in the gates of an LSTM."""

from __future__ import annotations

from sigmoid_lab.numerics import exact
from sigmoid_lab.questions.claims.claim import Claim, Numbers, judged, starting_with
from sigmoid_lab.questions.gates import gates
from sigmoid_lab.results.claims import ClaimVerdict
from sigmoid_lab.results.gates import ForgetBias
from sigmoid_lab.theory.slopes import GREATEST_SLOPES
from sigmoid_lab.vocabulary import CellName

LAG, SEEDS = 20, 32
SATURATED = 6.0
"""A forget bias whose gate starts saturated, its slope below 1 % of the greatest."""
LEFT: dict[tuple[CellName, ForgetBias], str] = {
    ("rnn-sigmoid", None): "rnn_sigmoid",
    ("rnn-tanh", None): "rnn_tanh",
    ("rnn-tanh-orthogonal", None): "rnn_orthogonal",
    ("lstm", "default"): "lstm_default",
    ("lstm", 1.0): "lstm_1",
    ("lstm", SATURATED): "lstm_6",
}


def _left() -> Numbers:
    rows = gates(LAG, forget_biases=["default", 1.0, SATURATED], seeds=SEEDS).rows
    left = {LEFT[row.cell, row.forget_bias]: row.gradient_norm.median or 0.0 for row in rows if row.lag == LAG}
    return left | {"lag": float(LAG), "slope_6": float(exact.slope(SATURATED)) / GREATEST_SLOPES["sigmoid"].slope}


def _as_much_as_the_best(n: Numbers) -> ClaimVerdict:
    kept = [left >= max(starting_with("rnn_", n)) for left in starting_with("lstm_", n)]
    return judged(all(kept), any(kept))


CLAIMS = (
    Claim(
        "gates-exception",
        "Sigmoid is fine in the gates of an LSTM, although it saturates.",
        _left,
        _as_much_as_the_best,
        "{lag} steps back {rnn_sigmoid} of a gradient is left in a sigmoid RNN, {rnn_tanh} in a tanh RNN and "
        "{rnn_orthogonal} in one with orthogonal weights; in an LSTM {lstm_default} with torch's default biases, "
        "{lstm_1} with a forget bias of 1 and {lstm_6} with 6, where the gate's slope is {slope_6:.2%} of its "
        "greatest.",
        """
import sigmoid_lab

rows = sigmoid_lab.gates(20, forget_biases=["default", 1.0, 6.0], seeds=32).rows
left = {(row.cell, row.forget_bias): row.gradient_norm.median for row in rows if row.lag == 20}
print("rnn_orthogonal", left["rnn-tanh-orthogonal", None])
print("lstm_default", left["lstm", "default"])
print("lstm_1", left["lstm", 1.0])
print("lstm_6", left["lstm", 6.0])
""",
    ),
)
