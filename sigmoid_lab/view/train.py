"""The answer of ``train``, and of ``runs show``, in a terminal."""

from collections.abc import Iterator, Sequence
from typing import Literal

from rich.console import Console
from rich.text import Text

from sigmoid_lab.results.spread import StartEnd
from sigmoid_lab.results.train import GroupSummary, LayerSummary, TrainAnswer
from sigmoid_lab.view.shapes import blocks, log_ends, log_height, spread_out
from sigmoid_lab.view.tables import Column, console, print_table
from sigmoid_lab.vocabulary import MetricName
from sigmoid_lab.wording.labels import label, last_line, seeds_label
from sigmoid_lab.wording.numbers import interval, number, share

START_END = (Column("at start"), Column("90 % of networks"), Column("at end"), Column("90 % of networks"))
OVERVIEW = "Loss and accuracy held out, gradient norm of layer 1 at start and end (medians)"
COURSE = 11
"""Characters of a course through training."""
MOST_IN_FULL = 8
"""Groups beyond this many are shown a line each."""
MOST_LINES = 100
"""Groups beyond this many are not shown; there are ways to choose."""


def show(answer: TrainAnswer) -> None:
    """Print each group layer by layer and metric by metric, a line a group, and the run's path."""
    screen = console()
    if len(answer.groups) <= MOST_IN_FULL:
        for group in answer.groups:
            if group.networks:
                show_group(screen, label(group.settings), group)
    if len(answer.groups) != 1:
        print_overview(screen, OVERVIEW, answer.groups)
    for failure in answer.failed:
        which = f"{label(failure.settings)}, {seeds_label(failure.seeds)}"
        screen.print(Text(f"failed: {which}: {last_line(failure.cause)}", "red"), soft_wrap=True)
    if answer.networks < answer.planned_networks:
        part = f"partial: {answer.networks:,} of {answer.planned_networks:,} networks are trained; train the others"
        screen.print(Text(f"{part} with: sigmoid-lab train --resume {answer.run}", "yellow"), soft_wrap=True)
    screen.print(Text.assemble(("run: ", "bold"), answer.run), soft_wrap=True)


def show_group(screen: Console, name: str, group: GroupSummary) -> None:
    """Print one group in full."""
    print_table(
        screen,
        f"{name}: gradient norm by layer",
        (Column("layer"), *START_END, Column("log by step", drawing=True)),
        [
            (f"{layer.layer}", *_start_end(layer.gradient_norm), course)
            for layer, course in zip(group.layers, _courses(group), strict=True)
        ],
    )
    if any(layer.predicted_rms is not None for layer in group.layers):
        print_table(
            screen,
            f"{name}: root mean square of the gradient norm at start",
            (Column("layer"), Column("measured"), Column("predicted by theory")),
            [(f"{x.layer}", number(x.gradient_norm.start.rms), number(x.predicted_rms)) for x in group.layers],
        )
    print_table(
        screen,
        f"{name}: metrics",
        (Column("metric", number=False), *START_END),
        [(metric.replace("_", " "), *_start_end(values)) for metric, values in group.metrics.items()],
    )
    for line in _facts(group):
        screen.print(Text(line))
    screen.print()


def _courses(group: GroupSummary) -> Iterator[str]:
    """Draw each layer's median gradient norm through training, all on one logarithmic scale: layer × step."""
    steps = [{layer.layer: layer.gradient_norm.median for layer in at.layers} for at in group.series]
    ends = log_ends([norm for at in steps for norm in at.values()])
    for layer in group.layers:
        course = spread_out([at.get(layer.layer) for at in steps], COURSE)
        yield blocks([log_height(norm, *ends) for norm in course])


def _start_end(values: StartEnd) -> tuple[str, str, str, str]:
    start, end = values.start, values.end
    return number(start.median), interval(start), number(end.median), interval(end)


def _facts(group: GroupSummary) -> list[str]:
    facts = [
        f"networks: {group.networks}, diverged: {group.diverged}",
        f"probabilities: {number(group.probability_range.low)} … {number(group.probability_range.high)}",
    ]
    if group.predicted_positive.median is not None:
        positive = group.predicted_positive
        facts.append(f"predicted positive on the held-out part: {number(positive.median)} ({interval(positive)})")
    hidden = [layer for layer in group.layers if layer.saturated_share is not None]
    if hidden:
        facts.append(f"saturated outputs at the end, by hidden layer: {', '.join(map(_saturated, hidden))}")
        facts.append(f"dead units at the end, by hidden layer: {', '.join(map(_dead, hidden))}")
    return facts


def _saturated(layer: LayerSummary) -> str:
    return share(layer.saturated_share.end.median if layer.saturated_share else None)


def _dead(layer: LayerSummary) -> str:
    return share(layer.dead_share.end.median if layer.dead_share else None)


def print_overview(screen: Console, title: str, groups: Sequence[GroupSummary]) -> None:
    """Print a line a group: medians at the end, on the held-out part where there is one."""
    print_table(
        screen,
        title,
        (
            Column("group", number=False),
            Column("diverged"),
            Column("loss"),
            Column("accuracy"),
            Column("grad start"),
            Column("grad end"),
        ),
        [
            (
                label(group.settings),
                f"{group.diverged} of {group.networks}",
                _held_out(group, "loss"),
                _held_out(group, "accuracy"),
                *_first_layer(group),
            )
            for group in groups[:MOST_LINES]
        ],
    )
    if len(groups) > MOST_LINES:
        more = f"… and {len(groups) - MOST_LINES:,} more groups: `sigmoid-lab runs show` chooses with --where KEY=VALUE"
        screen.print(f"{more}, pools with --group-by KEY, ranks with --by METRIC, and tells all with --csv or --json")


def _held_out(group: GroupSummary, metric: Literal["loss", "accuracy"]) -> str:
    held_out: MetricName = "test_loss" if metric == "loss" else "test_accuracy"
    values = group.metrics.get(held_out) or group.metrics.get(metric)
    return number(values.end.median if values else None)


def _first_layer(group: GroupSummary) -> tuple[str, str]:
    norm = group.layers[0].gradient_norm if group.layers else None
    return (number(norm.start.median), number(norm.end.median)) if norm else ("–", "–")
