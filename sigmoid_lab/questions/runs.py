"""What was run: listed, shown, compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sigmoid_lab.config.dump import plain
from sigmoid_lab.environment import describe
from sigmoid_lab.errors import LabError, nearest
from sigmoid_lab.questions.summary import summarise
from sigmoid_lab.results.runs import ComparedGroup, RunRow, RunsCompareAnswer, RunsListAnswer, RunsShowAnswer
from sigmoid_lab.results.train import GroupSummary
from sigmoid_lab.store.catalogue import find, runs_in
from sigmoid_lab.store.database import StoredGroup
from sigmoid_lab.store.run import Run, status


def list_runs(runs: Path) -> RunsListAnswer:
    """List the runs of a folder, oldest first; one that cannot be read is listed as failed."""
    return RunsListAnswer(
        settings={"runs": str(runs)}, environment=describe(), rows=tuple(_row(path) for path in runs_in(runs))
    )


def show(runs: Path, run: str, where: Sequence[str] = (), group_by: str | None = None) -> RunsShowAnswer:
    """Summarise a run's groups, those ``where`` KEY=VALUE holds, pooled over all settings but ``group_by``."""
    with Run(find(runs, run)) as found:
        return RunsShowAnswer(
            settings=plain(found.experiment) | {"where": list(where), "group_by": group_by},
            environment=found.environment,
            groups=summaries(found, where, group_by),
            run=str(found.path),
            failed=found.database.failures(),
            seconds=found.database.tally().seconds,
        )


def compare(runs: Path, names: Sequence[str]) -> RunsCompareAnswer:
    """Put the groups of several runs side by side."""
    rows: list[ComparedGroup] = []
    for name in names:
        with Run(find(runs, name)) as found:
            rows += (ComparedGroup(found.path.name, group) for group in summaries(found))
    return RunsCompareAnswer(
        settings={"runs": str(runs), "compared": list(names)}, environment=describe(), groups=tuple(rows)
    )


def summaries(run: Run, where: Sequence[str] = (), group_by: str | None = None) -> tuple[GroupSummary, ...]:
    """Return the summaries of a run's groups; a group of which nothing is finished has none."""
    pools: dict[str, tuple[dict[str, Any], list[int]]] = {}
    for group in _selected(run, where):
        shown = group.settings
        if group_by is not None:
            key = _key(run, group_by)
            shown = {key: group.settings[key]}
        pools.setdefault(str(shown), (shown, []))[1].append(group.index)
    found = (
        (shown, [network for index in members for network in run.database.networks(index)])
        for shown, members in pools.values()
    )
    return tuple(summarise(shown, networks) for shown, networks in found if networks)


def _selected(run: Run, where: Sequence[str]) -> list[StoredGroup]:
    groups = run.database.groups()
    for condition in where:
        key, equals, value = condition.partition("=")
        if not equals:
            raise LabError(f"--where {condition}: write --where KEY=VALUE")
        groups = [group for group in groups if str(group.settings[_key(run, key)]) == value]
    if not groups:
        raise LabError(f"{run.path.name}: no group has {' and '.join(where)}")
    return groups


def _key(run: Run, word: str) -> str:
    """Return the compared key that a word means: the whole key, or its unmistakable last part."""
    keys = list(run.experiment.compare)
    matches = [key for key in keys if word in (key, key.rpartition(".")[2])]
    if len(matches) == 1:
        return matches[0]
    hint = nearest(word, keys) or (f"; compared here: {', '.join(keys)}" if keys else "; it compares nothing")
    raise LabError(f"{run.path.name}: '{word}' is no compared key{hint}")


def _row(path: Path) -> RunRow:
    try:
        with Run(path) as run:
            tally = run.database.tally()
    except LabError:
        return RunRow(path.name, None, None, "failed", 0, None)
    return RunRow(path.name, tally.name, tally.created, status(tally), tally.networks, tally.seconds)
