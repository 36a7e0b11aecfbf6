"""One run directory."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self, cast

from safetensors import SafetensorError

from sigmoid_lab.config.dump import resolved
from sigmoid_lab.config.load import load
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.environment import Environment
from sigmoid_lab.errors import LabError, PartlyFailedError
from sigmoid_lab.plan import Plan
from sigmoid_lab.results.measured import StackFailure, StackResult
from sigmoid_lab.results.runs import Status
from sigmoid_lab.store import weights
from sigmoid_lab.store.database import SECONDS_TO_READ, SECONDS_TO_WRITE, Database, Tally
from sigmoid_lab.store.lock import claim

if TYPE_CHECKING:
    import numpy as np

EXPERIMENT, ENVIRONMENT, RESULTS, NETWORKS = (
    "experiment.yaml",
    "environment.json",
    "results.sqlite",
    "networks",
)


class Run:
    """A run directory, open, with the lock of the one program that writes it; a context manager that closes both."""

    def __init__(self, path: Path, lock: IO[bytes] | None = None) -> None:
        if not (path / RESULTS).is_file():
            raise LabError(f"{path}: is no run directory (it holds no {RESULTS}); `sigmoid-lab runs list` shows runs")
        self.path = path
        self.database = Database(path / RESULTS, SECONDS_TO_WRITE if lock else SECONDS_TO_READ)
        self.lock = lock

    @classmethod
    def create(
        cls, runs: Path, plan: Plan, environment: Environment, predicted: Sequence[Sequence[float] | None] = ()
    ) -> Self:
        """Make a new run directory, whole or not at all; raise LabError where it cannot be written.

        ``predicted`` holds, for each group, the root mean square that theory expects of every layer's first gradient.
        """
        now = datetime.now().astimezone()
        name = f"{now:%Y%m%d-%H%M%S}-{plan.experiment.name}-{secrets.token_hex(2)}"
        aside = runs / f".{name}"
        try:
            (aside / NETWORKS).mkdir(parents=True)
            (aside / EXPERIMENT).write_text(resolved(plan.experiment), encoding="utf-8")
            (aside / ENVIRONMENT).write_text(json.dumps(environment, indent=2) + "\n", encoding="utf-8")
            Database.create(aside / RESULTS, plan, now.isoformat(timespec="seconds"), predicted)
            lock = claim(aside / EXPERIMENT)
            aside.rename(runs / name)
        except BaseException as error:
            shutil.rmtree(aside, ignore_errors=True)
            if isinstance(error, OSError | sqlite3.Error):
                raise LabError(
                    f"{runs}: no run can be written here ({error}); choose another with --runs DIR"
                ) from None
            raise
        run = cls(runs / name, lock)
        run.experiment = plan.experiment
        return run

    @classmethod
    def reopen(cls, path: Path) -> Self:
        """Open a run to go on writing it; raise LabError where another program does."""
        cls(path).database.close()
        return cls(path, claim(path / EXPERIMENT))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the results and let the lock go."""
        self.database.close()
        if self.lock:
            self.lock.close()

    def save(self, results: Sequence[StackResult | StackFailure]) -> None:
        """Keep what stacks gave, together or, where that fails, each that can be kept.

        Raises PartlyFailedError that names those that cannot.
        """
        try:
            self._save(results)
        except (OSError, SafetensorError, sqlite3.Error) as error:
            for result in results:
                weights.remove(self._weights(result.stack))
            if len(results) == 1 or _is_busy(error):
                stacks = ", ".join(str(result.stack) for result in results)
                raise PartlyFailedError(f"{self.path}: stack {stacks} could not be written ({error})") from None
            self._save_one_by_one(results)

    def _save_one_by_one(self, results: Sequence[StackResult | StackFailure]) -> None:
        problems: list[str] = []
        for result in results:
            try:
                self.save([result])
            except PartlyFailedError as error:
                problems += error.problems
        if problems:
            raise PartlyFailedError(*problems)

    def _save(self, results: Sequence[StackResult | StackFailure]) -> None:
        """Write weights first, then all numbers at once, which make the stacks count as finished."""
        finished = [result for result in results if isinstance(result, StackResult)]
        for result in finished:
            weights.write(self._weights(result.stack), result.weights, result.seeds)
        if finished:
            weights.settle(self.path / NETWORKS)
        with self.database.connection:
            for result in finished:
                self.database.add(result, self._first_network(result))
            for failure in results:
                if isinstance(failure, StackFailure):
                    self.database.add_failure(failure)

    def _first_network(self, result: StackResult) -> int:
        return result.group * self.experiment.seeds + result.seeds[0] - self.experiment.seed

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment, as it was resolved when the run began."""
        return load(self.path / EXPERIMENT)

    @property
    def environment(self) -> Environment:
        """Where the run was made."""
        try:
            environment = json.loads((self.path / ENVIRONMENT).read_text(encoding="utf-8"))
            return cast("Environment", dict(environment))
        except (OSError, TypeError, ValueError) as error:
            raise LabError(f"{self.path / ENVIRONMENT}: cannot be read ({error})") from None

    def weights(self, group: int, seed: int) -> dict[str, np.ndarray]:
        """Return a trained network's weights by name; raise LabError where it has none."""
        stack = self.database.stack_of(group, seed)
        if stack is None:
            raise LabError(f"{self.path.name}: has no finished network of seed {seed} in this group")
        return weights.read(self._weights(stack), seed)

    def _weights(self, stack: int) -> Path:
        return self.path / NETWORKS / f"{stack:05d}.safetensors"


def _is_busy(error: Exception) -> bool:
    """Return whether a commit waited in vain for who reads: that has to do with no single stack."""
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY


def status(tally: Tally) -> Status:
    """Say whether a run is complete, partial, or failed altogether."""
    if tally.stacks == tally.planned_stacks:
        return "complete"
    return "failed" if tally.failed_stacks and not tally.stacks else "partial"
