"""A run as files for other tools."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from sigmoid_lab.errors import LabError
from sigmoid_lab.questions.runs import show
from sigmoid_lab.store.catalogue import find
from sigmoid_lab.store.export import write_csv
from sigmoid_lab.store.run import Run


def export(runs: Path, run: str, folder: Path, form: Literal["csv", "json"]) -> Iterator[Path]:
    """Write a run into a new folder: csv, every network on its own, or json, as ``runs show --json`` prints it."""
    with Run(find(runs, run)) as found:
        try:
            folder.mkdir(parents=True)
            if form == "csv":
                yield from write_csv(found, folder)
            else:
                path = folder / "run.json"
                path.write_text(json.dumps(show(runs, run).plain(), ensure_ascii=False), encoding="utf-8")
                yield path
        except FileExistsError:
            raise LabError(f"{folder}: exists already; name a new folder, so that nothing is overwritten") from None
        except OSError as error:
            raise LabError(f"{folder}: cannot be written ({error})") from None
