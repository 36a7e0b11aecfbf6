"""Every finite input of a format through one implementation.

The reference is torch's σ in float64, 1/(1 + e^−z). Its exponential is within 1 ULP, 2^−52 of itself at most, its sum
and its quotient within ½ each, so it is off by less than 2^−51 of itself. A unit of float32's last place is at least
2^−24 of a value, so errors come out wrong by less than 2^−27 ULP, and whether a value is the correctly rounded one is
undecided only where the real one lies that near to the middle of two neighbours: some hundred of 2^32 inputs.
The greatest error is told as exact arithmetic has it at that input, for the value that was seen there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isnan

import torch
from torch import Tensor

from sigmoid_lab.numerics import exact
from sigmoid_lab.numerics.formats import FORMATS, Format

CHUNK = 2**17
"""Values computed at once: few enough for a core's caches, and enough that threads seldom wait for the interpreter."""

SPAN = 2**22
"""Values between two looks at progress, and the most that Ctrl-C waits for, a thread."""


@dataclass(frozen=True)
class Span:
    """What came of the inputs from number ``start`` to before ``stop``, in ascending order."""

    start: int
    stop: int
    first: float
    last: float
    """The values at both ends."""

    error: float
    z: float
    value: float
    """The greatest error, where, and the value there; infinite for a value that is not finite."""

    rounded: int
    falls: int


@dataclass(frozen=True)
class Scan:
    """What came of all inputs that were tried."""

    inputs: int
    max_error_ulp: float
    at_z: float
    correctly_rounded_share: float
    monotonicity_violations: int
    interrupted: bool


def scan(
    function: Callable[[Tensor], Tensor], form: Format, on_progress: Callable[[int], None] = lambda _: None
) -> Scan | None:
    """Try every finite input on all cores, telling ``on_progress`` how many are done.

    Ctrl-C ends it early, with what is known by then, or with None.
    """
    starts = range(0, form.finite, SPAN)
    with ThreadPoolExecutor(min(len(starts), cores())) as pool:
        futures = [pool.submit(try_span, function, form, start, min(start + SPAN, form.finite)) for start in starts]
        interrupted = False
        try:
            _report(futures, on_progress)
        except KeyboardInterrupt:
            interrupted = True
            pool.shutdown(cancel_futures=True)
    spans = [future.result() for future in futures if not future.cancelled()]
    return _joined(spans, form, interrupted) if spans else None


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _report(futures: Sequence[Future[Span]], on_progress: Callable[[int], None]) -> None:
    inputs = 0
    for future in as_completed(futures):
        span = future.result()
        inputs += span.stop - span.start
        on_progress(inputs)


def _joined(spans: Sequence[Span], form: Format, interrupted: bool) -> Scan:
    worst = max(spans, key=lambda span: span.error)
    between = sum(after.first < before.last for before, after in pairwise(spans) if before.stop == after.start)
    inputs = sum(span.stop - span.start for span in spans)
    return Scan(
        inputs=inputs,
        max_error_ulp=exact.error_in_ulp(worst.value, exact.sigmoid(worst.z), form),
        at_z=worst.z,
        correctly_rounded_share=sum(span.rounded for span in spans) / inputs,
        monotonicity_violations=between + sum(span.falls for span in spans),
        interrupted=interrupted,
    )


class Desk:
    """Room for what is worked out of a chunk; fresh memory for each would cost more than the arithmetic."""

    def __init__(self, form: Format, count: int) -> None:
        self.real, self.error, self.unit = torch.empty(3, count, dtype=torch.float64)
        self.right, self.gap = torch.empty(2, count, dtype=form.dtype)


@torch.no_grad()
def try_span(function: Callable[[Tensor], Tensor], form: Format, start: int, stop: int) -> Span:
    """Try some inputs, a chunk at a time."""
    greatest, at_z, at_value = -1.0, 0.0, 0.0
    rounded = falls = 0
    ends: list[float] = []
    desk = Desk(form, min(CHUNK, stop - start))
    for low in range(start, stop, CHUNK):
        z = form.ordered(low, min(low + CHUNK, stop))
        if len(z) < len(desk.real):
            desk = Desk(form, len(z))
        value = function(z)
        real = desk.real.copy_(z).sigmoid_()
        right = nearest(real, form, desk.right)
        rounded += len(z) - _not_zero(torch.sub(value, right, out=desk.gap))
        falls += _below_zero(torch.sub(value[1:], value[:-1], out=desk.gap[1:]))
        falls += low > start and float(value[0]) < ends[-1]
        ends += [float(value[0]), float(value[-1])]
        unit = desk.unit.copy_(form.power_of_two(right))
        errors = desk.error.copy_(value).sub_(real).abs_().div_(unit)
        error = float(errors.amax())
        if (inf if isnan(error) else error) > greatest:
            index = int(errors.argmax())
            greatest, at_z, at_value = inf if isnan(error) else error, float(z[index]), float(value[index])
    return Span(start, stop, ends[0], ends[-1], greatest, at_z, at_value, rounded, falls)


def nearest(real: Tensor, form: Format, out: Tensor) -> Tensor:
    """Round numbers in float64, σ of something, to a format.

    torch goes from float64 to 16 bits by way of float32, which rounds twice; in units of their last place numbers are
    rounded once.
    """
    if form.dtype is torch.float32:
        return out.copy_(real)
    unit = FORMATS["float64"].power_of_two(real).clamp_(min=2.0**form.least_exponent).mul_(2.0 ** (1 - form.precision))
    return out.copy_((real / unit).round_().mul_(unit))


def _not_zero(numbers: Tensor) -> int:
    """Count what is not 0, NaN too; mostly nothing, which two extremes tell sooner than a count."""
    least, greatest = numbers.aminmax()
    return 0 if least == greatest == 0.0 else int(numbers.count_nonzero())


def _below_zero(numbers: Tensor) -> int:
    """Count what is below 0; mostly nothing."""
    return 0 if not len(numbers) or numbers.amin() >= 0.0 else int((numbers < 0.0).sum())
