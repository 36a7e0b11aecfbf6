"""How far each sigmoid and each loss is off, z by z, as a map of errors for every dtype."""

from collections.abc import Callable, Iterator, Sequence
from math import isnan
from typing import TypeVar

import altair as alt

from sigmoid_lab.report.figure import Figure
from sigmoid_lab.results.answer import Plain, encode
from sigmoid_lab.results.stability import LossRow, SigmoidRow, StabilityAnswer, Verdict

COLOURS = {
    "exact: within ½ ULP": "#2166ac",
    "close: within 4 ULP": "#92c5de",
    "wrong: within 1,000 ULP": "#fddbc7",
    "wrong: more": "#ef8a62",
    "infinite": "#b2182b",
    "NaN": "#4d4d4d",
}
"""From right over wrong to no number at all, which common colour blindnesses tell apart (after ColorBrewer's RdBu)."""
NEAR = 1000.0
LINE_HEIGHT = 22

Row = TypeVar("Row", SigmoidRow, LossRow)


def drawn(answer: StabilityAnswer) -> list[Figure]:
    """Draw sigmoids, and losses at either target: a map a dtype for values and one for slopes."""
    figures = [
        _figure("How far sigmoids are off, by z", answer.sigmoid, lambda row: row.implementation),
        _figure(
            "How far losses are off, by logit z and target",
            answer.loss,
            lambda row: f"{row.implementation}, target {row.target}",
        ),
    ]
    return [figure for figure in figures if figure.rows]


def _figure(title: str, measured: Sequence[Row], name: Callable[[Row], str]) -> Figure:
    rows = [
        {"group": name(row), "z_shown": f"{row.z:g}"}
        | encode(row)
        | {
            "value_off": _class(row.value_verdict, row.error_ulp),
            "slope_off": _class(row.gradient_verdict, row.gradient_error_ulp),
        }
        for row in measured
    ]
    return Figure(
        title,
        "In units in the last place (ULP) of the correctly rounded number; slopes are those that autograd gives.",
        rows,
        list(_maps(rows, _ordered([row.z for row in measured]))),
    )


def _maps(rows: Sequence[Plain], at: Sequence[str]) -> Iterator[alt.Chart]:
    """Yield the maps, with one legend for all: below the first, so that those beside it begin where it does."""
    legend: alt.Legend | None = alt.Legend(
        orient="bottom", title=None, columns=2, symbolType="square", symbolStrokeWidth=0
    )
    for dtype in dict.fromkeys(row["dtype"] for row in rows):
        of_dtype = [row for row in rows if row["dtype"] == dtype]
        for key, what in (("value_off", "value"), ("slope_off", "slope")):
            yield _map(of_dtype, at, key, f"{what}, {dtype}", legend)
            legend = None


def _map(rows: Sequence[Plain], at: Sequence[str], key: str, title: str, legend: alt.Legend | None) -> alt.Chart:
    names = list(dict.fromkeys(row["group"] for row in rows))
    told = ["group", "z_shown", "value", "loss", "exact_value", "exact_loss", "error_ulp"]
    told += ["gradient", "exact_gradient", "gradient_error_ulp"]
    return (
        alt.Chart(alt.InlineData(values=list(rows)), height=LINE_HEIGHT * len(names), title=title)
        .mark_rect(stroke="currentColor", strokeOpacity=0.15)
        .encode(
            x=alt.X("z_shown:N", title="z", sort=list(at)).axis(labelAngle=-60, ticks=False),
            y=alt.Y("group:N", title=None, sort=names).axis(ticks=False),
            color=alt.Color(f"{key}:N", legend=legend).scale(domain=list(COLOURS), range=list(COLOURS.values())),
            tooltip=[alt.Tooltip(f"{field}:N") for field in told if field in rows[0]],
        )
    )


def _class(verdict: Verdict, error: float) -> str:
    exact, close, near, more, infinite, nan = COLOURS
    match verdict:
        case "exact":
            return exact
        case "close":
            return close
        case "inf":
            return infinite
        case "nan":
            return nan
    return near if error <= NEAR else more


def _ordered(at: Sequence[float]) -> list[str]:
    """Write each z once, from the least to the greatest, NaN last."""
    return [f"{z:g}" for z in sorted(dict.fromkeys(at), key=lambda z: (isnan(z), z))]
