"""A run as files for other tools."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from sigmoid_lab.environment import describe
from sigmoid_lab.errors import LabError
from sigmoid_lab.questions.runs import show
from sigmoid_lab.results.runs import RunsExportAnswer, WrittenFile
from sigmoid_lab.store import events
from sigmoid_lab.store.catalogue import find
from sigmoid_lab.store.export import write_csv
from sigmoid_lab.store.run import Run

Form = Literal["csv", "json", "tensorboard"]


def export(runs: Path, run: str, folder: Path, form: Form) -> RunsExportAnswer:
    """Write a run into a new folder: csv or TensorBoard's events, every network on its own, or ``runs show``'s json.

    Raises LabError where the run cannot be read or holds no finished network, or the folder cannot be made.
    """
    if form == "tensorboard":
        events.check()
    with Run(find(runs, run)) as found:
        if not found.database.tally().networks:
            raise LabError(f"{found.path}: has no finished network, so there is nothing to export; nothing was written")
        try:
            folder.mkdir(parents=True)
            files = tuple(WrittenFile(str(path)) for path in WRITERS[form](found, folder))
        except FileExistsError:
            raise LabError(f"{folder}: exists already; name a new folder, so that nothing is overwritten") from None
        except OSError as error:
            raise LabError(f"{folder}: cannot be written ({error})") from None
        settings = {"run": str(found.path), "to": form, "folder": str(folder)}
        return RunsExportAnswer(settings, describe(), files)


def _write_json(run: Run, folder: Path) -> list[Path]:
    path = folder / "run.json"
    path.write_text(json.dumps(show(run.path.parent, str(run.path)).plain(), ensure_ascii=False), encoding="utf-8")
    return [path]


WRITERS: dict[Form, Callable[[Run, Path], Iterable[Path]]] = {
    "csv": write_csv,
    "json": _write_json,
    "tensorboard": events.write_events,
}
