"""The answer of ``doctor``."""

from dataclasses import dataclass
from typing import ClassVar

from sigmoid_lab.results.answer import Answer
from sigmoid_lab.vocabulary import RuleName, Severity


@dataclass(frozen=True)
class Finding:
    """Something that is wrong: what, how bad, where, by which numbers, how to mend it, and why."""

    rule: RuleName
    severity: Severity
    where: str
    """Module path, and file:line where known."""
    evidence: str
    fix: str
    reason: str
    met: str
    """Where people meet it."""


@dataclass(frozen=True)
class Layer:
    """A layer in the order it ran: its output, the activation on it, and the loss's gradients; null where not measured.

    ``ratio`` is the gradient norm of its output over that of the next layer's output.
    """

    layer: str
    kind: str
    output_mean: float | None
    output_spread: float | None
    activation: str | None
    saturated_share: float | None
    dead_share: float | None
    weight_gradient_norm: float | None
    output_gradient_norm: float | None
    ratio: float | None


@dataclass(frozen=True)
class Proof:
    """What training a few hundred steps came to, faulty and mended, both measured by the mended loss."""

    rule: RuleName
    change: str
    steps: tuple[int, ...]
    faulty: tuple[float, ...]
    mended: tuple[float, ...]
    helped: bool


@dataclass(frozen=True)
class DoctorAnswer(Answer):
    """What is wrong with a model, its loss and a batch."""

    command: ClassVar[str] = "doctor"
    table: ClassVar[str] = "findings"

    findings: tuple[Finding, ...]
    layers: tuple[Layer, ...]
    proofs: tuple[Proof, ...]
    loss: float | None
    outputs: str
    """The outputs' shape and range."""
    examples_with_gradient: float | None
    """The share of the examples whose outputs get a gradient that is not zero."""

    @property
    def healthy(self) -> bool:
        """Whether nothing found is an error."""
        return all(finding.severity != "error" for finding in self.findings)
