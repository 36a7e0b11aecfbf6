"""The moments of every initialisation: what variance weights and biases are drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sigmoid_lab.vocabulary import InitialisationName

if TYPE_CHECKING:
    from sigmoid_lab.config.schema import Gaussian, Initialisation, Scheme

Distribution = Literal["uniform", "normal", "orthogonal"]

ALIASES: dict[str, str] = {"xavier": "xavier-normal", "he": "he-normal", "lecun": "lecun-normal"}


@dataclass(frozen=True)
class Moments:
    """How one linear layer is drawn: the weights' distribution, and the variances of weights and biases.

    Biases follow the same distribution (they are zero where their variance is); the weights of an orthogonal
    layer are not independent, and ``weight_variance`` is that of a single one.
    """

    distribution: Distribution
    weight_variance: float
    bias_variance: float


def moments(init: Initialisation, fan_in: int, fan_out: int) -> Moments:
    """Return how a layer of ``fan_in`` inputs and ``fan_out`` outputs is drawn.

    default: what ``nn.Linear`` draws, U(−1/√fan_in, 1/√fan_in) for weights and biases, so both have variance
    1/(3·fan_in). xavier: 2/(fan_in + fan_out) (Glorot and Bengio 2010, equation 16). he: 2/fan_in (He et al.
    2015, equation 10). lecun: 1/fan_in (LeCun et al. 1998, equation 16). orthogonal: rows or columns, the
    fewer of them, orthonormal (Saxe et al. 2014).
    """
    if isinstance(init, str):
        return _named(init, 1.0, fan_in, fan_out)
    return _block(init, fan_in, fan_out)


def _block(init: Gaussian | Scheme, fan_in: int, fan_out: int) -> Moments:
    from sigmoid_lab.config.schema import Gaussian  # a word is answered without loading pydantic

    if isinstance(init, Gaussian):
        return Moments("normal", init.weight_variance / fan_in, init.bias_variance)
    return _named(init.kind, init.gain, fan_in, fan_out)


def _named(kind: InitialisationName, gain: float, fan_in: int, fan_out: int) -> Moments:
    family, _, shape = ALIASES.get(kind, kind).partition("-")
    variance = {
        "default": 1.0 / (3.0 * fan_in),
        "xavier": 2.0 / (fan_in + fan_out),
        "he": 2.0 / fan_in,
        "lecun": 1.0 / fan_in,
        "orthogonal": 1.0 / max(fan_in, fan_out),
    }[family]
    distribution: Distribution = (
        "orthogonal" if family == "orthogonal" else "normal" if shape == "normal" else "uniform"
    )
    bias_variance = variance if family == "default" else 0.0
    return Moments(distribution, gain**2 * variance, bias_variance)
