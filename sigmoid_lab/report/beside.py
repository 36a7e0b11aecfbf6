"""Several runs side by side: what to call them, and in what they differ."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from sigmoid_lab.results.answer import encode, flatten
from sigmoid_lab.results.runs import RunsShowAnswer
from sigmoid_lab.wording.labels import label, word

UNTRAINED = {"name", "where", "group_by", "by"}
"""What stands among a run's settings and changes nothing that was trained."""


def run_names(runs: Sequence[RunsShowAnswer]) -> list[str]:
    """Name runs, each unlike the others: as their files do, by the settings in which they differ, or by their folders.

    Two runs of the same settings in folders of the same name are called by their paths.
    """
    different = differences(runs)
    candidates = (
        [run.settings["name"] for run in runs],
        [label(_own(different, index)) for index in range(len(runs))],
        [PurePath(run.run).name for run in runs],
    )
    return next((names for names in candidates if len(set(names)) == len(runs)), [run.run for run in runs])


def differences(runs: Sequence[RunsShowAnswer]) -> Mapping[str, Sequence[Any]]:
    """Return the settings in which runs differ: the value of each run, those that it compares, or null."""
    settings = beside([_trained(run.settings) for run in runs])
    return {key: values for key, values in settings.items() if differ(values)}


def _trained(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    own = flatten(encode({key: value for key, value in settings.items() if key not in UNTRAINED | {"compare"}}))
    return own | {key: " + ".join(map(word, values)) for key, values in settings.get("compare", {}).items()}


def beside(runs: Sequence[Any]) -> Mapping[str, Sequence[Any]]:
    """Return nested values of several runs by flat key: the value of each run, null where it has none."""
    flat = [flatten(encode(values)) for values in runs]
    keys = dict.fromkeys(key for values in flat for key in values)
    return {key: [values.get(key) for values in flat] for key in keys}


def differ(values: Sequence[Any]) -> bool:
    """Say whether not all values are the same."""
    return any(value != values[0] for value in values)


def _own(different: Mapping[str, Sequence[Any]], index: int) -> dict[str, Any]:
    return {key: values[index] for key, values in different.items() if values[index] is not None}
