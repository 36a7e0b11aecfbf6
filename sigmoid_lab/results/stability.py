"""The answer of ``stability``."""

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from sigmoid_lab.results.answer import Answer
from sigmoid_lab.vocabulary import DtypeName, LossName, SigmoidName

Verdict = Literal["exact", "close", "wrong", "inf", "nan"]
"""From best to worst."""

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
RIGHT: tuple[Verdict, ...] = ("exact", "close")


@dataclass(frozen=True)
class SigmoidRow:
    """An implementation at one z: value and slope, the exact ones correctly rounded, and how far they are off."""

    implementation: SigmoidName
    dtype: DtypeName
    z: float
    value: float
    gradient: float
    exact_value: float
    exact_gradient: float
    error_ulp: float
    gradient_error_ulp: float
    verdict: Verdict
    value_verdict: Verdict
    gradient_verdict: Verdict


@dataclass(frozen=True)
class WorstRow:
    """An implementation's values at every finite input of a format, or where interrupted at ``inputs`` of them."""

    implementation: SigmoidName
    dtype: DtypeName
    inputs: int
    finite_inputs: int
    max_error_ulp: float
    at_z: float
    correctly_rounded_share: float
    monotonicity_violations: int


@dataclass(frozen=True)
class EndsRow:
    """The z, going out from 0, where the value is first exactly 0 or 1 and the slope exactly 0; null where never."""

    implementation: SigmoidName
    dtype: DtypeName
    zero_from: float | None
    one_from: float | None
    slope_zero_below: float | None
    slope_zero_above: float | None


@dataclass(frozen=True)
class LossRow:
    """A loss at one logit and target, as `SigmoidRow` has it."""

    implementation: LossName
    dtype: DtypeName
    z: float
    target: int
    loss: float
    gradient: float
    exact_loss: float
    exact_gradient: float
    error_ulp: float
    gradient_error_ulp: float
    verdict: Verdict
    value_verdict: Verdict
    gradient_verdict: Verdict


@dataclass(frozen=True)
class Scanned:
    """How far a whole scan is."""

    implementation: SigmoidName
    dtype: DtypeName
    inputs: int
    finite_inputs: int


@dataclass(frozen=True)
class StabilityAnswer(Answer):
    """Which sigmoid and which loss survive extreme z, forward and backward."""

    command: ClassVar[str] = "stability"
    table: ClassVar[str] = "sigmoid"

    sigmoid: tuple[SigmoidRow, ...]
    worst: tuple[WorstRow, ...]
    ends: tuple[EndsRow, ...]
    loss: tuple[LossRow, ...]
    interrupted: bool
    """Whether Ctrl-C ended the whole scans early."""
