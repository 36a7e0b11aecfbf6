"""A file and its overrides, as an experiment."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from sigmoid_lab.config import combinations, problems
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.config.source import Fault, Source, read
from sigmoid_lab.errors import LabError

MOST_FAULTS = 50


def load(path: Path | str, overrides: Sequence[str] = ()) -> Experiment:
    """Read an experiment from a YAML file, with ``a.b=VALUE`` overrides; raise LabError with every fault."""
    source = read(Path(path))
    if not source.faults:  # an override would take their places
        for assignment in overrides:
            source.override(assignment)
    return validate(source)


def validate(source: Source) -> Experiment:
    """Return the experiment that a source describes; raise LabError with every fault."""
    try:
        experiment = Experiment.model_validate(source.values, context={"folder": source.folder})
    except ValidationError as error:
        raise _refusal(source, problems.faults(error)) from None
    if faults := combinations.faults(experiment):
        raise _refusal(source, faults)
    if source.faults:
        raise _refusal(source, [])
    return experiment


def _refusal(source: Source, faults: Sequence[Fault]) -> LabError:
    """Return the error that tells the faults of the text, and those of its values that do not follow from them."""
    told = {location for location, _ in source.faults}
    lines = source.lines([*source.faults, *(fault for fault in faults if fault[0] not in told)])
    more = [f"{source.name}: … and {len(lines) - MOST_FAULTS} more"] if len(lines) > MOST_FAULTS else []
    return LabError(*lines[:MOST_FAULTS], *more)
