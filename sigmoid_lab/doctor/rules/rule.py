"""What a rule is, and what it says where it finds something."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import Operation
from sigmoid_lab.vocabulary import RuleName, Severity


@dataclass(frozen=True)
class Symptom:
    """How bad, where (an operation, a name, or the whole), by which numbers, and the line that mends it."""

    severity: Severity
    at: Operation | str | None
    evidence: str
    fix: str


@dataclass(frozen=True)
class Rule:
    """A fault by its name: why it is one, where people meet it, and how it is seen.

    Where a rule of ``yields_to`` found an error, this one says nothing: its symptom is that error's consequence.
    """

    name: RuleName
    reason: str
    met: str
    look: Callable[[Observation], Iterable[Symptom]]
    yields_to: tuple[RuleName, ...] = ()
