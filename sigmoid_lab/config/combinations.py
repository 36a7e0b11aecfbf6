"""Every combination of the compared settings, each validated like a file of its own."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import product
from math import prod
from typing import Any

from pydantic import ValidationError

from sigmoid_lab.config import problems
from sigmoid_lab.config.schema import Experiment, Settings
from sigmoid_lab.config.source import Location, place_value
from sigmoid_lab.errors import nearest

MOST_COMBINATIONS = 100_000
MOST_FAULTS = 20


def combinations(experiment: Experiment) -> Iterator[tuple[dict[str, Any], Settings]]:
    """Yield the compared values by dotted key, and the settings with them in place."""
    for compared, raw in _raw(experiment):
        yield compared, Settings.model_validate(raw)


def faults(experiment: Experiment) -> list[tuple[Location, str]]:
    """Return what is wrong with ``compare``: where, and what."""
    compare = experiment.compare
    found: dict[tuple[Location, str], None] = {}
    for key in compare:
        if (head := key.split(".")[0]) not in Settings.model_fields:
            hint = nearest(head, list(Settings.model_fields)) or "; one of " + ", ".join(Settings.model_fields)
            found[("compare", key), f"'{head}' is no setting that can be compared{hint}"] = None
        for other in compare:
            if other.startswith(f"{key}."):
                found[("compare", other), f"lies inside '{key}', which is compared too; keep one"] = None
    count = prod(map(len, compare.values()))
    if count > MOST_COMBINATIONS:
        found[("compare",), f"{count:,} combinations are more than {MOST_COMBINATIONS:,}; compare less at once"] = None
    if found:
        return list(found)
    for compared, raw in _raw(experiment):
        try:
            Settings.model_validate(raw)
        except ValidationError as error:
            for location, what in problems.faults(error):
                found[_blame(compared, experiment, location), what] = None
        if len(found) >= MOST_FAULTS:
            break
    return list(found)


def _raw(experiment: Experiment) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    base = experiment.model_dump(exclude_unset=True, include=set(Settings.model_fields))
    for values in product(*experiment.compare.values()):
        compared = dict(zip(experiment.compare, values, strict=True))
        raw = deepcopy(base)
        for key, value in compared.items():
            place_value(raw, tuple(key.split(".")), value)
        yield compared, raw


def _blame(compared: dict[str, Any], experiment: Experiment, location: Location) -> Location:
    """Return where in ``compare`` the value stands that a fault at ``location`` comes from."""
    for key, value in compared.items():
        path = tuple(key.split("."))
        if location[: len(path)] == path:
            index = next(i for i, given in enumerate(experiment.compare[key]) if given is value or given == value)
            return ("compare", key, index)
    return ("compare",)
