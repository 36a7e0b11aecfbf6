"""What is said of σ itself."""

from __future__ import annotations

from math import inf

from sigmoid_lab.engine.measure import SATURATED_BELOW
from sigmoid_lab.functions.sigmoids import SIGMOIDS
from sigmoid_lab.numerics import exact
from sigmoid_lab.numerics.ends import first, one_from, slope_zero_from, zero_from
from sigmoid_lab.numerics.formats import FORMATS, Format
from sigmoid_lab.numerics.points import measure, sigmoid_points
from sigmoid_lab.questions.claims.claim import Claim, Numbers, judged, starting_with
from sigmoid_lab.questions.stability import USUAL_Z
from sigmoid_lab.results.claims import ClaimVerdict
from sigmoid_lab.results.stability import RIGHT
from sigmoid_lab.theory.slopes import GREATEST_SLOPES

SIGMOID = SIGMOIDS["torch"]
GREATEST = GREATEST_SLOPES["sigmoid"].slope
GRID = tuple(step / 64 for step in range(-640, 641))
"""From −10 to 10."""
HUNDREDTHS = tuple(step / 100 for step in range(2000))
SMALL = 0.1
"""A slope of less than this share of the greatest is an order of magnitude below it."""
ROUNDED = 2.0
"""Rounding alone makes σ(z) exactly ½ to within 1 unit of 1's last place around 0; twice that allows for torch."""


def _ends() -> Numbers:
    zeros = {f"zero_{name}": zero_from(SIGMOID, form) for name, form in FORMATS.items()}
    ones = {f"one_{name}": one_from(SIGMOID, form) for name, form in FORMATS.items()}
    below = {name: -inf if z is None else z for name, z in zeros.items()}
    return below | {name: inf if z is None else z for name, z in ones.items()}


def _never_reached(n: Numbers) -> ClaimVerdict:
    ends = list(zip(starting_with("zero_", n), starting_with("one_", n), strict=True))
    return judged(all(end == (-inf, inf) for end in ends), any(end == (-inf, inf) for end in ends))


def _limits() -> Numbers:
    values = {name: measure(SIGMOID, form, (-inf, 0.0, inf))[0] for name, form in FORMATS.items()}
    return {
        f"{where}_{name}": value
        for name, of_format in values.items()
        for where, value in zip(("below", "middle", "above"), of_format, strict=True)
    }


def _half_and_limits(n: Numbers) -> ClaimVerdict:
    limits = {"below": 0.0, "middle": 0.5, "above": 1.0}
    right = {where: set(starting_with(where, n)) == {limit} for where, limit in limits.items()}
    return judged(all(right.values()), right["middle"])


def _slopes() -> Numbers:
    _, slopes = measure(SIGMOID, FORMATS["float64"], GRID)
    greatest = max(slopes)
    at = min((z for z, slope in zip(GRID, slopes, strict=True) if slope == greatest), key=abs)
    right = {f"right_{name}": _share_right(form) for name, form in FORMATS.items()}
    return {"greatest_slope": greatest, "at_z": at, **right}


def _share_right(form: Format) -> float:
    points = [point for point in sigmoid_points(SIGMOID, form, USUAL_Z) if point.z == point.z]
    return sum(point.slope.verdict in RIGHT for point in points) / len(points)


def _quarter_at_zero(n: Numbers) -> ClaimVerdict:
    bounded = n["greatest_slope"] == 0.25 and n["at_z"] == 0.0
    return judged(bounded and min(starting_with("right_", n)) == 1.0, bounded)


def _flatness() -> Numbers:
    form = FORMATS["float32"]
    _, (below, above) = measure(SIGMOID, form, (-5.0, 5.0))
    zero_below, zero_above = (slope_zero_from(SIGMOID, form, sign) for sign in (-1, 1))
    return {
        "slope_below": below,
        "slope_above": above,
        "share": max(below, above) / GREATEST,
        "saturated_share": SATURATED_BELOW,
        "saturated_from": next(z for z in HUNDREDTHS if exact.slope(z) < SATURATED_BELOW * GREATEST),
        "zero_below": -inf if zero_below is None else zero_below,
        "zero_above": inf if zero_above is None else zero_above,
    }


def _nearly_flat(n: Numbers) -> ClaimVerdict:
    return judged(n["share"] < n["saturated_share"], n["share"] < SMALL)


def _decisions() -> Numbers:
    above = {f"above_{name}": first(lambda z: SIGMOID(z) > 0.5, form, 1) for name, form in FORMATS.items()}
    below = {f"below_{name}": first(lambda z: SIGMOID(z) < 0.5, form, -1) for name, form in FORMATS.items()}
    found = {name: inf if z is None else abs(z) for name, z in (above | below).items()}
    least = {f"least_{name}": 2.0 ** form.place(0.0) for name, form in FORMATS.items()}
    return found | least | {f"unit_{name}": 2.0 ** form.place(1.0) for name, form in FORMATS.items()}


def _decided_by_sign(n: Numbers) -> ClaimVerdict:
    decided = (starting_with(part, n) for part in ("above_", "below_", "least_", "unit_"))
    rows = list(zip(*decided, strict=True))
    return judged(
        all(above == below == least for above, below, least, _ in rows),
        all(max(above, below) <= ROUNDED * unit for above, below, _, unit in rows),
    )


CLAIMS = (
    Claim(
        "open-interval",
        "A sigmoid's output lies strictly between 0 and 1.",
        _ends,
        _never_reached,
        "torch's is exactly 1 from z = {one_float16} in float16, {one_bfloat16} in bfloat16, {one_float32} in float32 "
        "and {one_float64} in float64, and exactly 0 from {zero_float16}, {zero_bfloat16}, {zero_float32} and "
        "{zero_float64} down.",
        """
import torch

z = torch.linspace(-120, 120, 4_000_001)
probability = torch.sigmoid(z)
print("one_float32", z[probability == 1].min().item())
print("zero_float32", z[probability == 0].max().item())
""",
    ),
    Claim(
        "half-at-zero",
        "σ(0) is ½, and far out σ tends to 0 and to 1.",
        _limits,
        _half_and_limits,
        "In float16, bfloat16, float32 and float64 σ(0) is {middle_float16}, {middle_bfloat16}, {middle_float32} and "
        "{middle_float64}, σ(−∞) {below_float16}, {below_bfloat16}, {below_float32} and {below_float64}, and σ(∞) "
        "{above_float16}, {above_bfloat16}, {above_float32} and {above_float64}.",
        """
import torch

below, middle, above = torch.sigmoid(torch.tensor([-torch.inf, 0.0, torch.inf])).tolist()
print("below_float32", below)
print("middle_float32", middle)
print("above_float32", above)
""",
    ),
    Claim(
        "slope-quarter",
        "The slope is σ(1 − σ), at most ¼, and that at 0.",
        _slopes,
        _quarter_at_zero,
        "From −10 to 10 the greatest slope is {greatest_slope}, at z = {at_z}. Computed as σ(1 − σ) from a rounded σ, "
        "as autograd does, it is within 4 ULP of the exact one at {right_float16:.0%} of the usual z in float16, "
        "{right_bfloat16:.0%} in bfloat16, {right_float32:.0%} in float32 and {right_float64:.0%} in float64.",
        """
import sigmoid_lab
import torch

z = torch.arange(-640, 641, dtype=torch.float64).div(64).requires_grad_()
(slope,) = torch.autograd.grad(torch.sigmoid(z).sum(), z)
print("greatest_slope", slope.max().item())
print("at_z", z[slope.argmax()].item())
rows = [row for row in sigmoid_lab.stability(["torch"], ["float32"]).sigmoid if row.z == row.z]
print("right_float32", sum(row.gradient_verdict in ("exact", "close") for row in rows) / len(rows))
""",
    ),
    Claim(
        "flat-at-five",
        "At |z| = 5 a sigmoid's slope is nearly zero.",
        _flatness,
        _nearly_flat,
        "There it is {slope_above}, {share:.2%} of the greatest; the lab calls a unit saturated below "
        "{saturated_share:.0%}, which is from |z| = {saturated_from:.2f} on. In float32 it is exactly 0 from "
        "{zero_above} up and from {zero_below} down.",
        """
import torch

z = torch.tensor([-5.0, 5.0], requires_grad=True)
(slope,) = torch.autograd.grad(torch.sigmoid(z).sum(), z)
print("slope_above", slope[1].item())
print("share", slope.max().item() / 0.25)
""",
    ),
    Claim(
        "threshold-half-is-zero",
        "A probability above ½ is a logit above 0.",
        _decisions,
        _decided_by_sign,
        "Nearer to 0 the probability is exactly ½: it is above from z = {above_float16} in float16, {above_bfloat16} "
        "in bfloat16, {above_float32} in float32 and {above_float64} in float64 on, and below from −{below_float16}, "
        "−{below_bfloat16}, −{below_float32} and −{below_float64}; a unit of 1's last place is {unit_float16}, "
        "{unit_bfloat16}, {unit_float32} and {unit_float64}.",
        """
import torch

z = torch.arange(1, 31744, dtype=torch.int16).view(torch.float16)  # every positive one
print("above_float16", z[torch.sigmoid(z) > 0.5].min().item())
""",
    ),
)
