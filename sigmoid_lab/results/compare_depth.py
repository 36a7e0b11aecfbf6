"""The answer of ``compare-depth``."""

from dataclasses import dataclass
from typing import ClassVar

from sigmoid_lab.results.answer import Answer
from sigmoid_lab.results.spread import Spread
from sigmoid_lab.vocabulary import ActivationName


@dataclass(frozen=True)
class DepthRow:
    """The first layer's gradient norm in networks of one depth."""

    depth: int
    activation: ActivationName
    init: str
    gradient_norm: Spread
    predicted_rms: float | None


@dataclass(frozen=True)
class LayerRow:
    """One layer's gradient norm at the greatest depth."""

    depth: int
    layer: int
    activation: ActivationName
    init: str
    gradient_norm: Spread
    predicted_rms: float | None


@dataclass(frozen=True)
class RatioRow:
    """First-layer gradient norms of two activations, divided seed by seed.

    ``slope_bound`` is the numerator's greatest slope to the power of the depth.
    """

    depth: int
    numerator: ActivationName
    denominator: ActivationName
    init: str
    ratio: Spread
    slope_bound: float


@dataclass(frozen=True)
class CompareDepthAnswer(Answer):
    """Gradient norms by depth and by layer, and their ratios."""

    command: ClassVar[str] = "compare-depth"
    table: ClassVar[str] = "by_depth"

    by_depth: tuple[DepthRow, ...]
    by_layer: tuple[LayerRow, ...]
    ratios: tuple[RatioRow, ...]
