"""The end of a run."""

from pathlib import Path

from sigmoid_lab.environment import describe
from sigmoid_lab.results.runs import DeletedRun, RunsDeleteAnswer
from sigmoid_lab.store import catalogue


def meant(runs: Path, run: str) -> Path:
    """Return the run directory that a name means; raise LabError where there is none."""
    return catalogue.find(runs, run)


def delete(path: Path) -> RunsDeleteAnswer:
    """Delete a run directory; raise LabError where it is none, or cannot be deleted."""
    catalogue.delete(path)
    return RunsDeleteAnswer({"run": str(path)}, describe(), (DeletedRun(str(path)),))
