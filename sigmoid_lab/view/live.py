"""How training goes, while it goes: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from threading import RLock
from types import TracebackType
from typing import Self

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, ProgressColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from sigmoid_lab.results.claims import Claimed
from sigmoid_lab.results.gates import GatesProgress
from sigmoid_lab.results.measured import Progress, StackFailure, StackRetry, Stored, TrainingEvent
from sigmoid_lab.results.stability import Scanned
from sigmoid_lab.view.tables import Column, console, grid
from sigmoid_lab.wording.labels import cell_label, last_line, seeds_label, shorten
from sigmoid_lab.wording.numbers import number

REDRAWS_A_SECOND = 8
SECONDS_BETWEEN_LINES = 10.0
MOST_GROUPS = 12
"""Groups that the live table shows, the newest ones."""

ROOM_FOR_NUMBERS = 54
"""Width of the columns beside the group's name."""

COLUMNS = (Column("group", number=False), Column("trained"), Column("loss"), Column("layer 1 gradient"))
NARROW = 60
"""Width of a screen below which only the first two columns are shown, and no rate."""


class TrainingDisplay:
    """Shows each group's progress on stderr; a context manager, to be called with every event, from any thread."""

    def __init__(
        self, groups: Sequence[str], networks_a_group: int, quiet: bool, finished: Mapping[int, int] | None = None
    ) -> None:
        self.groups = groups
        self.total = networks_a_group * len(groups)
        self.networks_a_group = networks_a_group
        self.latest: dict[int, Progress] = {}
        self.finished = dict.fromkeys(range(len(groups)), 0) | dict(finished or {})
        self.trained = sum(self.finished.values())
        self.in_work: dict[int, Progress] = {}
        self.updates = 0
        self.lock = RLock()
        self.started = self.shown = time.monotonic()
        self.screen = console(stderr=True)
        self.screen.quiet = quiet
        self.narrow = self.screen.width < NARROW
        self.bar = Bar(
            TextColumn("training"),
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            *(() if self.narrow else (TextColumn("{task.fields[rate]}"),)),
            TimeRemainingColumn(),
            console=self.screen,
        )
        self.task = self.bar.add_task("", total=self.total, completed=self.trained, rate="")
        self.live = Live(
            console=self.screen,
            get_renderable=self._render,
            refresh_per_second=REDRAWS_A_SECOND,
            transient=True,
        )

    def __enter__(self) -> Self:
        if self.screen.is_terminal:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.screen.is_terminal:
            self.live.stop()

    def __call__(self, event: TrainingEvent) -> None:
        """Take note of where a stack is, that it is finished, or that it failed."""
        with self.lock:
            self._note(event)
            long_silent = time.monotonic() - self.shown > SECONDS_BETWEEN_LINES
            in_lines = not self.screen.is_terminal and (long_silent or not isinstance(event, Progress))
            if in_lines or isinstance(event, StackRetry):
                self.shown = time.monotonic()
                self.screen.print(Text(self._line(event)), soft_wrap=True)

    def _note(self, event: TrainingEvent) -> None:
        if isinstance(event, Progress):
            before = self.in_work.get(event.stack)
            self.updates += event.networks * (event.step - (before.step if before else 0))
            self.latest.pop(event.group, None)
            self.latest[event.group] = self.in_work[event.stack] = event
            return
        self.in_work.pop(event.stack, None)
        if isinstance(event, Stored):
            self.finished[event.group] += event.networks
            self.trained += event.networks

    def done(self) -> float:
        """Return how many networks are trained, the part of those in work included."""
        parts = (each.networks * each.step / each.steps for each in self.in_work.values() if each.steps)
        return self.trained + sum(parts)

    def _rate(self) -> str:
        seconds = time.monotonic() - self.started
        return f"{self.updates / seconds:,.0f} network-steps/s" if seconds > 0.0 else ""

    def _line(self, event: TrainingEvent) -> str:
        begin = f"{self.done() / self.total:4.0%}  {self.groups[event.group]}"
        if isinstance(event, StackRetry):
            times = "" if event.attempt is None else f", attempt {event.attempt} of {event.attempts}"
            return f"{begin}, {seeds_label(event.seeds)}: run again{times}: {last_line(event.cause)}"
        if isinstance(event, StackFailure):
            return f"{begin}, {seeds_label(event.seeds)}: failed: {last_line(event.cause)}"
        progress = self.latest[event.group]
        return (
            f"{begin}: step {progress.step} of {progress.steps}, loss {number(progress.loss)}, "
            f"layer 1 gradient {number(progress.gradient_norm)}, {self._rate()}"
        )

    def _render(self) -> Group:
        with self.lock:
            self.bar.update(self.task, completed=self.done(), rate=self._rate())
            rows = [self._row(group) for group in list(self.latest)[-MOST_GROUPS:]]
        shown = 2 if self.narrow else len(COLUMNS)
        return Group(grid(COLUMNS[:shown], [row[:shown] for row in rows]), self.bar.get_renderable())

    def _row(self, group: int) -> tuple[str, str, str, str]:
        latest = self.latest[group]
        return (
            shorten(self.groups[group], max(self.screen.width - ROOM_FOR_NUMBERS, 16)),
            f"{self.finished[group]} of {self.networks_a_group}",
            number(latest.loss),
            number(latest.gradient_norm),
        )


class _CountingBar:
    """Counts, on a terminal alone, and leaves nothing behind; a context manager."""

    def __init__(self, quiet: bool, *columns: ProgressColumn) -> None:
        screen = console(stderr=True)
        self.bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            *columns,
            console=screen,
            transient=True,
            disable=quiet or not screen.is_terminal,
        )
        self.task = self.bar.add_task("measuring", total=None)

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()


class NetworkBar(_CountingBar):
    """Counts networks as they are measured; to be called with progress."""

    def __init__(self, quiet: bool) -> None:
        super().__init__(quiet, TextColumn("{task.completed:,.0f} networks"))

    def __call__(self, progress: Progress) -> None:
        """Take note that a stack is measured."""
        self.bar.advance(self.task, progress.networks)


class ScanBar(_CountingBar):
    """Counts the inputs of a whole scan; to be called with progress."""

    def __init__(self, quiet: bool) -> None:
        counted = TextColumn("{task.completed:,.0f} inputs")
        super().__init__(quiet, TaskProgressColumn(), counted, TimeRemainingColumn())

    def __call__(self, scanned: Scanned) -> None:
        """Take note of how many inputs are tried."""
        what = f"{scanned.implementation}, {scanned.dtype}"
        self.bar.update(self.task, description=what, completed=scanned.inputs, total=scanned.finite_inputs)


class ClaimsBar(_CountingBar):
    """Tells which claim is being measured; to be called with progress."""

    def __init__(self, quiet: bool) -> None:
        super().__init__(quiet, TextColumn("{task.completed:.0f} of {task.total:.0f} claims"))

    def __call__(self, claimed: Claimed) -> None:
        """Take note of the claim whose turn it is."""
        self.bar.update(self.task, description=claimed.claim, completed=claimed.measured, total=claimed.claims)


class GatesBar(_CountingBar):
    """Counts networks measured, and updates of those trained; to be called with progress."""

    def __init__(self, quiet: bool) -> None:
        super().__init__(quiet, TaskProgressColumn())

    def __call__(self, progress: GatesProgress) -> None:
        """Take note of how far a cell is."""
        trained = "" if progress.lag is None else f", recall after {progress.lag} steps"
        what = f"{cell_label(progress.cell, progress.forget_bias)}{trained}"
        self.bar.update(self.task, description=what, completed=progress.done, total=progress.total)
