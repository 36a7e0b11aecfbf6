"""The answer of ``theory`` in a terminal."""

import math
from collections.abc import Sequence

from rich.text import Text

from sigmoid_lab.results.phases import PhaseDiagram
from sigmoid_lab.results.theory import FixedPointRow, SignalRow, TheoryAnswer
from sigmoid_lab.view import phases
from sigmoid_lab.view.tables import Column, console, print_table
from sigmoid_lab.wording.numbers import number, power_of_ten

NAME = Column("activation", number=False)
PHASE = Column("phase", number=False)


def show(answer: TheoryAnswer, diagrams: Sequence[PhaseDiagram] = ()) -> None:
    """Print what becomes of gradients and signals, a finite network by layer, diagrams, and what that means."""
    screen = console()
    where = "" if answer.settings["critical"] else f", weight variance {number(answer.settings['weight_variance'])}"
    bias = number(answer.settings["bias_variance"])
    if answer.rows:
        print_table(
            screen,
            f"Gradients in infinitely wide networks{where}, bias variance {bias}",
            (NAME, *map(Column, ("weights", "q*", "χ₁ a layer", "layers to 1/e")), PHASE),
            [_gradient(row) for row in answer.rows],
        )
        print_table(
            screen,
            "Signals there: do two inputs become alike?",
            (NAME, *map(Column, ("q*", "χ_q", "", "mean", "c*", "χ_c", "layers to 1/e"))),
            [_signal(row) for row in answer.rows],
        )
    if answer.by_layer:
        print_table(
            screen,
            f"Hidden layers: {answer.settings['layers']} of width {answer.settings['width']}; inputs of mean square 1",
            (Column("layer"), NAME, *map(Column, ("q", "χ", "squared gradient ratio", "one network's"))),
            [_layer(row) for row in answer.by_layer],
        )
    for diagram in diagrams:
        phases.show(screen, diagram)
    for row in answer.rows:
        screen.print(Text(_sentence(row)))
    for name in answer.never_critical:
        screen.print(Text(f"{name}: no weight variance makes χ₁ = 1 at bias variance {bias}."))


def _gradient(row: FixedPointRow) -> tuple[str, ...]:
    numbers = (row.weight_variance, row.q_star, row.chi_1, row.gradient_depth)
    return (row.activation, *map(number, numbers), row.phase)


def _signal(row: FixedPointRow) -> tuple[str, ...]:
    steady = {True: "stable", False: "unstable", None: "–"}[row.stable]
    numbers = (row.mean, row.c_star, row.chi_c, row.correlation_depth)
    return (row.activation, number(row.q_star), number(row.chi_q), steady, *map(number, numbers))


def _layer(row: SignalRow) -> tuple[str, ...]:
    spread = "–" if row.log_variance is None else f"×÷ {number(math.exp(math.sqrt(row.log_variance)))}"
    ratio = (
        number(row.squared_gradient_ratio)
        if row.squared_gradient_ratio
        else power_of_ten(row.log10_squared_gradient_ratio)
    )
    return (f"{row.layer}", row.activation, number(row.q), number(row.chi), ratio, spread)


def _sentence(row: FixedPointRow) -> str:
    if row.phase == "unbounded":
        return f"{row.activation}: unbounded: q grows from layer to layer without end where no stable q* holds it."
    every = " (every q is a fixed point)" if row.every_q else ""
    steady = "" if row.stable else ", unstable"
    fate = {
        "ordered": f"a gradient's square shrinks to {number(row.chi_1)} of itself in every layer",
        "critical": "a gradient keeps its size" if row.q_star else "a gradient keeps its size where signals are small",
        "chaotic": f"a gradient's square grows to {number(row.chi_1)} times itself in every layer",
    }[row.phase]
    leaves = "" if row.stable else ", but no signal stays there: any other q moves away"
    alike = "; two inputs stay as alike as they are" if row.every_q and row.c_star is None else ""
    return f"{row.activation}, q* = {number(row.q_star)}{steady}{every}: {row.phase}: {fate}{leaves}{alike}."
