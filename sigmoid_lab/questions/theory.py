"""What mean-field theory says of an activation and an initialisation before anything is trained; numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise

from sigmoid_lab.environment import describe
from sigmoid_lab.errors import LabError
from sigmoid_lab.results.theory import FixedPointRow, SignalRow, TheoryAnswer
from sigmoid_lab.theory.gradients import Layer
from sigmoid_lab.theory.initialisations import Moments, moments
from sigmoid_lab.theory.mean_field import FixedPoint, critical_points, depth_scale, variance_map
from sigmoid_lab.theory.network import signals
from sigmoid_lab.vocabulary import ACTIVATIONS, INITIALISATIONS, ActivationName, InitialisationName, known

LEAST_VARIANCE, GREATEST_VARIANCE = 1e-12, 1e12
MOST = {"layers": 10_000, "features": 65_536, "width": 65_536}


def theory(
    activations: Sequence[str] | None = None,
    weight_variance: float | None = None,
    bias_variance: float | None = None,
    *,
    init: str | None = None,
    critical: bool = False,
    layers: int | None = None,
    features: int = 10,
    width: int = 64,
) -> TheoryAnswer:
    """Find the fixed points of infinitely wide networks and, with ``layers``, what a finite one does layer by layer.

    Variances are given, the weight's times fan_in, or those of ``init`` in a layer of ``width`` inputs and units
    (absent: ``default``); ``critical`` solves χ₁ = 1 for the weight variance instead. Raises LabError for bad input.
    """
    names = tuple(dict.fromkeys(known("activation", name, ACTIVATIONS) for name in activations or ("sigmoid", "relu")))
    given = weight_variance is not None or bias_variance is not None
    scheme = None if given or critical else known("init", init or "default", INITIALISATIONS)
    _refuse(weight_variance, bias_variance, init, critical, layers, {"features": features, "width": width})
    if scheme:
        drawn = _layer(scheme, width, width).moments
        weight_variance, bias_variance = width * drawn.weight_variance, drawn.bias_variance
    bias = bias_variance or 0.0
    weight = weight_variance if weight_variance is not None else 1.0
    rows = [row for name in names for row in (_critical(name, bias) if critical else _fixed(name, weight, bias))]
    network = _network(scheme, weight, bias, layers or 0, features, width)
    return TheoryAnswer(
        settings={
            "activation": names,
            "weight_variance": None if critical else weight,
            "bias_variance": bias,
            "init": scheme,
            "critical": critical,
            "layers": layers,
            "features": features,
            "width": width,
        },
        environment=describe(),
        rows=tuple(rows),
        by_layer=tuple(
            SignalRow(activation=name, **asdict(signal))
            for name in names
            for signal in (signals(name, network) if network else ())
        ),
        never_critical=tuple(name for name in names if critical and name not in {row.activation for row in rows}),
    )


def _refuse(
    weight_variance: float | None,
    bias_variance: float | None,
    init: str | None,
    critical: bool,
    layers: int | None,
    sizes: dict[str, int],
) -> None:
    """Raise LabError with every value that is out of range, and every two that exclude each other."""
    problems = []
    if weight_variance is not None and not LEAST_VARIANCE <= weight_variance <= GREATEST_VARIANCE:
        problems.append(f"weight-variance: {weight_variance:g} is out of range; it must be from 1e-12 to 1e12")
    if bias_variance and not LEAST_VARIANCE <= bias_variance <= GREATEST_VARIANCE:
        problems.append(f"bias-variance: {bias_variance:g} is out of range; it must be 0, or from 1e-12 to 1e12")
    if init is not None and (weight_variance is not None or bias_variance is not None):
        problems.append(f"init: '{init}' has variances of its own; give either --init or the variances")
    if critical and weight_variance is not None:
        problems.append("critical: solves for the weight variance; leave out --weight-variance")
    if critical and init is not None:
        problems.append(f"critical: solves for the weight variance, which '{init}' sets; leave out --init")
    if critical and layers is not None:
        problems.append("critical: says nothing of layers; ask again with the --weight-variance that it finds")
    counts = sizes if layers is None else {"layers": layers, **sizes}
    problems += [
        f"{name}: {count} is out of range; it must be from 1 to {MOST[name]:,}"
        for name, count in counts.items()
        if not 1 <= count <= MOST[name]
    ]
    if problems:
        raise LabError(*problems)


def _fixed(name: ActivationName, weight: float, bias: float) -> list[FixedPointRow]:
    found = variance_map(name, weight, bias)
    rows = [_row(name, weight, bias, point) for point in found.fixed_points]
    return [*rows, _unbounded(name, weight, bias)] if found.grows else rows


def _critical(name: ActivationName, bias: float) -> list[FixedPointRow]:
    return [_row(name, weight, bias, point) for weight, point in critical_points(name, bias)]


def _row(name: ActivationName, weight: float, bias: float, point: FixedPoint) -> FixedPointRow:
    return FixedPointRow(
        activation=name,
        weight_variance=weight,
        bias_variance=bias,
        q_star=point.q_star,
        stable=point.stable,
        mean=point.mean,
        chi_1=point.chi_1,
        chi_q=point.chi_q,
        c_star=point.c_star,
        chi_c=point.chi_c,
        gradient_depth=depth_scale(point.chi_1),
        correlation_depth=depth_scale(point.chi_c),
        phase=point.phase,
        every_q=point.every_q,
    )


def _unbounded(name: ActivationName, weight: float, bias: float) -> FixedPointRow:
    return FixedPointRow(name, weight, bias, *(None,) * 9, phase="unbounded", every_q=False)


def _network(
    scheme: InitialisationName | None, weight: float, bias: float, layers: int, features: int, width: int
) -> list[Layer]:
    """Return the linear layers of a network of so many hidden layers and one output, none for none."""
    widths = (features, *(width,) * layers, 1) if layers else ()
    pairs = pairwise(widths)
    if scheme:
        return [_layer(scheme, fan_in, units) for fan_in, units in pairs]
    return [Layer(fan_in, units, Moments("normal", weight / fan_in, bias)) for fan_in, units in pairs]


def _layer(scheme: InitialisationName, fan_in: int, units: int) -> Layer:
    drawn = moments(scheme, fan_in, units)
    if drawn.distribution == "orthogonal":
        raise LabError(
            "init: there is no theory of orthogonal weights here, which are not independent of each other; the nearest "
            "that has one is --init lecun, of the same variance between layers of one width"
        )
    return Layer(fan_in, units, drawn)
