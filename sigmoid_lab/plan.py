"""From an experiment to trials, grouped into stacks of networks of one shape.

A trial is one network: the settings of its group, and a seed. A stack is trials of one group that the
engine moves together; how trials are stacked depends on the experiment alone, never on the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import count, pairwise, zip_longest
from typing import TYPE_CHECKING, Any

from sigmoid_lab.config.combinations import combinations
from sigmoid_lab.config.schema import Csv, Experiment, Settings
from sigmoid_lab.vocabulary import DeviceName, DtypeName, OptimiserName

if TYPE_CHECKING:
    import numpy as np

LARGEST_STACK: dict[DeviceName, int] = {"cpu": 128, "cuda": 16_384}
BYTES: dict[DtypeName, int] = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}
STACK_BYTES: dict[DeviceName, int] = {"cpu": 512 * 2**20, "cuda": 16 * 2**30}
"""What the numbers of one stack may take: its data, weights, gradients and optimiser state."""
UPDATE_BYTES = 5 * 2**20
"""What an update of one stack may touch, where a processor trains it: about a core's share of its caches."""
STATE: dict[OptimiserName, int] = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2}
"""Numbers that an optimiser keeps for each weight."""


@dataclass(frozen=True, eq=False)
class Table:
    """A user's own table: ``inputs`` (N examples, F features) and 0/1 ``targets`` (N examples, K labels).

    Tables of the same numbers are equal, also where they came to another process.
    """

    inputs: np.ndarray
    targets: np.ndarray

    @cached_property
    def digest(self) -> str:
        """What tells these numbers from others."""
        found = sha256(self.inputs.tobytes())
        found.update(self.targets.tobytes())
        return found.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and (self.inputs.shape, self.digest) == (other.inputs.shape, other.digest)

    def __hash__(self) -> int:
        return hash(self.digest)


@dataclass(frozen=True)
class Group:
    """One combination of the compared settings: its place in the plan, what it compares, all it sets."""

    index: int
    compared: dict[str, Any]
    settings: Settings


@dataclass(frozen=True)
class Stack:
    """Networks of one group that train together: all that their numbers depend on."""

    index: int
    group: Group
    seeds: tuple[int, ...]
    table: Table | None = None


@dataclass(frozen=True)
class Plan:
    """Every trial of an experiment; ``tables`` holds the user's own tables by the block that names them."""

    experiment: Experiment
    tables: dict[Csv, Table]

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The combinations of the compared settings, in the order of the file."""
        return tuple(
            Group(index, compared, settings) for index, (compared, settings) in enumerate(combinations(self.experiment))
        )

    def stacks(self) -> Iterator[Stack]:
        """Yield the stacks in rounds, every group's first share of the seeds first.

        So neighbouring stacks share data and draws, and a run that is cut short holds the same seeds of every group.
        """
        index = count()
        for shares in zip_longest(*map(self._shares, self.groups)):
            for group, seeds in zip(self.groups, shares, strict=True):
                if seeds is not None:
                    yield Stack(next(index), group, seeds, self.table(group))

    def table(self, group: Group) -> Table | None:
        """Return the user's own table that a group trains on, None for synthetic data."""
        return self.tables[group.settings.data] if isinstance(group.settings.data, Csv) else None

    @property
    def stack_count(self) -> int:
        """How many stacks there are."""
        return sum(map(self.stacks_of, self.groups))

    def stacks_of(self, group: Group) -> int:
        """Return how many stacks a group's networks make."""
        return -(-self.experiment.seeds // self.stack_size(group))

    @property
    def network_count(self) -> int:
        """How many networks there are."""
        return len(self.groups) * self.experiment.seeds

    @property
    def digests(self) -> dict[str, str]:
        """What tells the user's own tables from changed ones, by path."""
        found: dict[str, str] = {}
        for block, table in self.tables.items():
            found[block.path] = found.get(block.path, "") + table.digest
        return found

    @property
    def operations(self) -> float:
        """Estimate the floating-point operations of all training."""
        return sum(self.experiment.seeds * self.operations_of(group) for group in self.groups)

    def operations_of(self, group: Group) -> float:
        """Estimate the floating-point operations of one network's training."""
        return _operations(group.settings, self.table(group))

    def training_samples(self, group: Group) -> int:
        """Return how many examples a group's networks are trained on."""
        samples, _, _ = _sizes(group.settings, self.table(group))
        return samples - round(samples * group.settings.data.test_share)

    def network_bytes(self, group: Group) -> int:
        """Estimate what one network of a group takes at most, in bytes."""
        return network_bytes(group.settings, self.table(group))

    def stack_bytes(self, group: Group) -> int:
        """Estimate what a stack of a group takes at most, in bytes."""
        return min(self.experiment.seeds, self.stack_size(group)) * self.network_bytes(group)

    def _shares(self, group: Group) -> Iterator[tuple[int, ...]]:
        first, count, stacks = self.experiment.seed, self.experiment.seeds, self.stacks_of(group)
        bounds = [first + count * stack // stacks for stack in range(stacks + 1)]
        return (tuple(range(start, end)) for start, end in pairwise(bounds))

    def stack_size(self, group: Group) -> int:
        """Return how many networks of a group train together at most."""
        settings, table = group.settings, self.table(group)
        size = min(LARGEST_STACK[settings.device], STACK_BYTES[settings.device] // network_bytes(settings, table))
        if settings.device == "cpu" and settings.training.steps != 0:
            size = min(size, UPDATE_BYTES // update_bytes(settings, table))
        return max(1, size)


def network_bytes(settings: Settings, table: Table | None) -> int:
    """Estimate what one network takes at most, in bytes: data and weights as drawn and as used, and its updates."""
    samples, features, labels = _sizes(settings, table)
    data, weights = samples * (features + labels), _weights(settings, features, labels)
    drawn = BYTES["float64"] * 2 * (data + weights)
    return drawn + 3 * BYTES[settings.dtype] * data + update_bytes(settings, table)


def update_bytes(settings: Settings, table: Table | None) -> int:
    """Estimate what an update of one network touches: weights, gradients, state, and φ(z) and δ of every unit."""
    samples, features, labels = _sizes(settings, table)
    batch = min(settings.training.batch_size, samples)
    activity = batch * sum((features, *settings.network.hidden_widths, labels))
    weights = (2 + STATE[settings.optimizer.kind]) * _weights(settings, features, labels)
    return BYTES[settings.dtype] * (weights + 2 * activity)


def _operations(settings: Settings, table: Table | None) -> float:
    """Estimate one network's operations: a multiplication and an addition a weight, in each of three products."""
    samples, features, labels = _sizes(settings, table)
    steps, epochs, batch = settings.training.steps, settings.training.epochs, settings.training.batch_size
    seen = steps * batch if steps is not None else (epochs or 0) * samples * (1.0 - settings.data.test_share)
    return 6.0 * _weights(settings, features, labels) * seen


def _sizes(settings: Settings, table: Table | None) -> tuple[int, int, int]:
    """Return N examples, F features and K labels."""
    if table is not None:
        samples, features = table.inputs.shape
        return samples, features, table.targets.shape[1]
    if settings.data.kind == "csv":
        raise ValueError("a csv experiment needs its table")
    return settings.data.samples, settings.data.features, settings.data.label_count


def _weights(settings: Settings, features: int, labels: int) -> int:
    widths = (features, *settings.network.hidden_widths, labels)
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(widths))
