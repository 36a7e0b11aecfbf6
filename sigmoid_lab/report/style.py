"""What every figure looks like, on light and on dark ground."""

from collections.abc import Sequence
from itertools import islice, product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair

    from sigmoid_lab.report.figure import Figure

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8C8C8C")
"""Told apart with every common colour blindness, and on light and dark ground (Okabe and Ito, 2008)."""
DASHES = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3))
"""What tells groups apart where there are more of them than colours."""
HEAT = "cividis"
"""Even in lightness, and alike for nearly every eye."""

STILL_WIDTH = 760
STILL_FONT = "sans-serif"
INDEPENDENT: dict[str, Any] = {"color": "independent", "strokeDash": "independent"}

INK = "currentColor"
FAINT: dict[str, Any] = {"gridColor": INK, "gridOpacity": 0.15, "domainColor": INK, "tickColor": INK}
CONFIG: dict[str, Any] = {
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        **FAINT,
        "domainOpacity": 0.4,
        "tickOpacity": 0.4,
        "labelFontSize": 11,
        "labelColor": INK,
        "titleColor": INK,
        "titleFontWeight": 500,
    },
    "legend": {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 12,
        "labelLimit": 360,
        "symbolStrokeWidth": 2.5,
        "symbolOpacity": 1.0,
    },
    "title": {"color": INK, "subtitleColor": INK, "anchor": "start", "fontSize": 13, "fontWeight": 600},
    "header": {"labelColor": INK, "titleColor": INK},
    "text": {"color": INK},
}


def themed(chart: "altair.TopLevelMixin") -> dict[str, Any]:
    """Return a chart as Vega-Lite has it: as wide as its place, in the colour of the words around it."""
    spec: dict[str, Any] = chart.to_dict()
    return spec | {"config": CONFIG, "width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}


def on_white(figures: Sequence["Figure"]) -> dict[str, Any]:
    """Return all charts of some figures as one, two abreast where they are small, to stand alone."""
    import altair as alt

    shown = [_together(figure) for figure in figures]
    spec: dict[str, Any] = alt.vconcat(*shown, spacing=36).resolve_scale(**INDEPENDENT).to_dict()
    return spec | {"config": CONFIG | {"font": STILL_FONT}, "background": "white", "padding": 16}


def _together(figure: "Figure") -> "altair.TopLevelMixin":
    import altair as alt

    columns = 1 if len(figure.charts) == 1 else 2
    width = STILL_WIDTH if columns == 1 else STILL_WIDTH // 2
    charts = [chart.properties(width=width) for chart in figure.charts]
    return alt.concat(*charts, columns=columns, spacing=28).properties(title=figure.title).resolve_scale(**INDEPENDENT)


def looks(count: int) -> tuple[list[str], list[tuple[int, ...]]]:
    """Return a colour and a dash for each of ``count`` groups: the colours first solid, then dashed."""
    pairs = [(colour, dash) for dash, colour in islice(product(DASHES, COLOURS), count)]
    pairs += pairs[: max(0, count - len(pairs))]
    return [colour for colour, _ in pairs], [dash for _, dash in pairs]
