"""The page of ``report``: the question, the answer, figures with their data, settings and environment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import PurePath
from typing import Any

from sigmoid_lab.report.beside import beside, differ, differences, run_names
from sigmoid_lab.report.document import document, section, table
from sigmoid_lab.report.story import answer as tell
from sigmoid_lab.report.story import contrast, question
from sigmoid_lab.report.training import Groups, figures
from sigmoid_lab.results.answer import Plain, encode, flatten
from sigmoid_lab.results.report import ReportAnswer
from sigmoid_lab.results.runs import RunsShowAnswer
from sigmoid_lab.results.train import GroupSummary
from sigmoid_lab.wording.labels import counted, label, networks
from sigmoid_lab.wording.numbers import duration

HINT = (
    '<p class="caption">Point at a dot or a cell for its numbers; click a name in a legend to see it alone, another to '
    "add it; ··· saves a figure.</p>"
)


def page(answer: ReportAnswer) -> str:
    """Return the page whole, for a browser to open from disk."""
    names = run_names(answer.runs)
    named = list(_named(answer.runs, names))
    groups = {name: group for name, _, group in named}
    losses = {name: _losses(run, group) for name, run, group in named}
    drawn = list(figures(groups))
    parts = [
        _head(answer.runs, names),
        _said(tell(groups, losses)),
        HINT if drawn else "",
        *map(section, drawn),
        *_tables(answer.runs, names, groups),
    ]
    return document(f"{_titles(answer.runs)} – sigmoid-lab", "\n".join(parts))


def _named(runs: Sequence[RunsShowAnswer], names: Sequence[str]) -> Iterator[tuple[str, RunsShowAnswer, GroupSummary]]:
    """Yield each group by what it compares, and by its run where there are several, with its run."""
    for name, run in zip(names, runs, strict=True):
        for group in run.groups:
            yield _group_name(group.settings, name if len(runs) > 1 else ""), run, group


def _group_name(settings: Mapping[str, Any], run: str) -> str:
    if not run:
        return label(settings)
    return f"{label(settings)} ({run})" if settings else run


def _losses(run: RunsShowAnswer, group: GroupSummary) -> Sequence[str]:
    """Return the losses that a group's networks were trained with: its own, those it pools, or that of the run."""
    if "loss" in group.settings:
        return (group.settings["loss"],)
    pooled: Sequence[str] = run.settings.get("compare", {}).get("loss", (run.settings["loss"],))
    return pooled


def _titles(runs: Sequence[RunsShowAnswer]) -> str:
    return ", ".join(dict.fromkeys(run.settings["name"] for run in runs))


def _head(runs: Sequence[RunsShowAnswer], names: Sequence[str]) -> str:
    """Ask each question once, and say of which runs."""
    asked: dict[str, list[str]] = {}
    for name, run in zip(names, runs, strict=True):
        asked.setdefault(question(_compared(run)), []).append(_counted(f"{name}: " if len(runs) > 1 else "", run))
    questions = (f"<h1>{escape(words)}</h1>{''.join(of_runs)}" for words, of_runs in asked.items())
    unlike = f"<p>{escape(contrast(differences(runs)))}</p>" if len(runs) > 1 else ""
    return f'<header><p class="name">{escape(_titles(runs))}</p>{"".join(questions)}{unlike}</header>'


def _compared(run: RunsShowAnswer) -> dict[str, list[Any]]:
    """Return the settings in which the groups that are shown differ, with their values."""
    shown: dict[str, list[Any]] = {}
    for group in run.groups:
        for key, value in group.settings.items():
            values = shown.setdefault(key, [])
            values += [] if value in values else [value]
    return {key: values for key, values in shown.items() if len(values) > 1}


def _counted(name: str, run: RunsShowAnswer) -> str:
    count = sum(group.networks for group in run.groups)
    chosen = " and ".join(run.settings["where"])
    where = f" where {chosen}, of the run's {run.networks:,}" if chosen else ""
    planned = f", {run.planned_networks:,} planned" if run.networks < run.planned_networks else ""
    pooled = [key for key in run.settings.get("compare", {}) if not any(key in group.settings for group in run.groups)]
    pool = f", pooled over {' and '.join(pooled)}" if pooled else ""
    work = f"run {PurePath(run.run).name} took {duration(run.seconds)} of work{' in all' if chosen else ''}"
    facts = f"{name}{networks(count)} in {counted(len(run.groups), 'group')}{pool}{where}{planned}; {work}"
    failed = "".join(
        f'<p class="caption">failed: {escape(label(failure.settings))}: {escape(_last_line(failure.cause))}</p>'
        for failure in run.failed
    )
    return f'<p class="caption">{escape(facts)}</p>{failed}'


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def _said(told: Iterable[str]) -> str:
    sentences = (escape(sentence).replace(" %", "\N{NO-BREAK SPACE}%") for sentence in told)
    return '<div class="answer">' + "".join(f"<p>{sentence}</p>" for sentence in sentences) + "</div>"


def _tables(runs: Sequence[RunsShowAnswer], names: Sequence[str], groups: Groups) -> Iterator[str]:
    yield _titled("Groups", table([_facts(name, group) for name, group in groups.items()]))
    yield _titled("Settings", _side_by_side(names, [run.settings for run in runs]))
    yield _titled("Environment", _side_by_side(names, [run.environment for run in runs]))


def _titled(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _facts(name: str, group: GroupSummary) -> Plain:
    counts = {"group": name, "networks": group.networks, "diverged": group.diverged}
    found = {"probability_range": group.probability_range, "predicted_positive": group.predicted_positive}
    return counts | flatten(encode(found))


def _side_by_side(names: Sequence[str], runs: Sequence[Any]) -> str:
    """Return nested values of several runs as a table: a row for each key, marked where runs differ."""
    values = beside(runs)
    rows = [{"": key} | dict(zip(names, of_runs, strict=True)) for key, of_runs in values.items()]
    return table(rows, "facts", [row for row in rows if differ(values[row[""]])])
