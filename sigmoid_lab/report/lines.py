"""Values that spread over networks, as lines in their bands: a colour and a dash a group, a legend that toggles."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from sigmoid_lab.report.style import looks
from sigmoid_lab.results.answer import Plain

HEIGHT = 260
LOGARITHMIC = ("median", "low", "high", "rms", "predicted_rms")
NAMES = {"low": "5 %", "high": "95 %", "rms": "measured rms", "predicted_rms": "predicted rms"}
BAND, FADED = 0.15, 0.06


def lines(
    rows: Sequence[Plain],
    groups: Sequence[str],
    x: str,
    title: str | None,
    *,
    logarithmic: bool = False,
    predicted: bool = False,
) -> alt.LayerChart:
    """Draw medians in bands from the 5 % to the 95 % quantile; ``predicted`` adds rms, measured ○ and predicted ┄.

    Rows hold ``group``, ``x`` and a spread's numbers, and ``predicted_rms`` where asked for.
    """
    chosen = alt.selection_point(fields=["group"], bind="legend", toggle="true")
    colour, dash = group_channels(groups)
    scale = alt.Scale(type="log", nice=False) if logarithmic else alt.Scale(zero=False)
    height = {
        key: alt.Y(f"{key}:Q", title=title, scale=scale).axis(format="~e" if logarithmic else "~g", tickCount=6)
        for key in LOGARITHMIC
    }
    base = alt.Chart(alt.InlineData(values=_drawn(rows, logarithmic))).encode(x=across(x), color=colour)
    band = base.mark_area().encode(y=height["low"], y2="high:Q", opacity=_shown(chosen, BAND))
    median = base.mark_line().encode(y=height["median"], strokeDash=dash, opacity=_shown(chosen, 1.0))
    dots = base.mark_point(filled=True, size=22).encode(
        y=height["median"], opacity=_shown(chosen, 1.0), tooltip=tooltip("group", x, "median", "low", "high")
    )
    layers = [band, median, dots]
    if predicted:
        told = tooltip("group", x, "rms", "predicted_rms")
        faint = {"opacity": _shown(chosen, 0.9)}
        layers += [
            base.mark_line(strokeDash=[2, 3], strokeWidth=1.5).encode(y=height["predicted_rms"], **faint),
            base.mark_point(filled=False, size=60).encode(y=height["rms"], tooltip=told, **faint),
        ]
    return alt.layer(*layers).add_params(chosen).properties(height=HEIGHT)


def group_channels(groups: Sequence[str]) -> tuple[Any, Any]:
    """Return the colour and the dash of groups, the same wherever they are drawn."""
    colours, dashes = looks(len(groups))
    legend = alt.Legend(orient="bottom", direction="vertical", columns=1, title=None)
    return (
        alt.Color("group:N", legend=legend).scale(domain=list(groups), range=colours),
        alt.StrokeDash("group:N", legend=legend).scale(domain=list(groups), range=dashes),
    )


def across(x: str) -> Any:
    """Return the axis of what is counted: layers and depths one by one, steps and lags on an even scale."""
    if x in {"layer", "depth"}:
        return alt.X(f"{x}:O").axis(labelAngle=0, labelOverlap="greedy", grid=False)
    return alt.X(f"{x}:Q").axis(format=",d", grid=False, tickCount=6, labelOverlap="greedy").scale(nice=False)


def tooltip(*keys: str) -> list[Any]:
    """Return what is told of a mark under the pointer."""
    return [
        alt.Tooltip(f"{key}:N") if key == "group" else alt.Tooltip(f"{key}:Q", title=NAMES.get(key, key), format=".4~g")
        for key in keys
    ]


def _shown(chosen: Any, opacity: float) -> Any:
    return alt.when(chosen).then(alt.value(opacity)).otherwise(alt.value(opacity * FADED))


def _drawn(rows: Sequence[Plain], logarithmic: bool) -> list[Plain]:
    """Leave out what a logarithmic axis has no place for: 0."""
    if not logarithmic:
        return list(rows)
    return [{key: None if key in LOGARITHMIC and value == 0.0 else value for key, value in row.items()} for row in rows]
