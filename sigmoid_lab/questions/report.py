"""What several runs found, gathered for one page."""

from collections.abc import Sequence
from pathlib import Path

from sigmoid_lab.environment import describe
from sigmoid_lab.errors import LabError
from sigmoid_lab.questions.runs import show
from sigmoid_lab.results.report import ReportAnswer
from sigmoid_lab.store.catalogue import find

MOST_GROUPS = 40
"""More than anybody tells apart in a figure."""


def report(
    runs: Path, names: Sequence[str], output: Path, where: Sequence[str] = (), group_by: str | None = None
) -> ReportAnswer:
    """Return each run as ``show`` does; raise LabError where one cannot be read or the groups are too many to draw."""
    distinct = {find(runs, name).resolve(): name for name in names}
    found = tuple(show(runs, name, where, group_by) for name in distinct.values())
    groups = sum(len(run.groups) for run in found)
    if groups > MOST_GROUPS:
        raise LabError(f"{groups} groups are too many to look at; choose {MOST_GROUPS} with --where or --group-by")
    return ReportAnswer(
        settings={"runs": str(runs), "reported": list(names), "where": list(where), "group_by": group_by},
        environment=describe(),
        runs=found,
        output=str(output),
    )
