"""Curves drawn with braille dots, two across and four down a character."""

import math
from collections.abc import Sequence
from itertools import pairwise

from rich.text import Text

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of Unicode's braille block by row and column of a character."""


class Canvas:
    """A field of ``columns`` × ``rows`` characters over x from ``left`` to ``right`` and y from ``low`` to ``high``."""

    def __init__(self, columns: int, rows: int, left: float, right: float, low: float, high: float) -> None:
        self.columns, self.rows = columns, rows
        self.left, self.right, self.low, self.high = left, right, low, high
        self.cells = [[(0, "")] * columns for _ in range(rows)]

    def dot(self, xs: Sequence[float], ys: Sequence[float], style: str) -> None:
        """Draw the points alone."""
        for x, y in zip(xs, ys, strict=True):
            if math.isfinite(y):
                self._set(x, y, style)

    def line(self, xs: Sequence[float], ys: Sequence[float], style: str) -> None:
        """Draw a curve through the points."""
        points = list(zip(xs, ys, strict=True))
        for (x0, y0), (x1, y1) in pairwise(points):
            if not all(map(math.isfinite, (y0, y1))):
                continue
            dots = max(1, abs(self._row(y1) - self._row(y0)), abs(self._column(x1) - self._column(x0)))
            for dot in range(dots + 1):
                self._set(x0 + (x1 - x0) * dot / dots, y0 + (y1 - y0) * dot / dots, style)

    def render(self) -> Text:
        """Return the drawing with its highest and lowest y and the ends of x written beside it."""
        margin = max(len(f"{self.high:g}"), len(f"{self.low:g}"))
        drawing = Text(no_wrap=True)
        for row, cells in enumerate(self.cells):
            label = f"{self.high:g}" if row == 0 else f"{self.low:g}" if row == self.rows - 1 else ""
            drawing.append(f"{label:>{margin}} │", "dim")
            for bits, style in cells:
                drawing.append(chr(0x2800 + bits) if bits else " ", style)
            drawing.append("\n")
        left, right = f"{self.left:g}", f"{self.right:g}"
        drawing.append(" " * (margin + 2) + left + f"{right:>{self.columns - len(left)}}", "dim")
        return drawing

    def _column(self, x: float) -> int:
        return round((x - self.left) / (self.right - self.left) * (2 * self.columns - 1))

    def _row(self, y: float) -> int:
        return round((self.high - y) / (self.high - self.low) * (4 * self.rows - 1))

    def _set(self, x: float, y: float, style: str) -> None:
        column, row = self._column(x), self._row(y)
        if 0 <= column < 2 * self.columns and 0 <= row < 4 * self.rows:
            bits, before = self.cells[row // 4][column // 2]
            self.cells[row // 4][column // 2] = (bits | DOTS[row % 4][column % 2], before or style)
