"""Every combination of the compared settings, each validated like a file of its own."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import chain, product
from math import prod
from typing import Any

from pydantic import ValidationError

from sigmoid_lab.config import problems
from sigmoid_lab.config.schema import Experiment, Settings
from sigmoid_lab.config.source import Fault, Location, describe, dotted, place_value
from sigmoid_lab.errors import nearest

MOST_COMBINATIONS = 10_000

Choice = tuple[int, ...]
"""A combination: which value of each compared key."""


def combinations(experiment: Experiment) -> Iterator[tuple[dict[str, Any], Settings]]:
    """Yield the compared values by dotted key, and the settings with them in place."""
    for choice in _choices(experiment):
        compared = _compared(experiment, choice)
        yield compared, Settings.model_validate(_raw(experiment, compared))


def faults(experiment: Experiment) -> list[Fault]:
    """Return what is wrong with ``compare``: where, and what."""
    if found := list(_faults_of_keys(experiment.compare)):
        return found
    choices: dict[Fault, list[Choice]] = {}
    for choice in _choices(experiment):
        try:
            Settings.model_validate(_raw(experiment, _compared(experiment, choice)))
        except ValidationError as error:
            for fault in problems.faults(error):
                choices.setdefault(fault, []).append(choice)
    blamed = (_blame(experiment.compare, fault, faulty) for fault, faulty in choices.items())
    return list(dict.fromkeys(chain.from_iterable(blamed)))


def _choices(experiment: Experiment) -> Iterator[Choice]:
    return product(*(range(len(values)) for values in experiment.compare.values()))


def _compared(experiment: Experiment, choice: Choice) -> dict[str, Any]:
    return {key: values[i] for (key, values), i in zip(experiment.compare.items(), choice, strict=True)}


def _raw(experiment: Experiment, compared: dict[str, Any]) -> dict[str, Any]:
    raw = experiment.model_dump(exclude_unset=True, include=set(Settings.model_fields))
    for key, value in compared.items():
        place_value(raw, tuple(key.split(".")), deepcopy(value))
    return raw


def _faults_of_keys(compare: dict[str, tuple[Any, ...]]) -> Iterator[Fault]:
    for key, values in compare.items():
        if (head := key.split(".")[0]) not in Settings.model_fields:
            hint = nearest(head, SETTINGS) or f"; one of {', '.join(SETTINGS)}"
            yield ("compare", key), f"{describe(head)} is no setting that can be compared{hint}"
        for other in compare:
            if other.startswith(f"{key}."):
                yield ("compare", other), f"lies inside '{key}', which is compared too; keep one"
        first = {repr(value): index for index, value in reversed([*enumerate(values)])}
        for index, value in enumerate(values):
            if first[repr(value)] < index:
                yield ("compare", key, index), f"{describe(value)} stands twice in the list; keep one"
    count = prod(map(len, compare.values()))
    if count > MOST_COMBINATIONS:
        yield ("compare",), f"{count:,} combinations are more than {MOST_COMBINATIONS:,}; compare less at once"


SETTINGS = list(Settings.model_fields)


def _blame(compare: dict[str, tuple[Any, ...]], fault: Fault, faulty: Sequence[Choice]) -> Iterator[Fault]:
    """Yield where in ``compare`` a fault comes from that these choices have: a value, a key, or several at once."""
    location, what = fault
    chosen = {key: sorted({choice[i] for choice in faulty}) for i, key in enumerate(compare)}
    deciding = [key for key, values in compare.items() if len(chosen[key]) < len(values)] or list(compare)
    for key in compare:
        path = tuple(key.split("."))
        if location[: len(path)] == path:
            yield from _places(key, chosen[key], compare, location[len(path) :], what)
            return
    what = f"{dotted(location)}: {what}"
    if len(deciding) == 1:
        yield from _places(deciding[0], chosen[deciding[0]], compare, (), what)
        return
    first = ", ".join(f"{key}: {describe(compare[key][chosen[key][0]])}" for key in deciding)
    yield ("compare",), f"with {first}: {what}"


def _places(
    key: str, chosen: list[int], compare: dict[str, tuple[Any, ...]], inside: Location, what: str
) -> Iterator[Fault]:
    """Yield a fault of some values of a compared key; once, at the key, where every value has it."""
    if not inside and len(chosen) == len(compare[key]):
        yield ("compare", key), what
        return
    for index in chosen:
        yield ("compare", key, index, *inside), what
