"""The answers of ``config new``, ``config check`` and ``config schema``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sigmoid_lab.results.answer import Answer


@dataclass(frozen=True)
class StarterAnswer(Answer):
    """A starter file's text, and the file that it was written to, if any."""

    command: ClassVar[str] = "config new"

    text: str
    file: str | None


@dataclass(frozen=True)
class PlannedGroup:
    """One combination of the compared settings, and how many networks it would train."""

    settings: Mapping[str, Any]
    networks: int


@dataclass(frozen=True)
class CheckAnswer(Answer):
    """What a config without fault would train."""

    command: ClassVar[str] = "config check"
    table: ClassVar[str] = "groups"

    file: str
    networks: int
    groups: tuple[PlannedGroup, ...]


@dataclass(frozen=True)
class SchemaAnswer(Answer):
    """The JSON Schema of a config."""

    command: ClassVar[str] = "config schema"

    schema: Mapping[str, Any]
