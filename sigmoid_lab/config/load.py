"""A file and its overrides, as an experiment."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from sigmoid_lab.config.combinations import faults
from sigmoid_lab.config.problems import explain, line
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.config.source import Source, read
from sigmoid_lab.errors import LabError


def load(path: Path | str, overrides: Sequence[str] = ()) -> Experiment:
    """Read an experiment from a YAML file, ``a.b=VALUE`` overrides applied; raise LabError with every fault."""
    source = read(Path(path))
    for assignment in overrides:
        source.override(assignment)
    return validate(source)


def validate(source: Source) -> Experiment:
    """Return the experiment that a source describes; raise LabError with every fault."""
    try:
        experiment = Experiment.model_validate(source.values, context={"folder": source.folder})
    except ValidationError as error:
        raise LabError(*explain(error, source)) from None
    problems = [line(source, location, what) for location, what in faults(experiment)]
    if problems:
        raise LabError(*problems)
    return experiment
