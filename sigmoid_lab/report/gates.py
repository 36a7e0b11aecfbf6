"""Gradients through time as lines in their bands, and who learnt to recall."""

from collections.abc import Sequence

from sigmoid_lab.report.figure import Figure
from sigmoid_lab.report.lines import BAND_IS, lines, zeros
from sigmoid_lab.results.answer import Plain, encode
from sigmoid_lab.results.gates import GatesAnswer
from sigmoid_lab.wording.labels import cell_label


def drawn(answer: GatesAnswer) -> list[Figure]:
    """Draw what the tables hold, at every lag."""
    groups = list(dict.fromkeys(cell_label(row.cell, row.forget_bias) for row in answer.rows))
    arrived: list[Plain] = [
        {"group": cell_label(row.cell, row.forget_bias), "lag": row.lag} | encode(row.gradient_norm)
        for row in answer.rows
    ]
    alone: list[Plain] = [
        {"group": cell_label(row.cell, row.forget_bias), "lag": row.lag} | encode(row.gate_product)
        for row in answer.rows
        if row.gate_product is not None
    ]
    recalled: list[Plain] = [
        {"group": cell_label(row.cell, row.forget_bias), "lag": row.lag, "networks": row.networks, "solved": row.solved}
        | encode(row.accuracy)
        for row in answer.recall
    ]
    drawings = [
        ("What arrives of a gradient, by lag", "share of the gradient's norm that arrives", arrived, True),
        ("What the forget gates alone let through", "share that the gates let through", alone, True),
        ("Who learns to recall a bit", "accuracy on held-out sequences", recalled, False),
    ]
    return [_figure(groups, *drawing) for drawing in drawings if drawing[2]]


def _figure(groups: Sequence[str], title: str, height: str, rows: Sequence[Plain], logarithmic: bool) -> Figure:
    chart = lines(rows, groups, "lag", height, logarithmic=logarithmic)
    return Figure(title, f"By lag in steps. {BAND_IS}{zeros(rows) if logarithmic else ''}", rows, [chart])
