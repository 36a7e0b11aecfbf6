"""In which order the examples come."""

from collections.abc import Iterator
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from sigmoid_lab.config.schema import Training
from sigmoid_lab.data.streams import stream


def step_count(training: Training, examples: int) -> int:
    """Return how many updates a training has: its steps, or its epochs' batches."""
    if training.steps is not None:
        return training.steps
    return (training.epochs or 0) * -(-examples // training.batch_size)


def batches(seeds: tuple[int, ...], examples: int, batch_size: int) -> Iterator[NDArray[np.int64]]:
    """Yield the examples of each mini-batch, (E networks, B examples), without end.

    Every pass over the data is shuffled by the network's own seed; its last batch holds what is left over; a batch of
    everything needs no order.
    """
    if batch_size >= examples:
        yield from repeat(np.tile(np.arange(examples), (len(seeds), 1)))
    generators = [stream(seed, "batches") for seed in seeds]
    while True:
        order = np.stack([generator.permutation(examples) for generator in generators])
        for start in range(0, examples, batch_size):
            yield order[:, start : start + batch_size]
