"""The answer of ``train --dry-run``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sigmoid_lab.results.answer import Answer


@dataclass(frozen=True)
class PlannedGroup:
    """One combination of the compared settings: its networks, in how many stacks, and a core's seconds for them."""

    settings: Mapping[str, Any]
    networks: int
    stacks: int
    seconds: float


@dataclass(frozen=True)
class DryRunAnswer(Answer):
    """What would be trained; ``seconds`` on ``workers`` processes and ``bytes`` on disk are estimates."""

    command: ClassVar[str] = "train"
    table: ClassVar[str] = "groups"

    groups: tuple[PlannedGroup, ...]
    networks: int
    stacks: int
    workers: int
    seconds: float
    bytes: int
