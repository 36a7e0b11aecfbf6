"""A seed's data set, divided into what is trained on and what is held out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sigmoid_lab.config.schema import Data, Settings
from sigmoid_lab.data.streams import stream
from sigmoid_lab.data.synthetic import GENERATORS
from sigmoid_lab.errors import LabError
from sigmoid_lab.plan import Table

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Split:
    """Inputs (N examples, F features) and 0/1 targets (N examples, K labels) of both parts."""

    inputs: Array
    targets: Array
    test_inputs: Array
    test_targets: Array
    mean: Array | None = None
    deviation: Array | None = None
    """What a table's columns were standardised with, (F,) each."""


def make(data: Data, seed: int, table: Table | None) -> Split:
    """Make a seed's data set; a table is shuffled by the seed and standardised on its training part."""
    if table is None:
        inputs, targets = GENERATORS[data.kind](data, stream(seed, "data"))
    else:
        order = stream(seed, "split").permutation(len(table.inputs))
        inputs, targets = table.inputs[order], table.targets[order]
    training = len(inputs) - round(len(inputs) * data.test_share)
    mean, deviation = _moments(inputs[:training]) if table is not None else (None, None)
    if mean is not None and deviation is not None:
        inputs = (inputs - mean) / deviation
    return Split(inputs[:training], targets[:training], inputs[training:], targets[training:], mean, deviation)


def refuse_small_table(settings: Settings, table: Table) -> None:
    """Raise LabError if a table's training part cannot fill one batch."""
    total = len(table.inputs)
    training = total - round(total * settings.data.test_share)
    if settings.training.batch_size > training:
        raise LabError(
            f"training.batch_size: {settings.training.batch_size} is more than the {training} examples to train on "
            f"(the table's {total} rows less {total - training} held out)"
        )


def _moments(seen: Array) -> tuple[Array, Array]:
    """Return the mean and the standard deviation of each column, 1 where a column is constant."""
    constant = seen.min(axis=0) == seen.max(axis=0)  # a rounded mean gives a constant column a deviation
    return seen.mean(axis=0), np.where(constant, 1.0, seen.std(axis=0))
