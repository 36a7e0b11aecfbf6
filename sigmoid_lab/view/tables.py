"""Tables that lose nothing: aligned where there is room, one block a row where there is not."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

Row = Sequence[str | Text]

PIPE_WIDTH = 200
"""Columns of a line that no terminal limits."""


@dataclass(frozen=True)
class Column:
    """A column's heading, and whether it holds numbers (set to the right), words, or drawings of numbers beside it."""

    heading: str
    number: bool = True
    drawing: bool = False

    @property
    def justify(self) -> Literal["left", "right"]:
        """The side that cells are set to."""
        return "right" if self.number and not self.drawing else "left"


class _Console(Console):
    """Falls silent where stderr takes no more; one who reads no more of stdout is the command line's matter."""

    def print(self, *objects: Any, **how: Any) -> None:
        """Print, or fall silent."""
        try:
            super().print(*objects, **how)
        except OSError:
            if not self.stderr:
                raise
            self.quiet = True

    def on_broken_pipe(self) -> None:
        raise


def console(stderr: bool = False) -> Console:
    """Return the terminal, or a pipe of ample width; colour as NO_COLOR and FORCE_COLOR say."""
    terminal = _Console(stderr=stderr, highlight=False, soft_wrap=False)
    if not terminal.is_terminal and "COLUMNS" not in os.environ:
        return _Console(stderr=stderr, highlight=False, width=PIPE_WIDTH)
    return terminal


def print_table(screen: Console, title: str, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Print a table under its title; where it is too wide, one block a row with every value on a line of its own."""
    screen.print(Text(title, style="bold"))
    _print_rows(screen, columns, rows)
    screen.print()


def print_beside(screen: Console, columns: Sequence[Column], rows: Sequence[Row], drawing: Text) -> None:
    """Print a table with a drawing beside it, below it, or not at all, as there is room."""
    pair = Table.grid(padding=(0, 3))
    pair.add_row(grid(columns, rows), drawing)
    if fits(screen, pair):
        screen.print(pair)
        return
    _print_rows(screen, columns, rows)
    if fits(screen, drawing):
        screen.print(drawing)


def _print_rows(screen: Console, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Print rows as a table or as blocks; drawings only on a terminal that has room for them."""
    table = grid(columns, rows)
    if not (screen.is_terminal and fits(screen, table)):
        kept = [not column.drawing for column in columns]
        columns, rows = list(compress(columns, kept)), [list(compress(row, kept)) for row in rows]
        table = grid(columns, rows)
    if fits(screen, table):
        screen.print(table)
        return
    widest = max(len(column.heading) for column in columns)
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            screen.print(Text.assemble(f"  {column.heading:<{widest}}  ", value), soft_wrap=True)
        if row is not rows[-1]:
            screen.print()


def grid(columns: Sequence[Column], rows: Sequence[Row]) -> Table:
    """Return an aligned table."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column.heading, justify=column.justify, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def fits(screen: Console, content: RenderableType) -> bool:
    """Say whether ``content`` can be shown whole."""
    return Measurement.get(screen, screen.options.update(max_width=10_000), content).maximum <= screen.width
