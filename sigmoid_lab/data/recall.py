"""Delayed recall: a bit at the first step, noise after it, and the bit to be told at the last."""

import numpy as np
from numpy.typing import NDArray

NOISE = 0.2
"""The noise's standard deviation, beside a bit of ±1."""

Array = NDArray[np.float32]


def recall(random: np.random.Generator, sequences: int, lag: int) -> tuple[Array, Array]:
    """Draw inputs (lag + 1 steps, N sequences, 1 feature) and the bits to be told, 0 or 1, (N, 1).

    After the latching problem of Bengio et al. 1994 (section 2), and the noise on the bit's own channel of Hochreiter
    and Schmidhuber 1997 (experiment 3a).
    """
    bits = random.integers(0, 2, (sequences, 1))
    inputs = NOISE * random.standard_normal((lag + 1, sequences, 1))
    inputs[0] = 2.0 * bits - 1.0
    return inputs.astype(np.float32), bits.astype(np.float32)
