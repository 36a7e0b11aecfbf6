"""The answers of ``runs``."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sigmoid_lab.results.answer import Answer
from sigmoid_lab.results.train import GroupSummary, TrainAnswer

Status = Literal["complete", "partial", "failed"]


@dataclass(frozen=True)
class RunRow:
    """One run; name, time and seconds of work are null where its results cannot be read."""

    run: str
    name: str | None
    created: str | None
    status: Status
    networks: int
    seconds: float | None


@dataclass(frozen=True)
class RunsListAnswer(Answer):
    """The runs of a folder."""

    command: ClassVar[str] = "runs list"
    table: ClassVar[str] = "rows"

    rows: tuple[RunRow, ...]


@dataclass(frozen=True)
class RunsShowAnswer(TrainAnswer):
    """One run, as ``train`` answered."""

    command: ClassVar[str] = "runs show"


@dataclass(frozen=True)
class ComparedGroup:
    """A group, and the run that it is from."""

    run: str
    group: GroupSummary


@dataclass(frozen=True)
class RunsCompareAnswer(Answer):
    """Groups of several runs."""

    command: ClassVar[str] = "runs compare"
    table: ClassVar[str] = "groups"

    groups: tuple[ComparedGroup, ...]
