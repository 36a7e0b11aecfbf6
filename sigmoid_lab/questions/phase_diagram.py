"""χ₁ over the plane of variances, for a figure beside what ``theory`` answers."""

import numpy as np

from sigmoid_lab.results.phases import Mark, PhaseDiagram
from sigmoid_lab.results.theory import TheoryAnswer
from sigmoid_lab.theory.activations import Array
from sigmoid_lab.theory.initialisations import moments
from sigmoid_lab.theory.phases import plane
from sigmoid_lab.vocabulary import ActivationName, InitialisationName


def _rounded(values: Array) -> list[float]:
    """Leave out the digits that interpolation between places of q does not hold."""
    return [float(f"{value:.7g}") for value in values]


WEIGHT_VARIANCES, BIAS_VARIANCES = (np.array(_rounded(np.logspace(low, low + 4.0, 100))) for low in (-1.0, -3.0))
"""The same for every activation, so that diagrams compare; sigmoid's critical weight variance is 103."""
MARKED: tuple[InitialisationName, ...] = ("default", "xavier", "lecun", "he")
ASKED = "asked for"


def phase_diagrams(answer: TheoryAnswer) -> tuple[PhaseDiagram, ...]:
    """Work out χ₁ around the variances that an answer is about, a diagram for each of its activations."""
    marks = _marks(answer)
    return tuple(_diagram(name, marks) for name in answer.settings["activation"])


def _diagram(activation: ActivationName, marks: tuple[Mark, ...]) -> PhaseDiagram:
    found = plane(activation, WEIGHT_VARIANCES, BIAS_VARIANCES)
    return PhaseDiagram(
        activation=activation,
        weight_variances=tuple(WEIGHT_VARIANCES.tolist()),
        bias_variances=tuple(BIAS_VARIANCES.tolist()),
        chi_1=tuple(map(_told, found.chi_1)),
        critical=_told(found.critical),
        marks=marks,
    )


def _told(values: Array) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else value for value in _rounded(values))


def _marks(answer: TheoryAnswer) -> tuple[Mark, ...]:
    """Return what common initialisations draw with, and what was asked for, a mark a place."""
    width, weight = answer.settings["width"], answer.settings["weight_variance"]
    places: dict[tuple[float, float], list[str]] = {}
    for init in MARKED:
        drawn = moments(init, width, width)
        places.setdefault((width * drawn.weight_variance, drawn.bias_variance), []).append(init)
    if weight is not None:
        name = answer.settings["init"] or ASKED
        names = places.setdefault((weight, answer.settings["bias_variance"]), [])
        names += [] if name in names else [name]
    return tuple(Mark(tuple(names), *place) for place, names in places.items())
