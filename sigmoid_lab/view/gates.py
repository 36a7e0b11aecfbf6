"""The answer of ``gates`` in a terminal."""

from collections.abc import Sequence
from math import inf

from rich.console import Console
from rich.text import Text

from sigmoid_lab.results.gates import GateRow, GatesAnswer, RecallRow
from sigmoid_lab.view.tables import Column, console, print_table
from sigmoid_lab.wording.labels import cell_label
from sigmoid_lab.wording.numbers import interval, number

CELL = Column("cell", number=False)


def show(answer: GatesAnswer) -> None:
    """Print gradients at a few lags, what theory has beside them, a sentence a gated cell, and who learnt to recall."""
    screen = console()
    steps, seeds = answer.settings["steps"], answer.settings["seeds"]
    farthest = [row for row in answer.rows if row.lag == steps]
    _print_gradients(screen, answer, f"What arrives of a gradient, by lag in steps (medians of {seeds} networks each)")
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
    columns = (CELL, *(Column(f"{lag}") for lag in shown), Column(f"90 % of networks, {steps}"))
    lines = [
        (label, *(number(row.gradient_norm.median) for row in rows), interval(rows[-1].gradient_norm))
        for label, rows in kinds.items()
    ]
    print_table(screen, title, columns, lines)


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
