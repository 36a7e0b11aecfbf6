"""The answer of ``gates`` in a terminal."""

from collections.abc import Mapping, Sequence
from math import inf

from rich.console import Console
from rich.text import Text

from sigmoid_lab.results.gates import GateRow, GatesAnswer, RecallRow
from sigmoid_lab.view.shapes import blocks, log_ends, log_height, spread_out
from sigmoid_lab.view.tables import Column, console, print_table
from sigmoid_lab.wording.labels import cell_label, networks
from sigmoid_lab.wording.numbers import interval, number

CELL = Column("cell", number=False)
COURSE = 9
"""Characters of a course over the lags."""


def show(answer: GatesAnswer) -> None:
    """Print gradients at a few lags, what theory has beside them, a sentence a gated cell, and who learnt to recall."""
    screen = console()
    steps, seeds = answer.settings["steps"], answer.settings["seeds"]
    farthest = [row for row in answer.rows if row.lag == steps]
    _print_gradients(screen, answer, f"What arrives of a gradient, by lag in steps (medians of {networks(seeds)} each)")
    print_table(
        screen,
        f"By step, and what the forget gates alone let through at lag {steps}",
        (CELL, *map(Column, ("factor", "at most", "gates alone", "time constant"))),
        [_theory(row) for row in farthest],
    )
    for row in farthest:
        if row.gate_product is not None:
            screen.print(_sentence(row, [other for other in farthest if other.gate_product is None]))
    if answer.recall:
        screen.print()
        _print_recall(screen, answer)


def _print_gradients(screen: Console, answer: GatesAnswer, title: str) -> None:
    steps = answer.settings["steps"]
    shown = sorted({1, max(1, steps // 4), steps})
    kinds: dict[str, list[GateRow]] = {}
    for row in answer.rows:
        if row.lag in shown:
            kinds.setdefault(cell_label(row.cell, row.forget_bias), []).append(row)
    columns = (
        CELL,
        *(Column(f"{lag}") for lag in shown),
        Column(f"90 % of networks, {steps}"),
        Column("by lag", drawing=True),
    )
    courses = _courses(answer)
    lines = [
        (label, *(number(row.gradient_norm.median) for row in rows), interval(rows[-1].gradient_norm), courses[label])
        for label, rows in kinds.items()
    ]
    print_table(screen, title, columns, lines)


def _courses(answer: GatesAnswer) -> Mapping[str, str]:
    """Draw what arrives through each cell by lag, all on one logarithmic scale."""
    ends = log_ends([row.gradient_norm.median for row in answer.rows])
    norms: dict[str, list[float | None]] = {}
    for row in answer.rows:
        norms.setdefault(cell_label(row.cell, row.forget_bias), []).append(row.gradient_norm.median)
    return {
        label: blocks([log_height(norm, *ends) for norm in spread_out(of_cell, COURSE)])
        for label, of_cell in norms.items()
    }


def _theory(row: GateRow) -> tuple[str, ...]:
    alone = row.gate_product.median if row.gate_product else None
    found = (row.per_step_factor, row.per_step_bound, alone, row.time_constant_steps)
    return (cell_label(row.cell, row.forget_bias), *map(number, found))


def _sentence(gated: GateRow, plain: Sequence[GateRow]) -> Text:
    """Say how much of a gradient arrives through a gated cell, and through which cells without gates more does."""
    arrives = _median(gated)
    more = [row.cell for row in plain if arrives > _median(row)]
    less = [row.cell for row in plain if arrives < _median(row)]
    compared = [f"{word} than {' and '.join(cells)}" for word, cells in (("more", more), ("less", less)) if cells]
    return Text(
        f"{cell_label(gated.cell, gated.forget_bias)}: at lag {gated.lag} "
        f"{', '.join([f'{number(gated.gradient_norm.median)} of a gradient arrives', *compared])}."
    )


def _median(row: GateRow) -> float:
    """Return the median, beyond every number where no network's is one."""
    return inf if row.gradient_norm.median is None else row.gradient_norm.median


def _print_recall(screen: Console, answer: GatesAnswer) -> None:
    task = answer.settings["recall"]
    lags = tuple(dict.fromkeys(row.lag for row in answer.recall))
    kinds: dict[str, list[str]] = {}
    for row in answer.recall:
        kinds.setdefault(cell_label(row.cell, row.forget_bias), []).append(_solved(row))
    print_table(
        screen,
        "Who learns to recall a bit, by lag in steps, and after how many updates (median)",
        (CELL, *(Column(f"{lag}") for lag in lags)),
        [(label, *cells) for label, cells in kinds.items()],
    )
    screen.print(
        Text(
            f"{task['hidden']} units; learnt: {task['solved_from']:.0%} of {task['held_out']} held-out sequences right "
            f"within {task['updates']} updates",
            "dim",
        )
    )


def _solved(row: RecallRow) -> str:
    learnt = f"{row.solved} of {row.networks}"
    return f"{learnt}, {number(row.updates.median)}" if row.solved else learnt
