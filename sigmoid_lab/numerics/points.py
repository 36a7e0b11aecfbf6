"""Value and slope of a sigmoid or of a loss at chosen z, and what they are worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isinf, isnan
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from sigmoid_lab.functions.activations import value_and_slope
from sigmoid_lab.functions.losses import Loss
from sigmoid_lab.numerics import exact
from sigmoid_lab.numerics.cross_entropy import of_logit
from sigmoid_lab.numerics.formats import Format
from sigmoid_lab.results.stability import Verdict

if TYPE_CHECKING:
    from mpmath import mpf

LANES = 64
"""Copies of each z: torch computes long rows and their last few elements by different code, with other last bits."""

EXACT_ULP, CLOSE_ULP = 0.5, 4.0


@dataclass(frozen=True)
class Judged:
    """A computed number beside the exact one, correctly rounded."""

    value: float
    exact: float
    error_ulp: float
    verdict: Verdict


@dataclass(frozen=True)
class Point:
    """Value and slope at one z, which the format holds."""

    z: float
    value: Judged
    slope: Judged


def sigmoid_points(sigmoid: Callable[[Tensor], Tensor], form: Format, at: Sequence[float]) -> list[Point]:
    """Judge an implementation of σ at each z, rounded to the format first."""
    return _points(sigmoid, exact.sigmoid, exact.slope, form, at)


def loss_points(loss: Loss, target: int, form: Format, at: Sequence[float]) -> list[Point]:
    """Judge a form of binary cross-entropy at each logit, rounded to the format first."""
    return _points(
        of_logit(loss, target),
        lambda z: exact.cross_entropy(z, target),
        lambda z: exact.cross_entropy_slope(z, target),
        form,
        at,
    )


def _points(
    function: Callable[[Tensor], Tensor],
    real: Callable[[float], mpf],
    real_slope: Callable[[float], mpf],
    form: Format,
    at: Sequence[float],
) -> list[Point]:
    held = [exact.rounded(z, form) for z in at]
    values, slopes = measure(function, form, held)
    return [
        Point(z, judge(value, real(z), form), judge(slope, real_slope(z), form))
        for z, value, slope in zip(held, values, slopes, strict=True)
    ]


def measure(function: Callable[[Tensor], Tensor], form: Format, z: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return value and slope at each z of a format, the slope as autograd gives it for the sum of the values."""
    points = torch.tensor(z, dtype=form.dtype).repeat_interleave(LANES)
    values, slopes = value_and_slope(function, points)
    return values[::LANES].tolist(), slopes[::LANES].tolist()


def judge(value: float, real: mpf, form: Format) -> Judged:
    """Hold a computed number against the real one."""
    right = exact.rounded(real, form)
    error = exact.error_in_ulp(value, real, form)
    return Judged(value, right, error, verdict(value, right, error))


def verdict(value: float, right: float, error_ulp: float) -> Verdict:
    """Say what a number is worth, given the right one, correctly rounded, and its distance from the real one."""
    if isnan(value) and not isnan(right):
        return "nan"
    if isinf(value) and value != right:
        return "inf"
    lost = value == 0.0 and right != 0.0
    if lost or error_ulp > CLOSE_ULP:
        return "wrong"
    return "exact" if error_ulp <= EXACT_ULP else "close"
