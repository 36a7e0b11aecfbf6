"""A run as files for other tools."""

import json
from pathlib import Path
from typing import Literal

from sigmoid_lab.environment import describe
from sigmoid_lab.errors import LabError
from sigmoid_lab.questions.runs import show
from sigmoid_lab.results.runs import RunsExportAnswer, WrittenFile
from sigmoid_lab.store.catalogue import find
from sigmoid_lab.store.export import write_csv
from sigmoid_lab.store.run import Run


def export(runs: Path, run: str, folder: Path, form: Literal["csv", "json"]) -> RunsExportAnswer:
    """Write a run into a new folder: csv, every network on its own, or json, as ``runs show --json`` prints it.

    Raises LabError where the run cannot be read or the folder not be made.
    """
    with Run(find(runs, run)) as found:
        try:
            folder.mkdir(parents=True)
            paths = write_csv(found, folder) if form == "csv" else [_write_json(runs, run, folder / "run.json")]
            files = tuple(WrittenFile(str(path)) for path in paths)
        except FileExistsError:
            raise LabError(f"{folder}: exists already; name a new folder, so that nothing is overwritten") from None
        except OSError as error:
            raise LabError(f"{folder}: cannot be written ({error})") from None
        settings = {"run": str(found.path), "to": form, "folder": str(folder)}
        return RunsExportAnswer(settings, describe(), files)


def _write_json(runs: Path, run: str, path: Path) -> Path:
    path.write_text(json.dumps(show(runs, run).plain(), ensure_ascii=False), encoding="utf-8")
    return path
