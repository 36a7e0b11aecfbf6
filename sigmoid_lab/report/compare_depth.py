"""Gradient norms by depth and by layer as lines in their bands, and their ratios beside the slope's bound."""

from collections.abc import Sequence

import altair as alt

from sigmoid_lab.report.figure import Figure
from sigmoid_lab.report.lines import BAND_IS, PREDICTED_IS, SPREAD, across, group_channels, lines, reach, zeros
from sigmoid_lab.results.answer import Plain, encode
from sigmoid_lab.results.compare_depth import CompareDepthAnswer, DepthRow, LayerRow, RatioRow


def drawn(answer: CompareDepthAnswer) -> list[Figure]:
    """Draw what the tables hold."""
    deepest = answer.settings["layers"]
    by_depth = [_row(answer, row) | {"depth": row.depth} for row in answer.by_depth]
    by_layer = [_row(answer, row) | {"layer": row.layer} for row in answer.by_layer]
    figures = [
        _norms("Gradient norm of the first layer, by depth", by_depth, "depth"),
        _norms(f"Gradient norm by layer, at depth {deepest}", by_layer, "layer"),
    ]
    return figures + ([_ratios(answer)] if answer.ratios else [])


def _norms(title: str, rows: Sequence[Plain], x: str) -> Figure:
    predicted = any(row["predicted_rms"] is not None for row in rows)
    chart = lines(rows, _groups(rows), x, "gradient norm", logarithmic=True, predicted=predicted)
    return Figure(title, f"{BAND_IS}{PREDICTED_IS if predicted else ''}{zeros(rows)}", rows, [chart])


def _ratios(answer: CompareDepthAnswer) -> Figure:
    rows = [
        {
            "group": f"{row.numerator} / {row.denominator}{_init(answer, row)}",
            "depth": row.depth,
            "slope_bound": row.slope_bound,
        }
        | encode(row.ratio)
        for row in answer.ratios
    ]
    colour, _ = group_channels(_groups(rows))
    ends = reach(rows, (*SPREAD, "slope_bound"))
    bound = (
        alt.Chart(alt.InlineData(values=[row | {"slope_bound": row["slope_bound"] or None} for row in rows]))
        .mark_line(strokeDash=[2, 3], strokeWidth=1.5)
        .encode(x=across("depth"), y="slope_bound:Q", color=colour)
    )
    return Figure(
        "Ratio of the first layers' gradients, on paired seeds",
        f"{BAND_IS} ┄ is the first activation's greatest slope to the power of the depth.{zeros(rows)}",
        rows,
        [alt.layer(lines(rows, _groups(rows), "depth", "ratio", logarithmic=True, ends=ends), bound)],
    )


def _row(answer: CompareDepthAnswer, row: DepthRow | LayerRow) -> Plain:
    norm: Plain = encode(row.gradient_norm)
    return {"group": f"{row.activation}{_init(answer, row)}"} | norm | {"predicted_rms": row.predicted_rms}


def _init(answer: CompareDepthAnswer, row: DepthRow | LayerRow | RatioRow) -> str:
    """Name the initialisation only where there is more than one."""
    return f", {row.init}" if len(answer.settings["init"]) > 1 else ""


def _groups(rows: Sequence[Plain]) -> list[str]:
    return list(dict.fromkeys(row["group"] for row in rows))
