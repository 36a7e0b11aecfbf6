"""The page of ``report``: the question, the answer, figures with their data, settings and environment."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import PurePath
from typing import Any

from sigmoid_lab.report.document import document, section, table
from sigmoid_lab.report.story import answer as told
from sigmoid_lab.report.story import question
from sigmoid_lab.report.training import Groups, figures
from sigmoid_lab.results.answer import Plain, encode, flatten
from sigmoid_lab.results.report import ReportAnswer
from sigmoid_lab.results.runs import RunsShowAnswer
from sigmoid_lab.results.train import GroupSummary
from sigmoid_lab.wording.labels import label
from sigmoid_lab.wording.numbers import duration


def page(answer: ReportAnswer) -> str:
    """Return the page whole, for a browser to open from disk."""
    groups = _groups(answer)
    names = [run.settings["name"] for run in answer.runs]
    parts = [_head(answer.runs), _said(list(told(groups))), *map(section, figures(groups)), *_tables(answer, groups)]
    return document(f"{', '.join(dict.fromkeys(names))} – sigmoid-lab", "\n".join(parts))


def _groups(answer: ReportAnswer) -> Groups:
    """Name groups by what they compare, and by their run where there are several."""
    several = len(answer.runs) > 1
    return {
        f"{label(group.settings)} ({name})" if several else label(group.settings): group
        for name, run in _by_name(answer.runs).items()
        for group in run.groups
    }


def _by_name(runs: Sequence[RunsShowAnswer]) -> Mapping[str, RunsShowAnswer]:
    """Name runs as their files do, or by their directories where two are alike."""
    names = [run.settings["name"] for run in runs]
    alike = len(set(names)) < len(names)
    return {PurePath(run.run).name if alike else run.settings["name"]: run for run in runs}


def _head(runs: Sequence[RunsShowAnswer]) -> str:
    return "<header>" + "".join(map(_asked, _by_name(runs), runs)) + "</header>"


def _asked(name: str, run: RunsShowAnswer) -> str:
    whole = run.networks == run.planned_networks
    planned = "" if whole else f" of {run.planned_networks:,} planned"
    facts = f"{run.networks:,}{planned} networks in {len(run.groups)} groups, {duration(run.seconds)} of work"
    failed = "".join(
        f'<p class="caption">failed: {escape(label(failure.settings))}: {escape(_last_line(failure.cause))}</p>'
        for failure in run.failed
    )
    return (
        f'<p class="name">{escape(name)}</p><h1>{escape(question(run.settings))}</h1>'
        f'<p class="caption">{facts}</p>{failed}'
    )


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def _said(sentences: Sequence[str]) -> str:
    return '<div class="answer">' + "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences) + "</div>"


def _tables(answer: ReportAnswer, groups: Groups) -> Iterator[str]:
    runs = _by_name(answer.runs)
    yield _titled("Groups", table([_facts(name, group) for name, group in groups.items()]))
    yield _titled("Settings", table(_beside({name: run.settings for name, run in runs.items()}), "facts"))
    yield _titled("Environment", table(_beside({name: run.environment for name, run in runs.items()}), "facts"))


def _titled(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _facts(name: str, group: GroupSummary) -> Plain:
    counted = {"group": name, "networks": group.networks, "diverged": group.diverged}
    found = {"probability_range": group.probability_range, "predicted_positive": group.predicted_positive}
    return counted | flatten(encode(found))


def _beside(columns: Mapping[str, Any]) -> list[Plain]:
    """Return nested values of several runs as rows: a key, and a column for each run."""
    flat = {name: flatten(encode(values)) for name, values in columns.items()}
    keys = dict.fromkeys(key for values in flat.values() for key in values)
    return [{"": key} | {name: values.get(key) for name, values in flat.items()} for key in keys]
