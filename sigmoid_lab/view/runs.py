"""The answers of ``runs`` in a terminal."""

from itertools import groupby

from rich.text import Text

from sigmoid_lab.results.runs import RunRow, RunsCompareAnswer, RunsListAnswer, RunsShowAnswer
from sigmoid_lab.view.tables import Column, console, print_table
from sigmoid_lab.view.train import OVERVIEW, print_overview
from sigmoid_lab.view.train import show as show_trained
from sigmoid_lab.wording.labels import label
from sigmoid_lab.wording.numbers import number

STATUS_STYLES = {"complete": "green", "partial": "yellow", "failed": "red", "damaged": "red"}


def show_list(answer: RunsListAnswer) -> None:
    """Print a line a run, and what is damaged."""
    screen = console()
    if not answer.rows:
        screen.print(
            Text(f"no runs in {answer.settings['runs']}; `sigmoid-lab train CONFIG` makes one"),
            soft_wrap=True,
        )
        return
    print_table(
        screen,
        f"Runs in {answer.settings['runs']}, oldest first",
        (Column("run", number=False), Column("status", number=False), Column("networks"), Column("worker seconds")),
        [_row(row) for row in answer.rows],
    )
    for damage in filter(None, (row.damage for row in answer.rows)):
        screen.print(Text(damage), soft_wrap=True)


def show(answer: RunsShowAnswer) -> None:
    """Print a run as train does, and which of its settings are best and worst."""
    show_trained(answer)
    if answer.ranking:
        metric = answer.ranking.metric.replace("_", " ")
        for word, ranked in (("best", answer.ranking.best), ("worst", answer.ranking.worst)):
            text = f"{label(ranked.settings)} ({number(ranked.value)})"
            console().print(Text.assemble((f"{word} by {metric}: ", "bold"), text), soft_wrap=True)


def show_compared(answer: RunsCompareAnswer) -> None:
    """Print a line a group, run by run."""
    screen = console()
    screen.print(Text(OVERVIEW), soft_wrap=True)
    for run, rows in groupby(answer.groups, lambda row: row.run):
        print_overview(screen, run, [row.group for row in rows])


def _count(row: RunRow) -> str:
    if row.networks is None:
        return number(None)
    whole = row.networks == row.planned_networks
    return f"{row.networks:,}" if whole else f"{row.networks:,} of {row.planned_networks:,}"


def _row(row: RunRow) -> tuple[str, Text, str, str]:
    return row.run, Text(row.status, STATUS_STYLES[row.status]), _count(row), number(row.seconds)
