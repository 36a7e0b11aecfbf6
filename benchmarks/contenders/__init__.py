"""Who trains the same networks, each way in a file of its own, behind one signature.

``prepare(case)`` makes one process's share of the networks and returns ``advance``: it trains them for a block of
updates, records the norm of every parameter's gradient at every update, and returns how many network-steps that were.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

FEATURES, BATCH, LEARNING_RATE = 10, 32, 1e-3
BLOCK = 20
"""Updates of some networks before the next ones have their turn; long enough to forget who filled the caches before."""

Activation = Literal["sigmoid", "relu"]
Optimiser = Literal["sgd", "adam"]
ACTIVATIONS: tuple[Activation, ...] = ("sigmoid", "relu")
OPTIMISERS: tuple[Optimiser, ...] = ("sgd", "adam")
"""What every contender can."""

Advance = Callable[[], int]


@dataclass(frozen=True)
class Case:
    """What is trained: ``networks`` of ``depth`` hidden layers of ``width`` units on one fixed mini-batch each."""

    depth: int
    width: int
    networks: int
    activation: Activation
    optimiser: Optimiser
    device: Literal["cpu", "cuda"] = "cpu"

    @property
    def widths(self) -> tuple[int, ...]:
        """Inputs, hidden layers, the one output."""
        return (FEATURES, *(self.width,) * self.depth, 1)

    @property
    def operations(self) -> int:
        """Count one network-step's multiplications and additions in its products."""
        products = [2 * BATCH * fan_in * fan_out for fan_in, fan_out in pairwise(self.widths)]
        return 3 * sum(products) - products[0]
