"""What is said of sigmoid in the gates of an LSTM."""

from __future__ import annotations

from statistics import median

from sigmoid_lab.engine.recurrent import recurrent
from sigmoid_lab.engine.through_time import travel
from sigmoid_lab.functions.dtypes import DTYPES
from sigmoid_lab.questions.claims.claim import Claim, Numbers, judged, starting_with
from sigmoid_lab.results.claims import ClaimVerdict
from sigmoid_lab.vocabulary import CellName

LAG, FEATURES, HIDDEN, SEEDS = 20, 10, 64, range(32)
LEFT = 0.01
"""A gradient of which this much is left can still be learnt from."""
NETWORKS: dict[str, tuple[CellName, float | None]] = {
    "rnn_sigmoid": ("rnn-sigmoid", None),
    "rnn_tanh": ("rnn-tanh", None),
    "lstm_default": ("lstm", None),
    "lstm_1": ("lstm", 1.0),
    "lstm_3": ("lstm", 3.0),
}
"""Cells with the forget gate's bias."""


def _left() -> Numbers:
    return {name: _left_of(cell, bias) for name, (cell, bias) in NETWORKS.items()} | {"lag": float(LAG)}


def _left_of(cell: CellName, forget_bias: float | None) -> float:
    network = recurrent(cell, forget_bias, SEEDS, FEATURES, HIDDEN, DTYPES["float64"])
    return median(travelled.norm[LAG] for travelled in travel(network, SEEDS, LAG))


def _gates_carry(n: Numbers) -> ClaimVerdict:
    lstms = starting_with("lstm_", n)
    least = max(LEFT, n["rnn_sigmoid"])
    return judged(min(lstms) >= least, max(lstms) >= least)


CLAIMS = (
    Claim(
        "gates-exception",
        "Sigmoid is fine in the gates of an LSTM, although it saturates.",
        _left,
        _gates_carry,
        "{lag} steps back {rnn_sigmoid} of a gradient is left in a sigmoid RNN and {rnn_tanh} in a tanh RNN; in an "
        "LSTM {lstm_default} with torch's default biases, {lstm_1} with a forget bias of 1 and {lstm_3} with 3: how "
        "open the forget gate starts decides.",
        """
import torch
from sigmoid_lab.engine.recurrent import recurrent
from sigmoid_lab.engine.through_time import travel

for cell, forget_bias in (("rnn-sigmoid", None), ("lstm", None), ("lstm", 3.0)):
    network = recurrent(cell, forget_bias, range(32), features=10, hidden=64, dtype=torch.float64)
    left = travel(network, range(32), lags=20).log_norm.exp()
    print(left[:, 20].quantile(0.5).item())
""",
    ),
)
