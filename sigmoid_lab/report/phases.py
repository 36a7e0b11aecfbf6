"""The plane of variances as a figure: bands of depth scales, the critical line, what initialisations draw with."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import altair as alt

from sigmoid_lab.report.figure import Figure
from sigmoid_lab.results.answer import Plain
from sigmoid_lab.results.phases import PhaseDiagram
from sigmoid_lab.wording.phases import BANDS, band

COLOURS = (
    *("#053061", "#2166ac", "#4393c3", "#92c5de", "#d1e5f0"),
    "#ffffff",
    *("#fddbc7", "#f4a582", "#d6604d", "#b2182b", "#67001f"),
    "#8c8c8c",
)
"""From blue over white to red, which common colour blindnesses tell apart (ColorBrewer's RdBu), and grey."""
HEIGHT = 420


def drawn(diagram: PhaseDiagram) -> Figure:
    """Draw a diagram; its rows are the plane's."""
    rows = _rows(diagram)
    return Figure(
        f"{diagram.activation}: what becomes of a gradient in a deep network",
        "Over how many layers the square of a gradient shrinks or grows by the factor e, |1/ln χ₁|, where the signal "
        "has settled. On the line χ₁ = 1 it keeps its size. Left of it two inputs also become alike, over as many "
        "layers. Triangles point to what lies beyond the frame: most initialisations draw no biases.",
        rows,
        [_chart(diagram, rows)],
    )


def _rows(diagram: PhaseDiagram) -> list[Plain]:
    return [
        {"weight_variance": weight, "bias_variance": bias, "chi_1": chi_1}
        for bias, line in zip(diagram.bias_variances, diagram.chi_1, strict=True)
        for weight, chi_1 in zip(diagram.weight_variances, line, strict=True)
    ]


def _chart(diagram: PhaseDiagram, rows: list[Plain]) -> alt.LayerChart:
    x = _Axis("weight_variance", "variance of a weight × inputs of its layer, σ_w²", diagram.weight_variances)
    y = _Axis("bias_variance", "variance of a bias, σ_b²", diagram.bias_variances)
    return alt.layer(_cells(rows, x, y), _line(diagram, x, y), *_marks(diagram, x, y)).properties(height=HEIGHT)


@dataclass(frozen=True)
class _Axis:
    """A logarithmic axis whose cells reach half a step beyond their values."""

    key: str
    title: str
    values: Sequence[float]

    @property
    def half_step(self) -> float:
        """The factor from a cell's middle to its edge."""
        return math.sqrt(self.values[1] / self.values[0])

    @property
    def ends(self) -> tuple[float, float]:
        """Where the first cell begins and the last one ends."""
        return self.values[0] / self.half_step, self.values[-1] * self.half_step

    def scale(self) -> alt.Scale:
        return alt.Scale(type="log", domain=list(self.ends), nice=False)


def _cells(rows: list[Plain], x: _Axis, y: _Axis) -> alt.Chart:
    runs = _runs(rows)
    shown = {run["gradient"] for run in runs}
    used = [(name, shade) for name, shade in zip(BANDS, COLOURS, strict=True) if name in shown]
    bands = alt.Scale(domain=[name for name, _ in used], range=[shade for _, shade in used])
    legend = alt.Legend(symbolStrokeWidth=0, symbolType="square")
    told = [alt.Tooltip(f"{key}:Q", format=".4~g") for key in runs[0] if key != "gradient"]
    return (
        alt.Chart(alt.InlineData(values=runs))
        .transform_calculate(
            left=f"datum.{x.key}_from / {x.half_step}",
            right=f"datum.{x.key}_to * {x.half_step}",
            low=f"datum.{y.key} / {y.half_step}",
            high=f"datum.{y.key} * {y.half_step}",
        )
        .mark_rect(strokeWidth=0.7, aria=False)
        .encode(
            x=alt.X("left:Q", title=x.title, scale=x.scale()).axis(grid=False, format="~g"),
            x2="right:Q",
            y=alt.Y("low:Q", title=y.title, scale=y.scale()).axis(grid=False, format="~g"),
            y2="high:Q",
            color=alt.Color("gradient:N", title="a gradient's square", scale=bands, legend=legend),
            stroke=alt.Stroke("gradient:N", scale=bands, legend=None),
            tooltip=[*told, alt.Tooltip("gradient:N")],
        )
    )


def _runs(rows: Sequence[Plain]) -> list[Plain]:
    """Return cells beside each other that are in one band as one, with the numbers of its first and its last cell."""
    runs: list[Plain] = []
    for (bias, gradient), cells in groupby(rows, lambda row: (row["bias_variance"], band(row["chi_1"]))):
        run = list(cells)
        ends = {
            f"{key}_{end}": run[at][key]
            for key in ("weight_variance", "chi_1")
            for end, at in (("from", 0), ("to", -1))
        }
        runs.append({"bias_variance": bias, **ends, "gradient": gradient})
    return runs


def _line(diagram: PhaseDiagram, x: _Axis, y: _Axis) -> alt.Chart:
    """Draw χ₁ = 1, bottom to top."""
    told = zip(diagram.critical, diagram.bias_variances, strict=True)
    points = [{x.key: weight, y.key: bias} for weight, bias in told if weight is not None]
    return (
        alt.Chart(alt.InlineData(values=points))
        .mark_line(color="black", strokeWidth=1.5, clip=True)
        .encode(x=f"{x.key}:Q", y=f"{y.key}:Q", order=f"{y.key}:Q")
    )


def _shown(value: float, axis: _Axis, under: str, over: str) -> tuple[str | None, float]:
    """Return where a mark stands along an axis, and its sign just inside the frame if that does not reach it."""
    if value < axis.values[0]:
        return under, axis.values[2]
    return (None, value) if value <= axis.values[-1] else (over, axis.values[-3])


def _marks(diagram: PhaseDiagram, x: _Axis, y: _Axis) -> list[alt.Chart]:
    """Draw a dot where layers are drawn, a triangle at the frame where it does not reach their variances."""
    rows = [
        {
            "name": ", ".join(mark.names),
            x.key: place,
            y.key: height,
            "sign": sideways or upwards or "circle",
        }
        for mark in diagram.marks
        for sideways, place in [_shown(mark.weight_variance, x, "triangle-left", "triangle-right")]
        for upwards, height in [_shown(mark.bias_variance, y, "triangle-down", "triangle-up")]
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=f"{x.key}:Q", y=f"{y.key}:Q")
    words = base.encode(text="name:N")
    beside: dict[str, Any] = {"align": "left", "dx": 8, "dy": -8, "fontSize": 12, "angle": 330}
    return [
        base.mark_point(filled=True, size=70, color="black", stroke="white", opacity=1.0).encode(
            shape=alt.Shape("sign:N", scale=None), tooltip=["name:N", f"{x.key}:Q", f"{y.key}:Q"]
        ),
        words.mark_text(stroke="white", strokeWidth=3, color="white", **beside),
        words.mark_text(color="black", **beside),
    ]
