"""Values and slopes of activations at chosen z."""

from collections.abc import Sequence
from math import sqrt

from sigmoid_lab.environment import describe
from sigmoid_lab.functions.activations import curve
from sigmoid_lab.results.table import GreatestSlope, Point, Shape, TableAnswer
from sigmoid_lab.theory.gradients import layers_of
from sigmoid_lab.theory.network import signals
from sigmoid_lab.theory.slopes import GREATEST_SLOPES
from sigmoid_lab.vocabulary import ACTIVATIONS, DTYPES, ActivationName, DtypeName, known

USUAL_Z = (-5.0, -2.0, -1.0, 0.0, 1.0, 2.0, 5.0)
DRAWN_Z = tuple(step / 16 - 6.0 for step in range(193))
"""From −6 to 6."""
WIDTH, LAYERS = 64, 12
"""Of the network whose last layers' χ₁ is told."""


def table(
    activations: Sequence[str] | None = None, at: Sequence[float] = USUAL_Z, dtype: str = "float32"
) -> TableAnswer:
    """Compute activations and their slopes in ``dtype`` at each z; raise LabError for an unknown word."""
    names = tuple(dict.fromkeys(known("activation", name, ACTIVATIONS) for name in activations or ("sigmoid",)))
    number = known("dtype", dtype, DTYPES)
    return TableAnswer(
        settings={"activation": names, "at": tuple(at), "dtype": number},
        environment=describe(),
        rows=tuple(point for name in names for point in _points(name, at, number)),
        greatest_slope=tuple(_greatest(name) for name in names),
        shapes=tuple(Shape(name, DRAWN_Z, *map(tuple, curve(name, DRAWN_Z, "float64"))) for name in names),
    )


def _points(name: ActivationName, at: Sequence[float], dtype: DtypeName) -> list[Point]:
    greatest = GREATEST_SLOPES[name].slope
    values, slopes = curve(name, at, dtype)
    return [Point(name, z, value, slope, slope / greatest) for z, value, slope in zip(at, values, slopes, strict=True)]


def _greatest(name: ActivationName) -> GreatestSlope:
    greatest = GREATEST_SLOPES[name]
    *_, deepest, _ = signals(name, layers_of("default", (WIDTH,) * LAYERS))
    return GreatestSlope(name, greatest.slope, greatest.at_z, greatest.where, sqrt(deepest.chi or 0.0))
