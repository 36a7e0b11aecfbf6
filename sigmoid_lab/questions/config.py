"""What a config may say, and whether one says it right; nothing here trains, so nothing here loads torch."""

from collections.abc import Sequence
from pathlib import Path

from sigmoid_lab.config.dump import plain
from sigmoid_lab.config.json_schema import json_schema
from sigmoid_lab.config.load import load
from sigmoid_lab.config.starters import starter
from sigmoid_lab.environment import describe
from sigmoid_lab.errors import LabError
from sigmoid_lab.questions.plan import plan_of
from sigmoid_lab.results.config import CheckAnswer, PlannedGroup, SchemaAnswer, StarterAnswer
from sigmoid_lab.vocabulary import DATA_KINDS, known


def new(kind: str, output: Path | None = None, force: bool = False) -> StarterAnswer:
    """Make a starter file for a kind of data, and write it if asked to; raise LabError where that cannot be."""
    word = known("KIND", kind, DATA_KINDS)
    text = starter(word, str(output or f"{word}.yaml"))
    if output:
        _write(output, text, force)
    file = str(output) if output else None
    return StarterAnswer({"kind": word, "output": file, "force": force}, describe(), text, file)


def check(file: Path, overrides: Sequence[str] = ()) -> CheckAnswer:
    """Say what a config would train; raise LabError with every fault of it and of the tables that it names."""
    plan = plan_of(load(file, overrides))
    groups = tuple(PlannedGroup(group.compared, plan.experiment.seeds) for group in plan.groups)
    return CheckAnswer(plain(plan.experiment), describe(), str(file), plan.network_count, groups)


def schema() -> SchemaAnswer:
    """Describe a config as JSON Schema."""
    return SchemaAnswer({}, describe(), json_schema())


def _write(path: Path, text: str, force: bool) -> None:
    if path.is_dir():
        raise LabError(f"{path}: is a directory; name a file in it")
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise LabError(f"{path}: exists already; --force overwrites it") from None
    except OSError as error:
        raise LabError(f"{path}: cannot be written ({error.strerror})") from None
