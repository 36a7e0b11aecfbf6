"""What every command answers with, and the plain forms of it that scripts read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar, TypeGuard

from sigmoid_lab.environment import Environment
from sigmoid_lab.errors import LabError

SCHEMA_VERSION = 1

Plain = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """An answer: the command, every setting used, the environment, and the tables that subclasses add."""

    command: ClassVar[str]
    table: ClassVar[str]
    """The field that ``--csv`` and ``records()`` give unless told otherwise."""

    settings: Mapping[str, Any]
    environment: Environment

    def plain(self) -> Plain:
        """Return the answer whole, as ``--json`` prints it."""
        content = {field.name: encode(getattr(self, field.name)) for field in fields(self)}
        return {"schema_version": SCHEMA_VERSION, "command": self.command} | content

    def records(self, table: str | None = None) -> list[Plain]:
        """Return a table as flat rows, for pandas or polars; ``groups.layers`` opens the lists inside rows.

        Nested keys are joined by dots, such as ``gradient_norm.median``; raises LabError for an unknown table.
        """
        first, *deeper = (table or self.table).split(".")
        rows = self.plain().get(first)
        for name in deeper:
            rows = (
                [_without_lists(row) | inner for row in rows for inner in row[name]] if _all_have(rows, name) else None
            )
        if not isinstance(rows, list):
            raise LabError(f"'{table}' is no table of this answer; try '{self.table}'")
        return [flatten(_settings_in_cells(_without_lists(row))) for row in rows]


def encode(value: Any) -> Any:
    """Return ``value`` as JSON holds it: dataclasses as mappings, floats that are not finite as words."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value is None or isinstance(value, float | int | str):
        return value
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    return value


def flatten(row: Plain, prefix: str = "") -> Plain:
    """Join the keys of nested mappings with dots."""
    flat: Plain = {}
    for key, value in row.items():
        flat |= flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def _all_have(rows: Any, name: str) -> TypeGuard[list[Plain]]:
    """Say whether ``rows`` are rows that each hold a table ``name``."""
    return isinstance(rows, list) and all(isinstance(row.get(name), list) for row in rows)


def _settings_in_cells(row: Plain) -> Plain:
    """Keep a setting that is a mapping or a list in one cell, as JSON."""
    settings = row.get("settings", {})
    cells = {key: json.dumps(value) if isinstance(value, dict | list) else value for key, value in settings.items()}
    return row | {"settings": cells} if settings else row


def _without_lists(row: Plain) -> Plain:
    """Drop what a flat row cannot hold: the tables inside it."""
    return {key: value for key, value in row.items() if not isinstance(value, list)}
