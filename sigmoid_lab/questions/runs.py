"""What was run: listed, shown, compared."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from sigmoid_lab.config.source import read_value
from sigmoid_lab.environment import describe
from sigmoid_lab.errors import LabError, nearest
from sigmoid_lab.questions.summary import summarise
from sigmoid_lab.results.runs import (
    ComparedGroup,
    Ranked,
    Ranking,
    RunRow,
    RunsCompareAnswer,
    RunsListAnswer,
    RunsShowAnswer,
)
from sigmoid_lab.results.train import FailedStack, GroupSummary
from sigmoid_lab.store.catalogue import find, runs_in
from sigmoid_lab.store.database import StoredGroup
from sigmoid_lab.store.run import Run, status
from sigmoid_lab.vocabulary import RANKED, known


def list_runs(runs: Path) -> RunsListAnswer:
    """List the runs of a folder, oldest first; one that cannot be read is listed as damaged, with where."""
    if runs.exists() and not runs.is_dir():
        raise LabError(f"{runs}: is no directory of runs")
    return RunsListAnswer(
        settings={"runs": str(runs)}, environment=describe(), rows=tuple(_row(path) for path in runs_in(runs))
    )


def show(
    runs: Path, run: str, where: Sequence[str] = (), group_by: str | None = None, by: str | None = None
) -> RunsShowAnswer:
    """Summarise a run's groups, those ``where`` KEY=VALUE holds, pooled over all settings but ``group_by``.

    ``by`` names a metric by which the best and the worst of them are told.
    """
    with Run(find(runs, run)) as found:
        with found.database.held_still():
            tally, failed = found.database.tally(), failures(found)
        groups = summaries(found, where, group_by)
        return RunsShowAnswer(
            settings=found.database.settings() | {"where": list(where), "group_by": group_by, "by": by},
            environment=found.environment,
            groups=groups,
            ranking=_ranking(groups, by) if by is not None else None,
            run=str(found.path),
            failed=failed,
            networks=tally.networks,
            planned_networks=tally.planned_networks,
            seconds=tally.seconds,
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
    """Return the summaries of a run's groups, pooled or selected as asked; a group may hold no network yet."""
    groups = _selected(run, where)
    pools: dict[str, tuple[dict[str, Any], list[int]]] = {}
    for group in groups:
        shown = group.settings
        if group_by is not None:
            key = _key("--group-by", groups, group_by)
            shown = {key: group.settings[key]}
        pools.setdefault(str(shown), (shown, []))[1].append(group.index)
    for _, members in pools.values():
        _refuse_unlike(run, members, f"--group-by {group_by}")
    return _kept_or_worked_out(run, list(pools.values()), {group.index: group.predicted for group in groups})


def _refuse_unlike(run: Run, groups: Sequence[int], option: str) -> None:
    """Raise LabError for groups of different depths or numbers of steps."""
    if len(groups) == 1:
        return
    for what, of_group in (("depths", run.database.layer_count), ("numbers of steps", run.database.last_step)):
        if len({of_group(group) for group in groups} - {0}) > 1:
            raise LabError(f"{option}: would pool networks of different {what}; choose one with --where")


def _kept_or_worked_out(
    run: Run, pools: Sequence[tuple[Mapping[str, Any], Sequence[int]]], predicted: Mapping[int, Sequence[float]]
) -> tuple[GroupSummary, ...]:
    """Return the summary of each pool of groups, as it was kept or from every network, and then keep it."""
    told: list[GroupSummary] = []
    fresh: list[tuple[Sequence[int], int, str]] = []
    for settings, members in pools:
        summary = _kept(run, settings, members)
        if summary is None:
            with run.database.held_still(), run.database.reading():
                ends, steps = run.database.end_columns(members), run.database.step_columns(members)
                summary = summarise(settings, ends, steps, _predicted([predicted[member] for member in members]))
                text = to_json(summary, inf_nan_mode="strings").decode()
                _reader().validate_json(text)
            fresh.append((members, summary.networks, text))
        told.append(summary)
    with suppress(sqlite3.Error):  # what a disk does not take is worked out again when it is asked for
        run.database.keep_summaries(fresh)
    return tuple(told)


def _kept(run: Run, settings: Mapping[str, Any], members: Sequence[int]) -> GroupSummary | None:
    """Return the summary of groups that was kept, or None where none was, or it is damaged."""
    kept = run.database.kept_summary(members)
    if kept is None:
        return None
    try:
        return replace(_reader().validate_json(kept), settings=settings)
    except ValidationError:
        return None


@cache
def _reader() -> TypeAdapter[GroupSummary]:
    return TypeAdapter(GroupSummary)


def _ranking(groups: Sequence[GroupSummary], word: str) -> Ranking:
    """Name the groups whose networks end best and worst by the median of a metric; raise LabError where none can be."""
    metric = known("--by", word, tuple(RANKED))
    values = {index: group.metrics[metric].end.median for index, group in enumerate(groups) if metric in group.metrics}
    found = {index: value for index, value in values.items() if value is not None}
    if not found:
        metrics = [name for name in groups[0].metrics if name in RANKED]
        raise LabError(f"--by {metric}: nothing here has it; these have {', '.join(metrics) or 'no metrics'}")
    upwards = sorted(found, key=lambda index: found[index])
    best, worst = (upwards[0], upwards[-1]) if RANKED[metric] == "least" else (upwards[-1], upwards[0])
    return Ranking(metric, *(Ranked(groups[index].settings, found[index]) for index in (best, worst)))


def _predicted(groups: Sequence[Sequence[float]]) -> list[float]:
    """Return the root mean square over groups of what theory predicts by layer; nothing where it is silent on one."""
    columns = zip(*groups, strict=True) if all(groups) else ()
    return [math.hypot(*of_layer) / math.sqrt(len(groups)) for of_layer in columns]


def failures(run: Run) -> tuple[FailedStack, ...]:
    """Return the stacks of a run that failed."""
    settings = {group.index: group.settings for group in run.database.groups()}
    return tuple(
        FailedStack(failure.stack, settings[failure.group], failure.seeds, failure.cause)
        for failure in run.database.failures()
    )


def _selected(run: Run, where: Sequence[str]) -> list[StoredGroup]:
    groups = run.database.groups()
    for condition in where:
        word, equals, text = condition.partition("=")
        if not equals or not word:
            raise LabError(f"--where {condition}: write --where KEY=VALUE")
        key, value = _key("--where", groups, word), read_value(f"--where {condition}", text)
        found = dict.fromkeys(str(group.settings[key]) for group in groups)
        groups = [group for group in groups if group.settings[key] == value]
        if not groups:
            raise LabError(f"--where {condition}: no group has it; there is {', '.join(found)}")
    return groups


def _key(option: str, groups: Sequence[StoredGroup], word: str) -> str:
    """Return the compared key that a word means: the whole key, or its unmistakable last part."""
    keys = list(groups[0].settings)
    if word in keys:
        return word
    matches = [key for key in keys if key.rpartition(".")[2] == word]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise LabError(f"{option} {word}: could be {' or '.join(matches)}; write the whole key")
    hint = nearest(word, keys) or (f"; compared here: {', '.join(keys)}" if keys else "; this run compares nothing")
    raise LabError(f"{option} {word}: is no compared key{hint}")


def _row(path: Path) -> RunRow:
    try:
        with Run(path) as run:
            tally, _ = run.database.tally(), run.environment
    except LabError as error:
        return RunRow(path.name, None, None, "damaged", None, None, None, str(error))
    return RunRow(
        path.name, tally.name, tally.created, status(tally), tally.networks, tally.planned_networks, tally.seconds
    )
