"""The figures of trained networks: gradients, metrics, saturation and probabilities, group by group."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import altair as alt

from sigmoid_lab.report.axes import labels, wide
from sigmoid_lab.report.figure import Figure
from sigmoid_lab.report.lines import BAND_IS, PREDICTED_IS, lines, reach, tooltip, zeros
from sigmoid_lab.report.style import HEAT, looks
from sigmoid_lab.results.answer import Plain, encode
from sigmoid_lab.results.spread import Spread, StartEnd
from sigmoid_lab.results.train import GroupSummary, LayerSummary
from sigmoid_lab.vocabulary import METRICS
from sigmoid_lab.wording.labels import shorten

Groups = Mapping[str, GroupSummary]
"""Groups by the names that they have on the page."""

WHEN = {"start": "before training", "end": "at the last update"}
DRAWN = [metric for metric in METRICS if not metric.endswith("positive_share")]
LEAST_HEIGHT, LAYER_HEIGHT = 90, 18
ZERO = "#999999"
"""The colour of a gradient of exactly 0, in no map of colours here."""
TITLE = 36
"""The characters that the title of a small chart has place for."""


def trained(group: GroupSummary) -> bool:
    """Say whether a group's networks were updated at all."""
    return any(at.step for at in group.series)


def figures(groups: Groups) -> Iterator[Figure]:
    """Yield the figures that groups have numbers for."""
    for figure in (_gradients, _heat, _metrics, _shares, _probabilities):
        drawn = figure(groups)
        if drawn.rows:
            yield drawn


def _gradients(groups: Groups) -> Figure:
    rows = [
        {"group": name, "when": when, "layer": layer.layer}
        | encode(getattr(layer.gradient_norm, when))
        | {"predicted_rms": layer.predicted_rms if when == "start" else None}
        for when in WHEN
        for name, group in groups.items()
        if when == "start" or trained(group)
        for layer in group.layers
    ]
    predicted = any(row["predicted_rms"] is not None for row in rows)
    theory = PREDICTED_IS if predicted else ""
    return Figure(
        "Gradient norm by layer",
        f"Frobenius norm of the loss's gradient in each layer's weight; the last layer is the output. {BAND_IS}{theory}"
        f"{zeros(rows)}",
        rows,
        [
            lines(
                of_when,
                list(groups),
                "layer",
                "gradient norm",
                logarithmic=True,
                predicted=predicted and when == "start",
                ends=reach(rows),
            ).properties(title=WHEN[when])
            for when in WHEN
            if (of_when := [row for row in rows if row["when"] == when])
        ],
    )


def _heat(groups: Groups) -> Figure:
    groups = {name: group for name, group in groups.items() if trained(group)}
    rows = [
        {"group": name, "step": at.step, "layer": layer.layer} | encode(layer.gradient_norm)
        for name, group in groups.items()
        for at in group.series
        for layer in at.layers
    ]
    ends = wide(reach(rows, ("median",)))
    return Figure(
        "Gradient norm by layer, through training",
        "Medians of each group's networks, on one logarithmic colour scale; grey: exactly 0; empty: no finite norm.",
        rows,
        [
            _map(of_group, ends, shorten(name, TITLE))
            for name in groups
            if (of_group := [row for row in rows if row["group"] == name])
        ],
        small=True,
    )


def _map(rows: Sequence[Plain], ends: tuple[float, float], title: str) -> alt.LayerChart:
    legend = alt.Legend(orient="bottom", title="gradient norm", gradientLength=200, **labels(*ends, most=4))
    steps, layers = (list(dict.fromkeys(row[key] for row in rows)) for key in ("step", "layer"))
    axis = alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=12, ticks=False)
    cells = {
        "x": alt.X("step:O", axis=axis).scale(domain=steps),
        "y": alt.Y("layer:O").scale(domain=layers),
        "tooltip": tooltip("group", "step", "layer", "median", "low", "high"),
    }
    colour = alt.Color("median:Q", legend=legend).scale(type="log", scheme=HEAT, domain=list(ends))
    parts = (
        ([row for row in rows if row["median"]], colour),
        ([row for row in rows if row["median"] == 0.0], alt.value(ZERO)),
        ([row for row in rows if row["median"] is None], alt.value("transparent")),
    )
    charts = [
        alt.Chart(alt.InlineData(values=some)).mark_rect().encode(color=painted, **cells)
        for some, painted in parts
        if some
    ]
    return alt.layer(*charts).properties(height=max(LEAST_HEIGHT, LAYER_HEIGHT * len(layers)), title=title)


def _metrics(groups: Groups) -> Figure:
    rows = [
        {"group": name, "metric": metric, "step": at.step} | encode(at.metrics[metric])
        for metric in DRAWN
        for name, group in groups.items()
        for at in group.series
        if metric in at.metrics
    ]
    return Figure(
        "Loss and accuracy",
        f"On the whole training part; test: on the part held out. {BAND_IS}",
        rows,
        [
            lines(of_metric, list(groups), "step", None).properties(title=metric.replace("_", " "))
            for metric in DRAWN
            if (of_metric := [row for row in rows if row["metric"] == metric])
        ],
    )


SHARES: dict[str, Callable[[LayerSummary], StartEnd | None]] = {
    "saturated": lambda layer: layer.saturated_share,
    "dead": lambda layer: layer.dead_share,
}


def _shares(groups: Groups) -> Figure:
    rows = [
        {"group": name, "what": what, "when": when, "layer": layer.layer} | encode(_at(values, when))
        for what, share in SHARES.items()
        for when in WHEN
        for name, group in groups.items()
        if when == "start" or trained(group)
        for layer in group.layers
        if (values := share(layer)) is not None
    ]
    return Figure(
        "Saturated outputs and dead units, by hidden layer",
        "Saturated: the share of outputs whose slope is below 1 % of the activation's greatest. Dead: the share of "
        "units whose slope is 0 on the whole mini-batch. Half of a healthy ReLU layer is off, and so saturated.",
        rows,
        [
            lines(shown, list(groups), "layer", None, ends=(0.0, reach(of_what)[1])).properties(
                title=f"{what}, {WHEN[when]}"
            )
            for what in SHARES
            if (of_what := [row for row in rows if row["what"] == what])
            for when in WHEN
            if (shown := [row for row in of_what if row["when"] == when])
        ],
    )


def _at(values: StartEnd, when: str) -> Spread:
    return values.start if when == "start" else values.end


def _probabilities(groups: Groups) -> Figure:
    rows: list[Plain] = [
        {"group": name, "from": low, "to": high, "count": count, "share": count / total}
        for name, group in groups.items()
        if (total := sum(group.probability_histogram.counts))
        for low, high, count in zip(
            group.probability_histogram.edges,
            group.probability_histogram.edges[1:],
            group.probability_histogram.counts,
            strict=False,
        )
    ]
    most = max((row["share"] for row in rows), default=1.0)
    colours, _ = looks(len(groups))
    return Figure(
        f"Probabilities that the networks give, {'after' if any(map(trained, groups.values())) else 'before'} training",
        "On the held-out part (the training part where nothing is held out), over the networks that did not diverge.",
        rows,
        [
            _bars([row for row in rows if row["group"] == name], colour, most, shorten(name, TITLE))
            for name, colour in zip(groups, colours, strict=True)
        ],
        small=True,
    )


def _bars(rows: Sequence[Plain], colour: str, most: float, title: str) -> alt.Chart:
    return (
        alt.Chart(alt.InlineData(values=list(rows)), height=140, title=title)
        .mark_rect(color=colour)
        .encode(
            x=alt.X("from:Q", title="probability").scale(domain=[0, 1]).axis(grid=False, tickCount=5),
            x2="to:Q",
            y=alt.Y("share:Q").scale(domain=[0, most]).axis(format="~%", tickCount=4),
            y2=alt.datum(0),
            tooltip=tooltip("group", "from", "to", "count", "share"),
        )
    )
