"""An experiment as text again."""

from typing import Any

import yaml

from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.config.source import scalar


class _Dumper(yaml.SafeDumper):
    """Writes YAML that ``source`` reads back: PyYAML's own would leave ``1e5`` bare, and lose some line ends."""


def _quoted_where_needed(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if isinstance(scalar(text), str) and text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _quoted_where_needed)


def resolved(experiment: Experiment) -> str:
    """Return an experiment as YAML that reads back as the same combinations.

    Every default is spelled out, but for blocks that hold something compared: there a default may hang on it.
    """
    given = _kinds_first(experiment.model_dump(mode="json", exclude_unset=True))
    compared = {key.split(".")[0] for key in experiment.compare}
    values = {key: value for key, value in plain(experiment).items() if key not in compared or key in given}
    resolved = {key: given[key] if key in compared else value for key, value in values.items()}
    return yaml.dump(resolved, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def plain(experiment: Experiment) -> dict[str, Any]:
    """Return every value of an experiment as plain mappings, the name first, a block's kind first."""
    values = _kinds_first(experiment.model_dump(mode="json", exclude_none=True))
    return {"name": values.pop("name"), **values}


def _kinds_first(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {"kind": block["kind"], **block} if isinstance(block, dict) and "kind" in block else block
        for key, block in values.items()
    }
