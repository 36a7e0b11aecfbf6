"""The run directories of a folder: which there are, which one is meant, and the end of one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from sigmoid_lab.errors import LabError, nearest
from sigmoid_lab.store.lock import claim
from sigmoid_lab.store.run import EXPERIMENT, RESULTS


def runs_in(folder: Path) -> Iterator[Path]:
    """Yield the run directories of a folder, oldest first."""
    if not folder.is_dir():
        return
    runs = [path for path in folder.iterdir() if not path.name.startswith(".") and _was_made_as_a_run(path)]
    yield from sorted(runs, key=_created)


def _was_made_as_a_run(path: Path) -> bool:
    """Return whether a directory is a run, or what is left of one."""
    return any((path / name).is_file() for name in (EXPERIMENT, RESULTS))


def _created(path: Path) -> tuple[int, str]:
    """Return what orders runs by age: the experiment is written when a run is made, and never again."""
    experiment = path / EXPERIMENT
    return (experiment.stat().st_mtime_ns if experiment.exists() else 0, path.name)


def find(folder: Path, run: str) -> Path:
    """Return the run meant by a path, a directory's name, a unique prefix or ``latest``; raise LabError otherwise."""
    if _was_made_as_a_run(Path(run)):
        return Path(run)
    runs = {path.name: path for path in runs_in(folder)}
    if not runs:
        raise LabError(f"{folder}: holds no runs; `sigmoid-lab train CONFIG` makes one")
    if run == "latest":
        return next((path for path in reversed(runs.values()) if (path / RESULTS).is_file()), [*runs.values()][-1])
    if run in runs:
        return runs[run]
    matches = [name for name in runs if run and name.startswith(run)]
    if len(matches) == 1:
        return runs[matches[0]]
    if matches:
        raise LabError(f"'{run}' could be any of: {', '.join(matches[:10])}; write more of the name")
    raise LabError(f"'{run}' is no run in {folder}{nearest(run, list(runs))}; `sigmoid-lab runs list` shows them")


def delete(path: Path) -> None:
    """Delete a run directory whole; raise LabError where it is none, is being written, or cannot be deleted."""
    if path.is_symlink():
        raise LabError(f"{path}: is a link; `sigmoid-lab runs delete {path.resolve()}` deletes the run")
    path = path.resolve()
    aside = path.with_name(f".{path.name}.deleted")
    if not _was_made_as_a_run(path):
        raise LabError(f"{path}: is no run directory; `sigmoid-lab runs list` shows runs")
    with claim(next(path / name for name in (EXPERIMENT, RESULTS) if (path / name).is_file())):
        try:
            path.rename(aside)
            shutil.rmtree(aside)
        except OSError as error:
            raise LabError(f"{path}: cannot be deleted ({error})") from None
