"""A claim: what people say, what measures it, and the rule that judges the measurement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sigmoid_lab.results.claims import ClaimVerdict
from sigmoid_lab.vocabulary import ClaimName

Numbers = Mapping[str, float]
"""What was measured, by name."""


@dataclass(frozen=True)
class Claim:
    """A statement, what measures it, the rule over the numbers, and two texts.

    ``evidence`` is a sentence that says what was measured, the numbers' names in braces, and concludes nothing;
    ``reproduce`` is Python that prints some of the numbers, each after its name.
    """

    name: ClaimName
    statement: str
    measure: Callable[[], Numbers]
    rule: Callable[[Numbers], ClaimVerdict]
    evidence: str
    reproduce: str


def judged(right: bool, partly: bool) -> ClaimVerdict:
    """Return ``holds`` where all of it is right, ``depends`` where a part is, ``fails`` elsewhere."""
    return "holds" if right else "depends" if partly else "fails"


def starting_with(prefix: str, numbers: Numbers) -> list[float]:
    """Return the numbers whose names start so."""
    return [value for name, value in numbers.items() if name.startswith(prefix)]
