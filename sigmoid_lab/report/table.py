"""Activations and their slopes as curves."""

from collections.abc import Sequence

import altair as alt

from sigmoid_lab.report.figure import Figure
from sigmoid_lab.report.lines import HEIGHT, group_channels, shown
from sigmoid_lab.results.answer import Plain, encode
from sigmoid_lab.results.table import TableAnswer

CURVES = {"value": "value", "derivative": "slope"}


def drawn(answer: TableAnswer) -> list[Figure]:
    """Draw each activation over the usual z, dots at the z asked for; the rows are those of the table."""
    names = [shape.activation for shape in answer.shapes]
    curve: list[Plain] = [
        {"group": shape.activation, "z": z, "value": value, "derivative": derivative}
        for shape in answer.shapes
        for z, value, derivative in zip(shape.z, shape.value, shape.derivative, strict=True)
    ]
    ends = [min(row["z"] for row in curve), max(row["z"] for row in curve)]
    dots = [{"group": row.activation} | encode(row) for row in answer.rows if ends[0] <= row.z <= ends[1]]
    return [
        Figure(
            f"Activations and their slopes, in {answer.settings['dtype']}",
            "Curves over z; dots are the z asked for, where they lie within, and the data all of them.",
            [encode(row) for row in answer.rows],
            [_curves(curve, dots, names, key).properties(title=title) for key, title in CURVES.items()],
        )
    ]


def _curves(curve: Sequence[Plain], dots: Sequence[Plain], names: Sequence[str], key: str) -> alt.LayerChart:
    chosen = alt.selection_point(fields=["group"], bind="legend", toggle="true")
    colour, dash = group_channels(names)
    x, y = alt.X("z:Q").axis(grid=False), alt.Y(f"{key}:Q", title=None)
    told = ["group:N", *(alt.Tooltip(f"{name}:Q", format=".6~g") for name in ("z", *CURVES))]
    line = alt.Chart(alt.InlineData(values=list(curve))).mark_line(clip=True)
    point = alt.Chart(alt.InlineData(values=list(dots))).mark_point(filled=True, size=36)
    return (
        alt.layer(
            line.encode(x=x, y=y, color=colour, strokeDash=dash, opacity=shown(chosen)),
            point.encode(x=x, y=y, color=colour, opacity=shown(chosen), tooltip=told),
        )
        .add_params(chosen)
        .properties(height=HEIGHT)
    )
