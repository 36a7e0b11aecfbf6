"""Values that spread over networks, as lines in their bands: a colour and a dash a group, a legend that toggles."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from sigmoid_lab.report.axes import linear_axis, logarithmic_axis
from sigmoid_lab.report.style import looks
from sigmoid_lab.results.answer import Plain

HEIGHT = 260
SPREAD = ("median", "low", "high")
DRAWN = (*SPREAD, "rms", "predicted_rms")
NAMES = {"low": "5 %", "high": "95 %", "rms": "measured rms", "predicted_rms": "predicted rms"}
BAND, FADED = 0.15, 0.06
WHOLE = "datum.value % 1 ? '' : datum.label"
"""Counts have no halves."""
CROWD = 6
"""More groups than this, and their bands are fainter."""
BAND_IS = "The line is the median of networks, the band holds 90 % of them."
PREDICTED_IS = " ○ is the measured root mean square, ┄ the one that theory predicts before training."


def lines(
    rows: Sequence[Plain],
    groups: Sequence[str],
    x: str,
    title: str | None,
    *,
    logarithmic: bool = False,
    predicted: bool = False,
    ends: tuple[float, float] | None = None,
) -> alt.LayerChart:
    """Draw medians in bands from the 5 % to the 95 % quantile; ``predicted`` adds rms, measured ○ and predicted ┄.

    Rows hold ``group``, ``x`` and a spread's numbers, and ``predicted_rms`` where asked for; ``ends`` are those of the
    vertical axis where it has to hold more than the rows.
    """
    chosen = alt.selection_point(fields=["group"], bind="legend", toggle="true")
    colour, dash = group_channels(groups, [name for name in groups if any(row["group"] == name for row in rows)])
    heights = (
        logarithmic_axis(ends or reach(rows, DRAWN if predicted else SPREAD)) if logarithmic else linear_axis(ends)
    )
    height = {key: alt.Y(f"{key}:Q", title=title, **heights) for key in DRAWN}
    base = alt.Chart(alt.InlineData(values=_drawn(rows, logarithmic))).encode(x=across(x), color=colour)
    band = base.mark_area().encode(
        y=height["low"], y2="high:Q", opacity=shown(chosen, BAND if len(groups) <= CROWD else BAND / 3)
    )
    median = base.mark_line().encode(y=height["median"], strokeDash=dash, opacity=shown(chosen))
    dots = base.mark_point(filled=True, size=22).encode(
        y=height["median"], opacity=shown(chosen), tooltip=tooltip("group", x, "median", "low", "high")
    )
    layers = [band, median, dots]
    if predicted:
        told = tooltip("group", x, "rms", "predicted_rms")
        faint = {"opacity": shown(chosen, 0.9)}
        layers += [
            base.mark_line(strokeDash=[2, 3], strokeWidth=1.5).encode(y=height["predicted_rms"], **faint),
            base.mark_point(filled=False, size=60).encode(y=height["rms"], tooltip=told, **faint),
        ]
    return alt.layer(*layers).add_params(chosen).properties(height=HEIGHT)


def reach(rows: Sequence[Plain], keys: Sequence[str] = DRAWN) -> tuple[float, float]:
    """Return the least and the greatest positive number that rows have to draw, 1 and 1 where there is none."""
    values = [x for row in rows for key in keys if isinstance(x := row.get(key), int | float) and x > 0.0]
    return min(values, default=1.0), max(values, default=1.0)


def group_channels(groups: Sequence[str], named: Sequence[str] | None = None) -> tuple[Any, Any]:
    """Return the colour and the dash of groups, the same wherever they are drawn; a legend names those ``named``."""
    colours, dashes = looks(len(groups))
    legend = alt.Legend(
        orient="bottom",
        direction="vertical",
        columns=1,
        title=None,
        symbolType="stroke",
        symbolSize=240,
        values=list(named or groups),
    )
    return (
        alt.Color("group:N", legend=legend).scale(domain=list(groups), range=colours),
        alt.StrokeDash("group:N", legend=legend).scale(domain=list(groups), range=dashes),
    )


def across(x: str) -> Any:
    """Return the axis of what is counted: layers and depths one by one, steps and lags on an even scale."""
    if x in {"layer", "depth"}:
        return alt.X(f"{x}:O").axis(labelAngle=0, labelOverlap="greedy", grid=False)
    return (
        alt.X(f"{x}:Q")
        .axis(format=",d", grid=False, tickCount=6, labelExpr=WHOLE, labelOverlap="greedy")
        .scale(nice=False)
    )


def tooltip(*keys: str) -> list[Any]:
    """Return what is told of a mark under the pointer."""
    return [
        alt.Tooltip(f"{key}:N") if key == "group" else alt.Tooltip(f"{key}:Q", title=NAMES.get(key, key), format=".4~g")
        for key in keys
    ]


def shown(chosen: Any, opacity: float = 1.0) -> Any:
    """Return the opacity of a group that the legend has chosen, and of one that it has not."""
    return alt.when(chosen).then(alt.value(opacity)).otherwise(alt.value(opacity * FADED))


def _drawn(rows: Sequence[Plain], logarithmic: bool) -> list[Plain]:
    """Leave out what a logarithmic axis has no place for: 0."""
    if not logarithmic:
        return list(rows)
    return [{key: None if key in DRAWN and value == 0.0 else value for key, value in row.items()} for row in rows]


def zeros(rows: Sequence[Plain]) -> str:
    """Say where numbers that a logarithmic axis cannot show are."""
    zero = any(row["median"] == 0.0 or row["low"] == 0.0 for row in rows)
    return " A norm of exactly 0 has no place on a logarithmic scale; it stands in the data." if zero else ""
