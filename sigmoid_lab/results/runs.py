"""The answers of ``runs``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from sigmoid_lab.results.answer import Answer
from sigmoid_lab.results.train import GroupSummary, TrainAnswer
from sigmoid_lab.vocabulary import MetricName

Status = Literal["complete", "partial", "failed", "damaged"]


@dataclass(frozen=True)
class RunRow:
    """One run; where its results cannot be read, ``damage`` says which file and why, and all that it held is null."""

    run: str
    name: str | None
    created: str | None
    status: Status
    networks: int | None
    planned_networks: int | None
    seconds: float | None
    damage: str | None = None


@dataclass(frozen=True)
class RunsListAnswer(Answer):
    """The runs of a folder."""

    command: ClassVar[str] = "runs list"
    table: ClassVar[str] = "rows"

    rows: tuple[RunRow, ...]


@dataclass(frozen=True)
class Ranked:
    """Settings, and the median over their networks of what they are ranked by."""

    settings: Mapping[str, Any]
    value: float


@dataclass(frozen=True)
class Ranking:
    """The best and the worst settings by a metric at the end."""

    metric: MetricName
    best: Ranked
    worst: Ranked


@dataclass(frozen=True)
class RunsShowAnswer(TrainAnswer):
    """One run, as ``train`` answered; a ranking, if one was asked for."""

    command: ClassVar[str] = "runs show"

    ranking: Ranking | None


@dataclass(frozen=True)
class WrittenFile:
    """A file that was written."""

    file: str


@dataclass(frozen=True)
class RunsExportAnswer(Answer):
    """The files of an exported run."""

    command: ClassVar[str] = "runs export"
    table: ClassVar[str] = "rows"

    rows: tuple[WrittenFile, ...]


@dataclass(frozen=True)
class DeletedRun:
    """A run that is no more."""

    run: str


@dataclass(frozen=True)
class RunsDeleteAnswer(Answer):
    """The run that was deleted."""

    command: ClassVar[str] = "runs delete"
    table: ClassVar[str] = "rows"

    rows: tuple[DeletedRun, ...]


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
