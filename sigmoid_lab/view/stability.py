"""The answer of ``stability`` in a terminal: verdicts first."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import isnan

from rich.console import Console
from rich.text import Text

from sigmoid_lab.results.stability import (
    RIGHT,
    VERDICTS,
    EndsRow,
    LossRow,
    SigmoidRow,
    StabilityAnswer,
    Verdict,
    WorstRow,
)
from sigmoid_lab.view.tables import Column, console, print_table
from sigmoid_lab.wording.numbers import number

STYLES: dict[Verdict, str] = {"exact": "green", "close": "", "wrong": "yellow", "inf": "red", "nan": "red"}
LEGEND = (
    "exact: within ½ ULP; close: within 4; wrong: more, or 0 where the exact number is not; nan, inf: in place of a "
    "number. ′: the value is right, the slope that autograd gives is not."
)
BOTH_RIGHT = "value and slope are right (and the worst elsewhere)"
MOST_IN_FULL = 3
"""So few z are shown with their numbers."""

Measured = SigmoidRow | LossRow


def show(answer: StabilityAnswer) -> None:
    """Print how often each is right, then at which z, whole scans, ends, and the losses the same way."""
    screen = console()
    _print_overview(screen, f"Sigmoids: at how many z {BOTH_RIGHT}", answer, answer.sigmoid)
    _print_overview(screen, f"Losses: at how many z and targets {BOTH_RIGHT}", answer, answer.loss)
    for dtype in answer.settings["dtype"]:
        rows = [row for row in answer.sigmoid if row.dtype == dtype]
        if len(answer.settings["at"]) <= MOST_IN_FULL:
            _print_numbers(screen, dtype, rows)
        else:
            _print_sigmoids(screen, answer, dtype, rows)
    screen.print(Text(LEGEND, "dim"))
    screen.print()
    _print_ends(screen, answer.ends)
    _print_worst(screen, answer.worst)
    for name in dict.fromkeys(row.implementation for row in answer.loss):
        _print_loss(screen, answer, name)


def _print_overview(screen: Console, title: str, answer: StabilityAnswer, rows: Sequence[Measured]) -> None:
    verdicts: dict[str, dict[str, list[Verdict]]] = {}
    for row in rows:
        verdicts.setdefault(row.implementation, {}).setdefault(row.dtype, []).append(row.verdict)
    columns = (_word("implementation"), *map(_word, answer.settings["dtype"]))
    print_table(screen, title, columns, [(name, *map(_count, found.values())) for name, found in verdicts.items()])


def _count(verdicts: Sequence[Verdict]) -> Text:
    """Write how many are right, and the worst that happens to the others."""
    worst = max(verdicts, key=VERDICTS.index)
    right = sum(verdict in RIGHT for verdict in verdicts)
    return Text(f"{right}/{len(verdicts)}{'' if worst in RIGHT else f' ({worst})'}", STYLES[worst])


def _print_sigmoids(screen: Console, answer: StabilityAnswer, dtype: str, rows: Sequence[SigmoidRow]) -> None:
    names = answer.settings["implementation"]
    columns = [[_cell(row) for row in rows if row.implementation == name] for name in names]
    print_table(
        screen,
        f"Sigmoids in {dtype}, by z",
        (Column("z"), *map(_word, names)),
        list(_by_z(answer.settings["at"], list(zip(*columns, strict=True)))),
    )


def _print_loss(screen: Console, answer: StabilityAnswer, name: str) -> None:
    columns = []
    for dtype in answer.settings["dtype"]:
        rows = [row for row in answer.loss if (row.implementation, row.dtype) == (name, dtype)]
        low, high = ([_cell(row) for row in rows if row.target == target] for target in (0, 1))
        columns.append([Text(" ").join(pair) for pair in zip(low, high, strict=True)])
    print_table(
        screen,
        f"{name}, by logit: for target 0 and for target 1",
        (Column("z"), *map(_word, answer.settings["dtype"])),
        list(_by_z(answer.settings["at"], list(zip(*columns, strict=True)))),
    )


def _cell(row: Measured) -> Text:
    mark = "′" if row.value_verdict in RIGHT and row.gradient_verdict not in RIGHT else ""
    return Text(row.verdict + mark, STYLES[row.verdict])


def _by_z(at: Sequence[float], rows: Sequence[tuple[Text, ...]]) -> Iterator[tuple[str | Text, ...]]:
    """Yield a line for each run of neighbouring z that have the same cells, NaN last and by itself."""
    ordered = sorted(zip(at, rows, strict=True), key=lambda pair: (isnan(pair[0]), pair[0]))
    for (_, cells), run in groupby(ordered, key=lambda pair: (isnan(pair[0]), pair[1])):
        first, *_, last = [z for z, _ in run] * 2
        yield (_z(first) if first is last else f"{_z(first)} … {_z(last)}", *cells)


def _print_numbers(screen: Console, dtype: str, rows: Sequence[SigmoidRow]) -> None:
    lines: dict[str, list[tuple[str | Text, ...]]] = {}
    for row in rows:
        exact = (_z(row.z), "exactly", number(row.exact_value), "", number(row.exact_gradient), "", "")
        lines.setdefault(_z(row.z), [exact]).append(_numbers(row))
    columns = (Column("z"), _word("sigmoid"), *map(Column, ("value", "off ULP", "slope", "off ULP")), _word("verdict"))
    print_table(screen, f"Sigmoids in {dtype}", columns, [line for of_z in lines.values() for line in of_z])


def _numbers(row: SigmoidRow) -> tuple[str | Text, ...]:
    found = (row.value, row.error_ulp, row.gradient, row.gradient_error_ulp)
    return (_z(row.z), row.implementation, *map(number, found), _cell(row))


def _print_ends(screen: Console, rows: Sequence[EndsRow]) -> None:
    print_table(
        screen,
        "Going out from 0: the first z where σ is exactly 0, exactly 1, and its slope exactly 0",
        (_word("implementation"), _word("dtype"), *map(Column, ("σ = 0", "σ = 1", "slope 0 below", "above"))),
        [
            (
                row.implementation,
                row.dtype,
                *map(_z, (row.zero_from, row.one_from, row.slope_zero_below, row.slope_zero_above)),
            )
            for row in rows
        ],
    )


def _print_worst(screen: Console, rows: Sequence[WorstRow]) -> None:
    print_table(
        screen,
        "σ at every finite input, with the share that is correctly rounded",
        (
            _word("implementation"),
            _word("dtype"),
            *map(Column, ("inputs", "ULP off", "at z", "rounded", "falls")),
        ),
        [
            (
                row.implementation,
                row.dtype,
                f"{row.inputs:,}",
                number(row.max_error_ulp),
                _z(row.at_z),
                _share(row.correctly_rounded_share),
                f"{row.monotonicity_violations:,}",
            )
            for row in rows
        ],
    )
    screen.print(Text("falls: neighbours of which the greater z has the lesser value", "dim"))
    screen.print()
    for row in rows:
        if row.inputs < row.finite_inputs:
            part = f"partial: {row.inputs:,} of {row.finite_inputs:,} inputs of {row.dtype} are tried"
            screen.print(Text(f"{row.implementation}: {part}", "yellow"))
            screen.print()


def _word(heading: str) -> Column:
    return Column(heading, number=False)


def _z(z: float | None) -> str:
    return number(z).replace("−", "-") if z is None or z - z else f"{z:.6g}"


def _share(share: float) -> str:
    """Write a share in so many digits that a few inputs of thousands show."""
    return f"{100.0 * share:.6g} %"
