"""``results.sqlite``: every number of a run, in tables that any SQLite tool reads.

A network's id is its place in the plan, so two runs of one experiment hold equal rows whatever order their
stacks finished in. A value that is not finite is NULL: SQLite knows no NaN.
"""

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from sigmoid_lab.errors import LabError
from sigmoid_lab.plan import Plan
from sigmoid_lab.results.measured import (
    LayerMeasurement,
    Measurement,
    NetworkResult,
    StackFailure,
    StackResult,
)
from sigmoid_lab.vocabulary import METRICS, MetricName

SCHEMA = f"""
CREATE TABLE run (
    name TEXT NOT NULL, created TEXT NOT NULL, networks INTEGER NOT NULL, stacks INTEGER NOT NULL
);
CREATE TABLE groups (
    id INTEGER PRIMARY KEY, settings TEXT NOT NULL, metrics TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE stacks (
    id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL REFERENCES groups, seeds TEXT NOT NULL,
    seconds REAL, failure TEXT
);
CREATE TABLE networks (
    id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL REFERENCES groups,
    stack_id INTEGER NOT NULL REFERENCES stacks, seed INTEGER NOT NULL, diverged INTEGER NOT NULL,
    probability_low REAL, probability_high REAL, probability_histogram TEXT NOT NULL,
    predicted_positive INTEGER
);
CREATE UNIQUE INDEX networks_by_group ON networks (group_id, seed);
CREATE TABLE measurements (
    network_id INTEGER NOT NULL REFERENCES networks, step INTEGER NOT NULL,
    {", ".join(f"{name} REAL" for name in METRICS)},
    PRIMARY KEY (network_id, step)
) WITHOUT ROWID;
CREATE TABLE layers (
    network_id INTEGER NOT NULL REFERENCES networks, step INTEGER NOT NULL, layer INTEGER NOT NULL,
    gradient_norm REAL, saturated_share REAL, dead_share REAL,
    PRIMARY KEY (network_id, step, layer)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class StoredGroup:
    """A group of a run: its id, and the compared settings by dotted key."""

    index: int
    settings: dict[str, Any]


@dataclass(frozen=True)
class Tally:
    """How far a run is."""

    name: str
    created: str
    networks: int
    planned_networks: int
    stacks: int
    planned_stacks: int
    failed_stacks: int
    seconds: float


class Database:
    """One connection to a run's results; raises LabError where the file cannot be read or written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Read and write even to read alone: after a crash the first reader rolls the journal back.
            self.connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        except sqlite3.Error as error:
            raise self.fault(error) from None

    @staticmethod
    def create(path: Path, plan: Plan, created: str) -> None:
        """Write the tables and the plan of a new run."""
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executescript(SCHEMA)
            connection.execute(
                "INSERT INTO run VALUES (?, ?, ?, ?)",
                (plan.experiment.name, created, plan.network_count, plan.stack_count),
            )
            connection.executemany(
                "INSERT INTO groups (id, settings) VALUES (?, ?)",
                ((group.index, json.dumps(group.compared)) for group in plan.groups),
            )

    def fault(self, error: sqlite3.Error) -> LabError:
        """Return what an SQLite error means for the user."""
        return LabError(f"{self.path}: cannot be used as a run's results ({error})")

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def save(self, result: StackResult, first_network: int) -> None:
        """Commit a finished stack whole; its networks' ids start at ``first_network``."""
        ids = range(first_network, first_network + len(result.networks))
        seeds = json.dumps([network.seed for network in result.networks])
        metrics = list(result.networks[0].series[0].metrics)
        with self.connection as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO stacks VALUES (?, ?, ?, ?, NULL)",
                (result.stack, result.group, seeds, result.seconds),
            )
            transaction.execute("UPDATE groups SET metrics = ? WHERE id = ?", (json.dumps(metrics), result.group))
            transaction.executemany(
                "INSERT INTO networks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (_network_row(index, result, network) for index, network in zip(ids, result.networks, strict=True)),
            )
            transaction.executemany(
                f"INSERT INTO measurements VALUES (?, ?, {', '.join('?' * len(METRICS))})",  # noqa: S608
                (
                    (index, m.step, *(_finite(m.metrics.get(name)) for name in METRICS))
                    for index, network in zip(ids, result.networks, strict=True)
                    for m in network.series
                ),
            )
            transaction.executemany(
                "INSERT INTO layers VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (index, m.step, s.layer, _finite(s.gradient_norm), s.saturated_share, s.dead_share)
                    for index, network in zip(ids, result.networks, strict=True)
                    for m in network.series
                    for s in m.layers
                ),
            )

    def save_failure(self, failure: StackFailure) -> None:
        """Commit that a stack failed."""
        with self.connection as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO stacks VALUES (?, ?, ?, NULL, ?)",
                (failure.stack, failure.group, json.dumps(failure.seeds), failure.cause),
            )

    def tally(self) -> Tally:
        """Count what is planned, finished and failed."""
        ((name, created, networks, stacks),) = self.read("SELECT * FROM run")
        ((done, failed, seconds),) = self.read(
            "SELECT count(seconds), count(failure), coalesce(sum(seconds), 0.0) FROM stacks"
        )
        ((trained,),) = self.read("SELECT count(*) FROM networks")
        return Tally(name, created, trained, networks, done, stacks, failed, seconds)

    def groups(self) -> list[StoredGroup]:
        """Return the groups in the order of the plan."""
        rows = self.read("SELECT id, settings FROM groups ORDER BY id")
        return [StoredGroup(index, json.loads(settings)) for index, settings in rows]

    def failures(self) -> tuple[StackFailure, ...]:
        """Return the stacks that failed."""
        rows = self.read("SELECT id, group_id, seeds, failure FROM stacks WHERE failure NOT NULL ORDER BY id")
        return tuple(StackFailure(index, group, tuple(json.loads(seeds)), why) for index, group, seeds, why in rows)

    def stack_of(self, group: int, seed: int) -> int | None:
        """Return the stack that a group's network of ``seed`` trained in, or None where there is none."""
        rows = self.read("SELECT stack_id FROM networks WHERE group_id = ? AND seed = ?", (group, seed))
        return rows[0][0] if rows else None

    def networks(self, group: int) -> Iterator[NetworkResult]:
        """Yield a group's networks by seed; what is NULL for a metric that the group has is NaN."""
        metrics = self._metrics(group)
        series = self._series(group, metrics)
        rows = self.read(
            "SELECT id, seed, diverged, probability_low, probability_high, probability_histogram, "
            "predicted_positive FROM networks WHERE group_id = ? ORDER BY id",
            (group,),
        )
        for index, seed, diverged, low, high, histogram, positive in rows:
            yield NetworkResult(
                seed=seed,
                diverged=bool(diverged),
                series=series[index],
                probability_low=_or_nan(low),
                probability_high=_or_nan(high),
                probability_histogram=tuple(json.loads(histogram)),
                predicted_positive=positive,
            )

    def _metrics(self, group: int) -> list[MetricName]:
        ((names,),) = self.read("SELECT metrics FROM groups WHERE id = ?", (group,))
        return [name for name in METRICS if name in json.loads(names)]

    def _series(self, group: int, metrics: Sequence[MetricName]) -> dict[int, tuple[Measurement, ...]]:
        columns = ", ".join(("network_id", "step", *metrics))
        measured = self.read(
            f"SELECT {columns} FROM measurements JOIN networks ON id = network_id "  # noqa: S608
            "WHERE group_id = ? ORDER BY network_id, step",
            (group,),
        )
        layers = self.read(
            "SELECT network_id, step, layer, gradient_norm, saturated_share, dead_share FROM layers "
            "JOIN networks ON id = network_id WHERE group_id = ? ORDER BY network_id, step, layer",
            (group,),
        )
        states = {
            key: tuple(LayerMeasurement(layer, _or_nan(norm), *shares) for _, _, layer, norm, *shares in rows)
            for key, rows in groupby(layers, itemgetter(0, 1))
        }
        return {
            network: tuple(
                Measurement(step, dict(zip(metrics, map(_or_nan, values), strict=True)), states[network, step])
                for _, step, *values in rows
            )
            for network, rows in groupby(measured, itemgetter(0))
        }

    def read(self, query: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        try:
            return self.connection.execute(query, tuple(values)).fetchall()
        except sqlite3.Error as error:
            raise self.fault(error) from None


def _network_row(index: int, result: StackResult, network: NetworkResult) -> tuple[Any, ...]:
    return (
        index,
        result.group,
        result.stack,
        network.seed,
        network.diverged,
        _finite(network.probability_low),
        _finite(network.probability_high),
        json.dumps(network.probability_histogram),
        network.predicted_positive,
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
