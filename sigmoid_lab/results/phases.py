"""What ``theory --phase-diagram`` draws."""

from dataclasses import dataclass

from sigmoid_lab.vocabulary import ActivationName


@dataclass(frozen=True)
class Mark:
    """Names of what draws with these variances in a layer that has as many inputs as units."""

    names: tuple[str, ...]
    weight_variance: float
    bias_variance: float


@dataclass(frozen=True)
class PhaseDiagram:
    """χ₁ of one activation over W weight variances and B bias variances, both ascending, even in their logarithms.

    ``chi_1`` (B, W) is null where q grows without bound; ``critical`` (B,) is the weight variance at which χ₁ = 1, null
    where there is none.
    """

    activation: ActivationName
    weight_variances: tuple[float, ...]
    bias_variances: tuple[float, ...]
    chi_1: tuple[tuple[float | None, ...], ...]
    critical: tuple[float | None, ...]
    marks: tuple[Mark, ...]
