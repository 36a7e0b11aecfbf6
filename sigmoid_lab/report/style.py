"""What every figure looks like, on light and on dark ground."""

import json
import re
from collections.abc import Sequence
from itertools import islice, product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair

    from sigmoid_lab.report.figure import Figure

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8C8C8C")
"""Told apart with every common colour blindness, and on light and dark ground (Okabe and Ito, 2008)."""
DASHES = ((1, 0), (6, 3), (8, 3, 2, 3), (14, 4))
"""What tells groups apart where there are more of them than colours."""
HEAT = "cividis"
"""Even in lightness, and alike for nearly every eye."""

STILL_WIDTH = 760
STILL_FONT = "sans-serif"
NAMED = re.compile(r'"((?:view|param)_)')
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""A name alone: nothing is fetched from there."""

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
    """Return all charts of some figures as one Vega-Lite drawing to stand alone, two abreast where there are more."""
    datasets: dict[str, Any] = {}
    return {
        "$schema": SCHEMA,
        "config": CONFIG | {"font": STILL_FONT},
        "background": "white",
        "padding": 16,
        "spacing": 36,
        "vconcat": [_together(figure, datasets) for figure in figures],
        "datasets": datasets,
    }


def _together(figure: "Figure", datasets: dict[str, Any]) -> dict[str, Any]:
    columns = min(2, len(figure.charts))
    return {
        "title": {"text": figure.title, "fontSize": 15},
        "columns": columns,
        "spacing": 28,
        "concat": [_still(chart, STILL_WIDTH // columns, datasets) for chart in figure.charts],
        "resolve": {"scale": dict.fromkeys(("color", "stroke", "strokeDash"), "independent")},
    }


def _still(chart: "altair.TopLevelMixin", width: int, datasets: dict[str, Any]) -> dict[str, Any]:
    """Return a chart as a part: its data moved to the whole's ``datasets``, its views and parameters under own names.

    Altair names them after what a chart encodes, so that two charts of other data would share them.
    """
    own = f"{len(datasets)}_"
    spec = json.loads(NAMED.sub(rf'"\g<1>{own}', json.dumps(chart.to_dict()))) | {"width": width}
    datasets |= spec.pop("datasets", {})
    return {key: value for key, value in spec.items() if key not in {"$schema", "config"}}


def looks(count: int) -> tuple[list[str], list[tuple[int, ...]]]:
    """Return a colour and a dash for each of ``count`` groups: the colours first solid, then dashed."""
    pairs = [(colour, dash) for dash, colour in islice(product(DASHES, COLOURS), count)]
    pairs += pairs[: max(0, count - len(pairs))]
    return [colour for colour, _ in pairs], [dash for _, dash in pairs]
