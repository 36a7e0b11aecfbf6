"""The answer of ``compare-depth`` in a terminal."""

from collections.abc import Sequence

from rich.text import Text

from sigmoid_lab.results.compare_depth import CompareDepthAnswer, DepthRow, LayerRow, RatioRow
from sigmoid_lab.view.shapes import bar, log_ends, log_height
from sigmoid_lab.view.tables import Column, console, print_table
from sigmoid_lab.wording.labels import networks
from sigmoid_lab.wording.numbers import interval, number

MEASURED = (Column("median"), Column("90 % of networks"))
LOGARITHMIC = Column("log", drawing=True)
BAR = 5


def show(answer: CompareDepthAnswer) -> None:
    """Print the first layer's gradient by depth, the ratios, and every layer's gradient at the greatest depth."""
    screen = console()
    seeds, layers = answer.settings["seeds"], answer.settings["layers"]
    print_table(
        screen,
        f"Gradient norm of the first layer, by depth ({networks(seeds)} each)",
        (Column("depth"), *_what(answer), *_predicted(answer.by_depth), LOGARITHMIC),
        [(f"{row.depth}", *_values(answer, row)) for row in answer.by_depth],
    )
    if answer.ratios:
        first = answer.ratios[0].numerator
        print_table(
            screen,
            f"First layers' ratios on paired seeds, beside {first}'s greatest slope ^ depth",
            (Column("depth"), Column("ratio of", number=False), *_init(answer), *MEASURED, Column("slope^depth")),
            [_ratio(answer, row) for row in answer.ratios],
        )
    print_table(
        screen,
        f"Gradient norm by layer, at depth {layers}",
        (Column("layer"), *_what(answer), *_predicted(answer.by_layer), LOGARITHMIC),
        [(f"{row.layer}", *_values(answer, row)) for row in answer.by_layer],
    )
    for row in answer.ratios:
        if row.depth == layers:
            screen.print(_sentence(row, seeds))


def _what(answer: CompareDepthAnswer) -> tuple[Column, ...]:
    return (Column("activation", number=False), *_init(answer), *MEASURED)


def _init(answer: CompareDepthAnswer) -> tuple[Column, ...]:
    """Name the initialisation only where there is more than one."""
    return (Column("init", number=False),) if len(answer.settings["init"]) > 1 else ()


def _predicted(rows: Sequence[DepthRow | LayerRow]) -> tuple[Column, ...]:
    """Show what theory says, beside the rms that it speaks of, only where it says something."""
    return (Column("rms"), Column("predicted rms")) if any(row.predicted_rms is not None for row in rows) else ()


def _values(answer: CompareDepthAnswer, row: DepthRow | LayerRow) -> tuple[str, ...]:
    rows: Sequence[DepthRow | LayerRow] = answer.by_layer if isinstance(row, LayerRow) else answer.by_depth
    init = (row.init,) if _init(answer) else ()
    norm = row.gradient_norm
    predicted = (number(norm.rms), number(row.predicted_rms)) if _predicted(rows) else ()
    least, greatest = log_ends([row.gradient_norm.median for row in rows])
    drawn = bar(log_height(norm.median, least / 2.0, greatest), BAR)
    return (row.activation, *init, number(norm.median), interval(norm), *predicted, drawn)


def _ratio(answer: CompareDepthAnswer, row: RatioRow) -> tuple[str, ...]:
    init = (row.init,) if _init(answer) else ()
    pair = f"{row.numerator} / {row.denominator}"
    return (
        f"{row.depth}",
        pair,
        *init,
        number(row.ratio.median),
        interval(row.ratio),
        number(row.slope_bound),
    )


def _sentence(row: RatioRow, seeds: int) -> Text:
    return Text(
        f"At depth {row.depth} the first layer of a {row.numerator} network gets {number(row.ratio.median)} times "
        f"the gradient of a {row.denominator} network's ({row.init} initialisation, median of {seeds} paired seeds)."
    )
