"""The answer of ``table``."""

from dataclasses import dataclass
from typing import ClassVar

from sigmoid_lab.results.answer import Answer
from sigmoid_lab.vocabulary import ActivationName


@dataclass(frozen=True)
class Point:
    """An activation at one z, computed in the dtype asked for."""

    activation: ActivationName
    z: float
    value: float
    derivative: float
    share_of_max_slope: float


@dataclass(frozen=True)
class GreatestSlope:
    """The least upper bound of an activation's slope, and the z at or towards which it is reached.

    ``kept_a_layer`` is √χ₁, by what mean-field theory multiplies a gradient's norm a layer, deep in networks of 64
    units with torch's default weights.
    """

    activation: ActivationName
    slope: float
    at_z: float
    where: str
    kept_a_layer: float


@dataclass(frozen=True)
class Shape:
    """An activation and its slope on an even grid of z, for drawing."""

    activation: ActivationName
    z: tuple[float, ...]
    value: tuple[float, ...]
    derivative: tuple[float, ...]


@dataclass(frozen=True)
class TableAnswer(Answer):
    """Values and slopes of activations."""

    command: ClassVar[str] = "table"
    table: ClassVar[str] = "rows"

    rows: tuple[Point, ...]
    greatest_slope: tuple[GreatestSlope, ...]
    shapes: tuple[Shape, ...]
