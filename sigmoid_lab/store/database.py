"""``results.sqlite``: every number of a run, in tables that any SQLite tool reads.

A network's id is its place in the plan, so two runs of one experiment hold equal rows whatever order their
stacks finished in. A value that is not finite is NULL: SQLite knows no NaN.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, repeat, zip_longest
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sigmoid_lab.config.dump import plain
from sigmoid_lab.errors import LabError
from sigmoid_lab.plan import Plan
from sigmoid_lab.results.measured import (
    EndColumns,
    LayerColumns,
    StackFailure,
    StackResult,
    StepColumns,
)
from sigmoid_lab.vocabulary import METRICS, MetricName

SCHEMA = f"""
BEGIN;
CREATE TABLE run (
    name TEXT NOT NULL, created TEXT NOT NULL, settings TEXT NOT NULL, networks INTEGER NOT NULL,
    stacks INTEGER NOT NULL, tables TEXT NOT NULL
);
CREATE TABLE groups (
    id INTEGER PRIMARY KEY, settings TEXT NOT NULL, metrics TEXT NOT NULL DEFAULT '[]', predicted TEXT NOT NULL
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
    gradient_norm REAL, has_activation INTEGER NOT NULL, saturated_share REAL, dead_share REAL,
    PRIMARY KEY (network_id, step, layer)
) WITHOUT ROWID;
CREATE TABLE summaries (groups TEXT PRIMARY KEY, networks INTEGER NOT NULL, summary TEXT NOT NULL);
"""


Rows = Iterable[tuple[Any, ...]]

SECONDS_TO_READ = 10.0
"""How long who only reads waits for a program that has the file locked: a commit takes a moment."""
SECONDS_TO_WRITE = 600.0
"""How long a commit waits for readers, who may take long: one that gives up ends its training."""


@dataclass(frozen=True)
class StoredGroup:
    """A group of a run: its id, the compared settings by dotted key, and the gradient norm predicted of each layer.

    Nothing is predicted where there is no theory.
    """

    index: int
    settings: dict[str, Any]
    predicted: tuple[float, ...]


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
    """One connection to a run's results, for one thread at a time; raises LabError where the file cannot be used."""

    def __init__(self, path: Path, patience_seconds: float) -> None:
        self.path = path
        try:
            # Read and write even to read alone: after a crash the first reader rolls the journal back.
            self.connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=patience_seconds, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self.fault(error) from None

    @staticmethod
    def create(path: Path, plan: Plan, created: str, predicted: Sequence[Sequence[float] | None]) -> None:
        """Write the tables and the plan of a new run, and what theory predicts of each group."""
        pairs = zip_longest(plan.groups, predicted)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executescript(SCHEMA)
            connection.execute(
                "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?)",
                (
                    plan.experiment.name,
                    created,
                    json.dumps(plain(plan.experiment)),
                    plan.network_count,
                    plan.stack_count,
                    json.dumps(plan.digests),
                ),
            )
            connection.executemany(
                "INSERT INTO groups (id, settings, predicted) VALUES (?, ?, ?)",
                ((group.index, json.dumps(group.compared), json.dumps(by_layer or ())) for group, by_layer in pairs),
            )

    def fault(self, error: Exception) -> LabError:
        """Return what an error of reading means for the user."""
        return LabError(f"{self.path}: cannot be used as a run's results ({_cause(error)})")

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def add(self, result: StackResult, first_network: int) -> None:
        """Add a finished stack to what is to be committed; its networks' ids start at ``first_network``."""
        ids = range(first_network, first_network + len(result.seeds))
        metrics = json.dumps(list(result.series[0].metrics))
        execute, executemany = self.connection.execute, self.connection.executemany
        execute(
            "INSERT OR REPLACE INTO stacks VALUES (?, ?, ?, ?, NULL)",
            (result.stack, result.group, json.dumps(result.seeds), result.seconds),
        )
        execute("UPDATE groups SET metrics = ? WHERE id = ?", (metrics, result.group))
        executemany("INSERT INTO networks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _network_rows(ids, result))
        executemany(
            f"INSERT INTO measurements VALUES (?, ?, {', '.join('?' * len(METRICS))})",
            _by_network(_metric_rows(ids, at) for at in result.series),
        )
        executemany(
            "INSERT INTO layers VALUES (?, ?, ?, ?, ?, ?, ?)",
            _by_network(_layer_rows(ids, at.step, layer) for at in result.series for layer in at.layers),
        )

    def add_failure(self, failure: StackFailure) -> None:
        """Add a stack that failed to what is to be committed."""
        self.connection.execute(
            "INSERT OR REPLACE INTO stacks VALUES (?, ?, ?, NULL, ?)",
            (failure.stack, failure.group, json.dumps(failure.seeds), failure.cause),
        )

    @contextmanager
    def held_still(self) -> Iterator[None]:
        """See one moment of the run in the block; another program's writing waits for its end."""
        self.read("BEGIN")
        try:
            yield
        finally:
            self.connection.rollback()

    def tally(self) -> Tally:
        """Count what is planned, finished and failed."""
        ((done, failed, seconds),) = self.read(
            "SELECT count(seconds), count(failure), coalesce(sum(seconds), 0.0) FROM stacks"
        )
        ((trained,),) = self.read("SELECT count(*) FROM networks")
        with self.reading():
            ((name, created, networks, stacks),) = self.read("SELECT name, created, networks, stacks FROM run")
            return Tally(str(name), str(created), trained, int(networks), done, int(stacks), failed, seconds)

    def settings(self) -> dict[str, Any]:
        """Return the experiment that the run began with, as plain mappings."""
        with self.reading():
            ((text,),) = self.read("SELECT settings FROM run")
            settings = dict(json.loads(text))
            if not settings.keys() >= {"name", "loss"}:  # what every page about a run tells
                raise ValueError("its settings are not whole")
            return settings

    def table_digests(self) -> dict[str, str]:
        """Return what tells the user's own tables from changed ones, by path."""
        with self.reading():
            ((digests,),) = self.read("SELECT tables FROM run")
            return dict(json.loads(digests))

    def finished_stacks(self) -> frozenset[int]:
        """Return the stacks whose results are here."""
        return frozenset(index for (index,) in self.read("SELECT id FROM stacks WHERE seconds NOT NULL"))

    def stacks(self) -> dict[int, tuple[int, tuple[int, ...]]]:
        """Return the group and the seeds of every stack that was run."""
        rows = self.read("SELECT id, group_id, seeds FROM stacks")
        with self.reading():
            return {index: (group, tuple(json.loads(seeds))) for index, group, seeds in rows}

    def finished_networks(self) -> dict[int, int]:
        """Return how many networks of each group are here, where any is."""
        return dict(self.read("SELECT group_id, count(*) FROM networks GROUP BY group_id"))

    def keep_summaries(self, summaries: Iterable[tuple[Sequence[int], int, str]]) -> None:
        """Keep what so many networks of some groups say together, so that it need not be worked out again."""
        self.connection.execute(f"PRAGMA busy_timeout = {round(1e3 * SECONDS_TO_READ)}")
        with self.connection as transaction:
            transaction.executemany(
                "INSERT OR REPLACE INTO summaries VALUES (?, ?, ?)",
                ((json.dumps(list(groups)), networks, summary) for groups, networks, summary in summaries),
            )

    def kept_summary(self, groups: Sequence[int]) -> str | None:
        """Return what groups' networks say together, or None where it was not kept of all those that are here."""
        rows = self.read(
            "SELECT summary FROM summaries WHERE groups = ? "
            f"AND networks = (SELECT count(*) FROM networks WHERE {_among(groups)})",
            (json.dumps(list(groups)),),
        )
        return rows[0][0] if rows else None

    def groups(self) -> list[StoredGroup]:
        """Return the groups in the order of the plan; all have the same keys, and none that was run is missing."""
        rows = self.read("SELECT id, settings, predicted FROM groups ORDER BY id")
        run = {group for (group,) in self.read("SELECT DISTINCT group_id FROM stacks")}
        with self.reading():
            groups = [
                StoredGroup(index, dict(json.loads(settings)), tuple(json.loads(predicted)))
                for index, settings, predicted in rows
            ]
            if not run <= {group.index for group in groups} or len({tuple(group.settings) for group in groups}) != 1:
                raise ValueError("its groups do not fit together")
            return groups

    def failures(self) -> tuple[StackFailure, ...]:
        """Return the stacks that failed."""
        rows = self.read("SELECT id, group_id, seeds, failure FROM stacks WHERE failure NOT NULL ORDER BY id")
        with self.reading():
            return tuple(StackFailure(index, group, tuple(json.loads(seeds)), why) for index, group, seeds, why in rows)

    def stack_of(self, group: int, seed: int) -> int | None:
        """Return the stack that a group's network of ``seed`` trained in, or None where there is none."""
        rows = self.read("SELECT stack_id FROM networks WHERE group_id = ? AND seed = ?", (group, seed))
        with self.reading():
            return int(rows[0][0]) if rows else None

    def end_columns(self, groups: Sequence[int]) -> EndColumns:
        """Return how the networks of these groups ended."""
        rows = self.read(
            "SELECT diverged, probability_low, probability_high, predicted_positive, probability_histogram "
            f"FROM networks WHERE {_among(groups)}"
        )
        diverged, low, high, positive, histograms = zip(*rows, strict=True) if rows else ((),) * 5
        with self.reading():
            return EndColumns([*map(bool, diverged)], low, high, positive, json.loads(f"[{','.join(histograms)}]"))

    def step_columns(self, groups: Sequence[int]) -> Iterator[StepColumns]:
        """Yield what was measured of these groups' networks, step by step, one step in memory at a time."""
        firsts = f"SELECT min(id) FROM networks WHERE {_among(groups)} GROUP BY group_id"
        steps = self.read(f"SELECT DISTINCT step FROM measurements WHERE network_id IN ({firsts}) ORDER BY step")
        layers = self.read(
            f"SELECT layer, max(has_activation) FROM layers WHERE network_id IN ({firsts}) GROUP BY layer ORDER BY 1"
        )
        names = self._metrics(groups)
        for (step,) in steps:
            rows = self._at_step(groups, step, "measurements", names)
            metrics = zip(*rows, strict=True) if rows else ((),) * len(names)
            yield StepColumns(step, dict(zip(names, metrics, strict=True)), self._layer_columns(groups, step, layers))

    def layer_count(self, group: int) -> int:
        """Return how many layers a group's networks have, 0 where none is finished."""
        ((count,),) = self.read(
            "SELECT count(DISTINCT layer) FROM layers "
            "WHERE network_id = (SELECT min(id) FROM networks WHERE group_id = ?)",
            (group,),
        )
        return int(count)

    def last_step(self, group: int) -> int:
        """Return the step at which a group's networks were measured last, 0 where none is finished."""
        ((step,),) = self.read(
            "SELECT coalesce(max(step), 0) FROM measurements "
            "WHERE network_id = (SELECT min(id) FROM networks WHERE group_id = ?)",
            (group,),
        )
        return int(step)

    def _layer_columns(
        self, groups: Sequence[int], step: int, layers: Iterable[tuple[int, bool]]
    ) -> list[LayerColumns]:
        names = ("layer", "gradient_norm", "saturated_share", "dead_share")
        by_layer: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for row in self._at_step(groups, step, "layers", names):
            by_layer[row[0]].append(row)
        found: list[LayerColumns] = []
        for layer, has_activation in layers:
            _, norm, saturated, dead = zip(*by_layer[layer], strict=True) if by_layer[layer] else ((),) * len(names)
            found.append(LayerColumns(layer, norm, *((saturated, dead) if has_activation else (None, None))))
        return found

    def _at_step(self, groups: Sequence[int], step: int, table: str, names: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return rows of a table, of every network at step 0, and of those that never diverged later."""
        return self.read(
            f"SELECT {', '.join(names)} FROM networks JOIN {table} ON network_id = id AND step = ? "
            f"WHERE {_among(groups)} AND (step = 0 OR NOT diverged)",
            (step,),
        )

    def _metrics(self, groups: Sequence[int]) -> list[MetricName]:
        rows = self.read(f"SELECT metrics FROM groups WHERE {_among(groups, 'id')}")
        with self.reading():
            found = {name for (names,) in rows for name in json.loads(names)}
        return [name for name in METRICS if name in found]

    def read(self, query: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.reading():
            return self.connection.execute(query, tuple(values)).fetchall()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turn what a damaged file leads to into a LabError that names it."""
        try:
            yield
        except (sqlite3.Error, LookupError, ArithmeticError, ValueError, TypeError) as error:
            raise self.fault(error) from None


def _cause(error: Exception) -> str:
    """Return what an error says in a line."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"holds nothing under {error}" if isinstance(error, KeyError) else str(error)


def _among(groups: Sequence[int], column: str = "group_id") -> str:
    return f"{column} IN ({', '.join(str(int(group)) for group in groups)})"


def _network_rows(ids: Sequence[int], result: StackResult) -> Rows:
    ends = result.ends
    return zip(
        ids,
        repeat(result.group),
        repeat(result.stack),
        result.seeds,
        ends.diverged,
        ends.probability_low,
        ends.probability_high,
        map(json.dumps, ends.probability_histogram),
        ends.predicted_positive,
        strict=False,
    )


def _metric_rows(ids: Sequence[int], at: StepColumns) -> Rows:
    return zip(ids, repeat(at.step), *(at.metrics.get(name, repeat(None)) for name in METRICS), strict=False)


def _layer_rows(ids: Sequence[int], step: int, layer: LayerColumns) -> Rows:
    has_activation = layer.saturated_share is not None
    shares = (share or repeat(None) for share in (layer.saturated_share, layer.dead_share))
    return zip(
        ids, repeat(step), repeat(layer.layer), layer.gradient_norm, repeat(has_activation), *shares, strict=False
    )


def _by_network(rows: Iterable[Rows]) -> Rows:
    """Chain rows network by network, in the order of the primary key: so SQLite fills its pages."""
    return chain.from_iterable(zip(*rows, strict=True))
