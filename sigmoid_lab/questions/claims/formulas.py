"""What is said of the ways to compute a sigmoid."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from sigmoid_lab.functions.sigmoids import SIGMOIDS
from sigmoid_lab.numerics.formats import FORMATS
from sigmoid_lab.numerics.points import Point, sigmoid_points
from sigmoid_lab.questions.claims.claim import Claim, Numbers, judged, starting_with
from sigmoid_lab.questions.stability import USUAL_Z
from sigmoid_lab.results.claims import ClaimVerdict
from sigmoid_lab.results.stability import RIGHT
from sigmoid_lab.vocabulary import DtypeName, SigmoidName

AT = tuple(z for z in USUAL_Z if not isnan(z))


def _points(name: SigmoidName, dtype: DtypeName, at: Sequence[float]) -> list[Point]:
    return sigmoid_points(SIGMOIDS[name], FORMATS[dtype], at)


def _naive_at_1000() -> Numbers:
    below, above = _points("naive", "float32", (-1000.0, 1000.0))
    return {
        "value_below": below.value.value,
        "value_above": above.value.value,
        "slope_below": below.slope.value,
        "slope_above": above.slope.value,
    }


def _right_both_ways(n: Numbers) -> ClaimVerdict:
    values = (n["value_below"], n["value_above"]) == (0.0, 1.0)
    return judged(values and n["slope_below"] == n["slope_above"] == 0.0, values)


def _naive_at_minus_500() -> Numbers:
    (single,), (double,) = (_points("naive", dtype, (-500.0,)) for dtype in ("float32", "float64"))
    return {
        "value": single.value.value,
        "slope": single.slope.value,
        "slope_float64": double.slope.value,
        "exact_slope_float64": double.slope.exact,
    }


def _nan(n: Numbers) -> ClaimVerdict:
    return judged(isnan(n["value"]), isnan(n["slope"]))


def _shares_right() -> Numbers:
    names: tuple[SigmoidName, ...] = ("two-branch", "where", "torch")
    shares = {f"{name.replace('-', '_')}_{dtype}": _share_right(name, dtype) for name in names for dtype in FORMATS}
    return shares | {"points": float(len(AT))}


def _share_right(name: SigmoidName, dtype: DtypeName) -> float:
    points = _points(name, dtype, AT)
    return sum(p.value.verdict in RIGHT and p.slope.verdict in RIGHT for p in points) / len(points)


def _two_branch_right(n: Numbers) -> ClaimVerdict:
    shares = starting_with("two_branch_", n)
    return judged(min(shares) == 1.0, max(shares) == 1.0)


def _torch_at_extremes() -> Numbers:
    found = [(dtype, point) for dtype in FORMATS for point in _points("torch", dtype, AT)]
    return {
        "points": float(len(found)),
        "nan_values": float(sum(isnan(point.value.value) for _, point in found)),
        "nan_slopes": float(sum(isnan(point.slope.value) for _, point in found)),
        "lost_slopes": float(sum(point.slope.value == 0.0 != point.slope.exact for _, point in found)),
    }


def _no_nan(n: Numbers) -> ClaimVerdict:
    return judged(n["nan_values"] == n["nan_slopes"] == 0.0, n["nan_values"] == 0.0)


CLAIMS = (
    Claim(
        "naive-at-1000",
        "The naive form 1/(1 + e^−z) works at ±1000.",
        _naive_at_1000,
        _right_both_ways,
        "Its values there, {value_below} and {value_above}, are what float32 can hold of the exact ones, for 1/(1 "
        "+ ∞) is 0; but autograd's slopes are {slope_below} at −1000 and {slope_above} at 1000.",
        """
import torch

z = torch.tensor([-1000.0, 1000.0], requires_grad=True)
value = 1 / (1 + torch.exp(-z))
(slope,) = torch.autograd.grad(value.sum(), z)
print(*value.tolist(), *slope.tolist())
""",
    ),
    Claim(
        "naive-nan-at-minus-500",
        "In float32 the naive form gives NaN at −500.",
        _naive_at_minus_500,
        _nan,
        "Its value there is {value}, as it should be; its slope is {slope}, so a training step is lost all the "
        "same. In float64, which holds e^500, the slope is {slope_float64}, and should be {exact_slope_float64}.",
        """
import torch

z = torch.tensor(-500.0, requires_grad=True)
value = 1 / (1 + torch.exp(-z))
value.backward()
print(value.item(), z.grad.item())
""",
    ),
    Claim(
        "two-branch-everywhere",
        "The form with a branch for each sign is right everywhere.",
        _shares_right,
        _two_branch_right,
        "Value and slope are right within 4 ULP at {two_branch_float16:.0%} of {points} z from −∞ to ∞ in float16, "
        "{two_branch_bfloat16:.0%} in bfloat16, {two_branch_float32:.0%} in float32 and {two_branch_float64:.0%} "
        "in float64, if each element takes its own branch alone; by torch.where, which differentiates both, at "
        "{where_float32:.0%} in float32; torch's own sigmoid at {torch_float32:.0%}.",
        """
import sigmoid_lab

usual = sigmoid_lab.stability(["two-branch"], ["float32"]).sigmoid
rows = [row for row in usual if row.z == row.z]
print(sum(row.verdict in ("exact", "close") for row in rows) / len(rows))
""",
    ),
    Claim(
        "torch-no-nan",
        "torch.sigmoid gives no NaN, however extreme its input.",
        _torch_at_extremes,
        _no_nan,
        "Of {points} values and slopes, at z from −∞ to ∞ in four formats, {nan_values} and {nan_slopes} are NaN; "
        "but {lost_slopes} slopes are exactly 0 where the format holds the right one.",
        """
import sigmoid_lab

rows = [row for row in sigmoid_lab.stability(["torch"]).sigmoid if row.z == row.z]
print(len(rows), sum(row.gradient == 0 != row.exact_gradient for row in rows))
""",
    ),
)
