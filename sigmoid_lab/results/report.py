"""The answer of ``report``."""

from dataclasses import dataclass
from typing import ClassVar

from sigmoid_lab.results.answer import Answer
from sigmoid_lab.results.runs import RunsShowAnswer


@dataclass(frozen=True)
class ReportAnswer(Answer):
    """Runs side by side, each as ``runs show`` answers, and the page that shows them."""

    command: ClassVar[str] = "report"
    table: ClassVar[str] = "runs"

    runs: tuple[RunsShowAnswer, ...]
    output: str
