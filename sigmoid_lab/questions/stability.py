"""Which sigmoid and which loss survive extreme z, forward and backward, in every number format."""

from collections.abc import Callable, Sequence
from functools import partial
from math import inf, nan

from sigmoid_lab.engine.devices import one_thread
from sigmoid_lab.environment import describe
from sigmoid_lab.errors import LabError
from sigmoid_lab.functions.losses import LOSSES
from sigmoid_lab.functions.sigmoids import SIGMOIDS
from sigmoid_lab.numerics.ends import one_from, slope_zero_from, zero_from
from sigmoid_lab.numerics.formats import FORMATS
from sigmoid_lab.numerics.points import Point, loss_points, sigmoid_points
from sigmoid_lab.numerics.scan import Scan, cores, scan
from sigmoid_lab.results.stability import (
    VERDICTS,
    EndsRow,
    LossRow,
    Scanned,
    SigmoidRow,
    StabilityAnswer,
    Verdict,
    WorstRow,
)
from sigmoid_lab.vocabulary import CROSS_ENTROPIES, DTYPES, DtypeName, LossName, SigmoidName, known
from sigmoid_lab.vocabulary import SIGMOIDS as NAMES

MAGNITUDES = (1000.0, 500.0, 100.0, 89.0, 88.0, 50.0, 17.0, 10.0, 1.0)
USUAL_Z = (-inf, *(-z for z in MAGNITUDES), 0.0, *reversed(MAGNITUDES), inf, nan)
TARGETS = (0, 1)
ALWAYS_WHOLE: tuple[DtypeName, ...] = ("float16", "bfloat16")


def stability(
    implementations: Sequence[str] | None = None,
    dtypes: Sequence[str] | None = None,
    at: Sequence[float] = USUAL_Z,
    exhaustive: str | None = None,
    on_progress: Callable[[Scanned], None] = lambda _: None,
) -> StabilityAnswer:
    """Measure sigmoids and losses at each z, where sigmoids end, and their errors on every input of 16-bit formats.

    ``exhaustive="float32"`` tries each of that format's values too, and Ctrl-C then ends the trying and not the
    answer, which says so; raises LabError for an unknown word.
    """
    names = tuple(dict.fromkeys(known("implementation", name, NAMES) for name in implementations or NAMES))
    formats = tuple(dict.fromkeys(known("dtype", name, DTYPES) for name in dtypes or DTYPES))
    whole = [(name, dtype) for dtype in (*ALWAYS_WHOLE, *_on_request(exhaustive)) for name in names]
    with one_thread():
        sigmoids = tuple(row for dtype in formats for name in names for row in _sigmoid(name, dtype, at))
        losses = tuple(row for dtype in formats for name in CROSS_ENTROPIES for row in _loss(name, dtype, at))
        ends = tuple(_ends(name, dtype) for dtype in formats for name in names)
        tried, interrupted = _tried(whole, on_progress)
    return StabilityAnswer(
        settings={"implementation": names, "dtype": formats, "at": tuple(at), "exhaustive": exhaustive},
        environment=describe("cpu", cores()),
        sigmoid=sigmoids,
        worst=tried,
        ends=ends,
        loss=losses,
        interrupted=interrupted,
    )


def _on_request(exhaustive: str | None) -> tuple[DtypeName, ...]:
    match exhaustive:
        case None:
            return ()
        case "float32":
            return ("float32",)
    if known("exhaustive", exhaustive, DTYPES) == "float64":
        raise LabError("exhaustive: float64 has 2⁶⁴ values, which nobody can try; float32 can be tried whole")
    raise LabError(f"exhaustive: {exhaustive} is always tried whole; it is float32 that takes asking")


def _sigmoid(name: SigmoidName, dtype: DtypeName, at: Sequence[float]) -> list[SigmoidRow]:
    return [
        SigmoidRow(
            implementation=name,
            dtype=dtype,
            z=point.z,
            value=point.value.value,
            gradient=point.slope.value,
            exact_value=point.value.exact,
            exact_gradient=point.slope.exact,
            error_ulp=point.value.error_ulp,
            gradient_error_ulp=point.slope.error_ulp,
            verdict=_worse(point),
            value_verdict=point.value.verdict,
            gradient_verdict=point.slope.verdict,
        )
        for point in sigmoid_points(SIGMOIDS[name], FORMATS[dtype], at)
    ]


def _loss(name: LossName, dtype: DtypeName, at: Sequence[float]) -> list[LossRow]:
    return [
        LossRow(
            implementation=name,
            dtype=dtype,
            z=point.z,
            target=target,
            loss=point.value.value,
            gradient=point.slope.value,
            exact_loss=point.value.exact,
            exact_gradient=point.slope.exact,
            error_ulp=point.value.error_ulp,
            gradient_error_ulp=point.slope.error_ulp,
            verdict=_worse(point),
            value_verdict=point.value.verdict,
            gradient_verdict=point.slope.verdict,
        )
        for target in TARGETS
        for point in loss_points(LOSSES[name], target, FORMATS[dtype], at)
    ]


def _worse(point: Point) -> Verdict:
    return max(point.value.verdict, point.slope.verdict, key=VERDICTS.index)


def _ends(name: SigmoidName, dtype: DtypeName) -> EndsRow:
    function, form = SIGMOIDS[name], FORMATS[dtype]
    return EndsRow(
        implementation=name,
        dtype=dtype,
        zero_from=zero_from(function, form),
        one_from=one_from(function, form),
        slope_zero_below=slope_zero_from(function, form, -1),
        slope_zero_above=slope_zero_from(function, form, 1),
    )


def _tried(
    whole: Sequence[tuple[SigmoidName, DtypeName]], on_progress: Callable[[Scanned], None]
) -> tuple[tuple[WorstRow, ...], bool]:
    """Scan one format after another; say whether that was interrupted, which ends it."""
    rows: list[WorstRow] = []
    for name, dtype in whole:
        tell = partial(_tell, on_progress, name, dtype)
        found = scan(SIGMOIDS[name], FORMATS[dtype], tell)
        if found:
            rows.append(_worst(name, dtype, found))
        if not found or found.interrupted:
            return tuple(rows), True
    return tuple(rows), False


def _tell(on_progress: Callable[[Scanned], None], name: SigmoidName, dtype: DtypeName, inputs: int) -> None:
    on_progress(Scanned(name, dtype, inputs, FORMATS[dtype].finite))


def _worst(name: SigmoidName, dtype: DtypeName, found: Scan) -> WorstRow:
    return WorstRow(
        implementation=name,
        dtype=dtype,
        inputs=found.inputs,
        finite_inputs=FORMATS[dtype].finite,
        max_error_ulp=found.max_error_ulp,
        at_z=found.at_z,
        correctly_rounded_share=found.correctly_rounded_share,
        monotonicity_violations=found.monotonicity_violations,
    )
