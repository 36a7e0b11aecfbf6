"""The answer of ``claims``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from sigmoid_lab.results.answer import Answer
from sigmoid_lab.vocabulary import ClaimName

ClaimVerdict = Literal["holds", "fails", "depends"]


@dataclass(frozen=True)
class ClaimRow:
    """What is said, what became of it, the numbers it was judged by, the rule, and Python that shows the same."""

    claim: ClaimName
    statement: str
    verdict: ClaimVerdict
    evidence: str
    numbers: Mapping[str, float]
    rule: str
    reproduce: str


@dataclass(frozen=True)
class Claimed:
    """How many of the claims are measured."""

    claim: ClaimName
    measured: int
    claims: int


@dataclass(frozen=True)
class ClaimsAnswer(Answer):
    """Which textbook statements on sigmoid hold on this machine."""

    command: ClassVar[str] = "claims"
    table: ClassVar[str] = "rows"

    rows: tuple[ClaimRow, ...]
    interrupted: bool
    """Whether Ctrl-C ended the measuring early."""
