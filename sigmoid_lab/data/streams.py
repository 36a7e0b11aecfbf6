"""Where random numbers come from: named streams of a seed, each independent of the others.

A trial draws its data, its split, its weights, its batches and the direction that a gradient is measured in from
streams of its own seed, so each is the same whatever else is done, and networks that share a seed share them.
"""

from typing import Literal

import numpy as np

StreamName = Literal["data", "split", "weights", "batches", "direction"]
NUMBERS: dict[StreamName, int] = {"data": 0, "split": 1, "weights": 2, "batches": 3, "direction": 4}
STREAMS_A_SEED = 16
"""Numbers that a seed owns; numpy's SeedSequence makes neighbouring ones independent."""


def stream(seed: int, name: StreamName) -> np.random.Generator:
    """Return the generator of a named stream of ``seed``."""
    return np.random.Generator(np.random.PCG64(STREAMS_A_SEED * seed + NUMBERS[name]))
