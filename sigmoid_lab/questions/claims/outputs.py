"""What is said of σ itself."""

from __future__ import annotations

from math import inf

from sigmoid_lab.engine.measure import SATURATED_BELOW
from sigmoid_lab.functions.sigmoids import SIGMOIDS
from sigmoid_lab.numerics import exact
from sigmoid_lab.numerics.ends import first, one_from, slope_zero_from, zero_from
from sigmoid_lab.numerics.formats import FORMATS
from sigmoid_lab.numerics.points import measure
from sigmoid_lab.questions.claims.claim import Claim, Numbers, judged, starting_with
from sigmoid_lab.results.claims import ClaimVerdict
from sigmoid_lab.theory.slopes import GREATEST_SLOPES

SIGMOID = SIGMOIDS["torch"]
GREATEST = GREATEST_SLOPES["sigmoid"].slope
GRID = tuple(step / 64 for step in range(-640, 641))
"""From −10 to 10."""
HUNDREDTHS = tuple(step / 100 for step in range(2000))
NEARLY_FLAT = 0.1
"""The share of the greatest slope below which some would call it nearly flat, though the lab would not yet."""
TIES = 0.01
"""So near to 0 a z may have a probability of exactly ½ and the saying still be right elsewhere."""


def _ends() -> Numbers:
    zeros = {f"zero_{name}": zero_from(SIGMOID, form) for name, form in FORMATS.items()}
    ones = {f"one_{name}": one_from(SIGMOID, form) for name, form in FORMATS.items()}
    return {name: -inf if z is None else z for name, z in zeros.items()} | {
        name: inf if z is None else z for name, z in ones.items()
    }


def _never_reached(n: Numbers) -> ClaimVerdict:
    lowest, highest = starting_with("zero_", n), starting_with("one_", n)
    return judged(
        max(lowest) == -inf and min(highest) == inf,
        any(low == -inf and high == inf for low, high in zip(lowest, highest, strict=True)),
    )


def _limits() -> Numbers:
    values = {name: measure(SIGMOID, form, (-inf, 0.0, inf))[0] for name, form in FORMATS.items()}
    return {
        f"{where}_{name}": value
        for name, of_format in values.items()
        for where, value in zip(("below", "middle", "above"), of_format, strict=True)
    }


def _half_and_limits(n: Numbers) -> ClaimVerdict:
    right = [
        set(starting_with(where, n)) == {limit} for where, limit in (("below", 0.0), ("middle", 0.5), ("above", 1.0))
    ]
    return judged(all(right), right[1])


def _slope() -> Numbers:
    form = FORMATS["float64"]
    values, slopes = measure(SIGMOID, form, GRID)
    products = [value * (1.0 - value) for value in values]
    off = [abs(float((product - exact.slope(z)) / exact.slope(z))) for product, z in zip(products, GRID, strict=True)]
    greatest = max(slopes)
    nearest_zero = min((z for z, slope in zip(GRID, slopes, strict=True) if slope == greatest), key=abs)
    lost = slope_zero_from(SIGMOID, FORMATS["float32"], 1)
    return {
        "greatest_slope": greatest,
        "at_z": nearest_zero,
        "formula_off": max(off),
        "float32_zero_from": inf if lost is None else lost,
        "exact_there": 0.0 if lost is None else float(exact.slope(lost)),
    }


def _quarter_at_zero(n: Numbers) -> ClaimVerdict:
    bounded = n["greatest_slope"] == 0.25 and n["at_z"] == 0.0
    return judged(bounded and n["formula_off"] < 1e-9, bounded)


def _flatness() -> Numbers:
    form = FORMATS["float32"]
    _, (below, above) = measure(SIGMOID, form, (-5.0, 5.0))
    zero_below, zero_above = (slope_zero_from(SIGMOID, form, sign) for sign in (-1, 1))
    return {
        "slope_below": below,
        "slope_above": above,
        "share": max(below, above) / GREATEST,
        "saturated_from": next(z for z in HUNDREDTHS if exact.slope(z) < SATURATED_BELOW * GREATEST),
        "zero_below": -inf if zero_below is None else zero_below,
        "zero_above": inf if zero_above is None else zero_above,
    }


def _nearly_flat(n: Numbers) -> ClaimVerdict:
    return judged(n["share"] < SATURATED_BELOW, n["share"] < NEARLY_FLAT)


def _decisions() -> Numbers:
    above = {f"above_{name}": first(lambda z: SIGMOID(z) > 0.5, form, 1) for name, form in FORMATS.items()}
    below = {f"below_{name}": first(lambda z: SIGMOID(z) < 0.5, form, -1) for name, form in FORMATS.items()}
    least = {f"least_{name}": 2.0 ** (form.least_exponent - form.precision + 1) for name, form in FORMATS.items()}
    return {name: inf if z is None else abs(z) for name, z in (above | below).items()} | least


def _decided_by_sign(n: Numbers) -> ClaimVerdict:
    undecided, least = max(starting_with("above_", n) + starting_with("below_", n)), starting_with("least_", n)
    pairs = zip(starting_with("above_", n), starting_with("below_", n), least, strict=True)
    return judged(all(above == below == smallest for above, below, smallest in pairs), undecided < TIES)


CLAIMS = (
    Claim(
        "open-interval",
        "A sigmoid's output lies strictly between 0 and 1.",
        _ends,
        _never_reached,
        "It is exactly 1 from z = {one_float16} in float16, {one_bfloat16} in bfloat16, {one_float32} in float32 "
        "and {one_float64} in float64, and exactly 0 from {zero_float16}, {zero_bfloat16}, {zero_float32} and "
        "{zero_float64} down.",
        """
import torch

z = torch.linspace(-120, 120, 1_000_001)
probability = torch.sigmoid(z)
print(round(z[probability == 1].min().item(), 2), round(z[probability == 0].max().item(), 2))
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

print(*torch.sigmoid(torch.tensor([-torch.inf, 0.0, torch.inf])).tolist())
""",
    ),
    Claim(
        "slope-quarter",
        "The slope is σ(1 − σ), at most ¼, and that at 0.",
        _slope,
        _quarter_at_zero,
        "Between −10 and 10 the greatest slope is {greatest_slope}, at z = {at_z}, and σ(1 − σ) in float64 is off "
        "by at most {formula_off} of itself; but float32 makes it exactly 0 from z = {float32_zero_from}, where it "
        "is {exact_there}.",
        """
import torch

z = torch.arange(-640, 641, dtype=torch.float64).div(64).requires_grad_()
(slope,) = torch.autograd.grad(torch.sigmoid(z).sum(), z)
print(slope.max().item(), z[slope.argmax()].item())
""",
    ),
    Claim(
        "flat-at-five",
        "At |z| = 5 a sigmoid's slope is nearly zero.",
        _flatness,
        _nearly_flat,
        "There it is {slope_above}, {share:.2%} of the greatest: small, and yet the lab calls a unit saturated "
        "only below 1 %, from |z| = {saturated_from:.2f} on. In float32 it is exactly 0 from {zero_above} up, and "
        "only from {zero_below} down.",
        """
import torch

z = torch.tensor([-5.0, 5.0], requires_grad=True)
(slope,) = torch.autograd.grad(torch.sigmoid(z).sum(), z)
print(*slope.tolist(), slope.max().item() / 0.25)
""",
    ),
    Claim(
        "threshold-half-is-zero",
        "A probability above ½ is a logit above 0.",
        _decisions,
        _decided_by_sign,
        "Nearer to 0 the probability is exactly ½: it is above it from z = {above_float16} in float16, "
        "{above_bfloat16} in bfloat16, {above_float32} in float32 and {above_float64} in float64 on, and below it "
        "from half or twice as far; deciding by the logit's sign loses nothing.",
        """
import torch

z = torch.arange(1, 2**15, dtype=torch.int16).view(torch.float16)  # every positive one
print(z[torch.sigmoid(z) > 0.5].min().item())
""",
    ),
)
