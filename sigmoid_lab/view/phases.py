"""A phase diagram in block characters: what a gradient does, by the variances of weights and biases."""

import math
from collections.abc import Sequence
from typing import TypeVar

from rich.console import Console
from rich.text import Text

from sigmoid_lab.results.phases import Mark, PhaseDiagram
from sigmoid_lab.wording.phases import BANDS, GROWS, KEEPS, SHRINKS, UNBOUNDED, band

COLUMNS, ROWS = 64, 16
LOOKS = {
    **{name: (sign, "blue") for name, sign in zip(SHRINKS, "▁▂▃▅▇", strict=True)},
    KEEPS: ("█", "bold"),
    **{name: (sign, "yellow") for name, sign in zip(GROWS, "⡀⣀⣤⣶⣿", strict=True)},
    UNBOUNDED: ("·", "dim"),
}
MARGIN = 8

T = TypeVar("T")


def show(screen: Console, diagram: PhaseDiagram) -> None:
    """Print the plane with its marks, and what each sign means; where it is too wide, what width it needs."""
    needed = MARGIN + 2 + COLUMNS
    if screen.width < needed:
        screen.print(Text(f"{diagram.activation}: its diagram is {needed} columns wide; the file has it.\n"))
        return
    cells = _cells(diagram)
    used = {name for row in cells for name in row}
    signs = [[Text(*LOOKS[name]) for name in row] for row in cells]
    for mark in diagram.marks:
        row = ROWS - 1 - _at(diagram.bias_variances, mark.bias_variance, ROWS)
        signs[row][_at(diagram.weight_variances, mark.weight_variance, COLUMNS)] = Text(
            _letter(mark), style="bold reverse"
        )
    screen.print(Text(f"{diagram.activation}: what becomes of a gradient, by bias variance over weight variance"))
    for line, label in zip(signs, _labels(diagram.bias_variances, ROWS), strict=True):
        screen.print(Text.assemble((f"{label:>{MARGIN}} │", "dim"), *line), soft_wrap=True)
    screen.print(Text(" " * (MARGIN + 2) + _below(diagram.weight_variances), style="dim"), soft_wrap=True)
    for name in BANDS:
        if name in used:
            screen.print(Text.assemble(" " * (MARGIN + 2), LOOKS[name], f" {name}"))
    screen.print(Text(" " * (MARGIN + 2) + "; ".join(_legend(diagram, mark) for mark in diagram.marks)), soft_wrap=True)
    screen.print()


def _cells(diagram: PhaseDiagram) -> list[list[str]]:
    """Return the band of every sign, the greatest bias variance first."""
    rows = list(reversed(_spread(diagram.chi_1, ROWS)))
    return [[band(chi_1) for chi_1 in _spread(row, COLUMNS)] for row in rows]


def _spread(values: Sequence[T], count: int) -> list[T]:
    """Return ``count`` values at even distances, first and last among them."""
    return [values[round(at * (len(values) - 1) / (count - 1))] for at in range(count)]


def _at(values: Sequence[float], value: float, count: int) -> int:
    """Return the sign of ``count`` along an axis, even in logarithms, that a value lies at, or the nearer end."""
    low, high = math.log(values[0]), math.log(values[-1])
    share = (math.log(min(max(value, values[0]), values[-1])) - low) / (high - low)
    return round(share * (count - 1))


def _letter(mark: Mark) -> str:
    return mark.names[0][0].upper()


def _legend(diagram: PhaseDiagram, mark: Mark) -> str:
    beyond = (
        *_beyond("weight", diagram.weight_variances, mark.weight_variance, "left of", "right of"),
        *_beyond("bias", diagram.bias_variances, mark.bias_variance, "below", "above"),
    )
    told = f" ({', '.join(beyond)})" if beyond else ""
    return f"{_letter(mark)} {', '.join(mark.names)}{told}"


def _beyond(what: str, values: Sequence[float], value: float, under: str, over: str) -> tuple[str, ...]:
    """Say on which side of the frame a mark lies whose variance the frame does not reach."""
    if values[0] <= value <= values[-1]:
        return ()
    told = f"{what} variance {value:.3g}" if value else f"no {what} variance"
    return (f"{told}: {under if value < values[0] else over} the frame",)


def _labels(values: Sequence[float], count: int) -> list[str]:
    """Return a label for each row, the powers of ten alone, the greatest first."""
    labels = [""] * count
    for power in _powers(values):
        labels[count - 1 - _at(values, power, count)] = f"{power:g}"
    return labels


def _below(values: Sequence[float]) -> str:
    line = ""
    for power in _powers(values):
        at = _at(values, power, COLUMNS)
        line = line.ljust(min(at, COLUMNS - len(f"{power:g}"))) + f"{power:g}"
    return line


def _powers(values: Sequence[float]) -> list[float]:
    low, high = math.log10(values[0]), math.log10(values[-1])
    return [10.0**power for power in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)]
