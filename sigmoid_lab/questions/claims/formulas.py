"""What is said of the ways to compute a sigmoid."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from sigmoid_lab.functions.sigmoids import SIGMOIDS
from sigmoid_lab.numerics.formats import FORMATS
from sigmoid_lab.numerics.points import Point, sigmoid_points
from sigmoid_lab.numerics.whole import try_whole
from sigmoid_lab.questions.claims.claim import Claim, Numbers, judged, starting_with
from sigmoid_lab.questions.stability import ALWAYS_WHOLE, USUAL_Z
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
        "exact_below": below.value.exact,
        "exact_above": above.value.exact,
        "exact_slope": below.slope.exact,
    }


def _right_both_ways(n: Numbers) -> ClaimVerdict:
    values = (n["value_below"], n["value_above"]) == (n["exact_below"], n["exact_above"])
    return judged(values and n["slope_below"] == n["slope_above"] == n["exact_slope"], values)


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


def _two_branch() -> Numbers:
    whole = {dtype: try_whole(SIGMOIDS["two-branch"], FORMATS[dtype]) for dtype in ALWAYS_WHOLE}
    return {
        **{f"inputs_{dtype}": float(found.inputs) for dtype, found in whole.items()},
        **{f"wrong_{dtype}": float(found.wrong_values + found.wrong_slopes) for dtype, found in whole.items()},
        **{f"wrong_{dtype}": float(_wrong("two-branch", dtype)) for dtype in ("float32", "float64")},
        "points": float(len(AT)),
        "greatest_ulp": max(found.slope_ulp for found in whole.values()),
        "where_float32": float(_wrong("where", "float32")),
        "torch_float32": float(_wrong("torch", "float32")),
    }


def _wrong(name: SigmoidName, dtype: DtypeName) -> int:
    points = _points(name, dtype, AT)
    return sum(not (point.value.verdict in RIGHT and point.slope.verdict in RIGHT) for point in points)


def _right_everywhere(n: Numbers) -> ClaimVerdict:
    wrong = starting_with("wrong_", n)
    return judged(max(wrong) == 0, min(wrong) == 0)


def _torch_at_extremes() -> Numbers:
    whole = [try_whole(SIGMOIDS["torch"], FORMATS[dtype]) for dtype in ALWAYS_WHOLE]
    points = [point for dtype in FORMATS for point in _points("torch", dtype, AT)]
    return {
        "inputs": float(sum(found.inputs for found in whole)),
        "points": float(len(points)),
        "nan_values": float(
            sum(found.nan_values for found in whole) + sum(isnan(point.value.value) for point in points)
        ),
        "nan_slopes": float(
            sum(found.nan_slopes for found in whole) + sum(isnan(point.slope.value) for point in points)
        ),
        "lost_slopes": float(sum(point.slope.value == 0.0 != point.slope.exact for point in points)),
    }


def _no_nan(n: Numbers) -> ClaimVerdict:
    return judged(n["nan_values"] == n["nan_slopes"] == 0.0, n["nan_values"] == 0.0)


CLAIMS = (
    Claim(
        "naive-at-1000",
        "The naive form 1/(1 + e^−z) works at ±1000.",
        _naive_at_1000,
        _right_both_ways,
        "In float32 its values are {value_below} at −1000 and {value_above} at 1000, the exact ones rounded "
        "{exact_below} and {exact_above}; its slopes by autograd are {slope_below} and {slope_above}, the exact ones "
        "rounded {exact_slope}.",
        """
import torch

z = torch.tensor([-1000.0, 1000.0], requires_grad=True)
value = 1 / (1 + torch.exp(-z))
(slope,) = torch.autograd.grad(value.sum(), z)
print("value_below", value[0].item())
print("value_above", value[1].item())
print("slope_below", slope[0].item())
print("slope_above", slope[1].item())
""",
    ),
    Claim(
        "naive-nan-at-minus-500",
        "In float32 the naive form gives NaN at −500.",
        _naive_at_minus_500,
        _nan,
        "Its value there is {value}, and its slope {slope}. In float64 the slope is {slope_float64}, and the exact one "
        "{exact_slope_float64}.",
        """
import torch

z = torch.tensor(-500.0, requires_grad=True)
value = 1 / (1 + torch.exp(-z))
value.backward()
print("value", value.item())
print("slope", z.grad.item())
""",
    ),
    Claim(
        "two-branch-everywhere",
        "The form with a branch for each sign is right everywhere.",
        _two_branch,
        _right_everywhere,
        "Value or slope is off by more than 4 ULP at {wrong_float16} of the {inputs_float16} finite inputs of float16, "
        "the worst by {greatest_ulp:.4f}, at {wrong_bfloat16} of the {inputs_bfloat16} of bfloat16, and at "
        "{wrong_float32} and {wrong_float64} of {points} z in float32 and float64. With torch.where, which "
        "differentiates both branches, that is {where_float32} of {points} in float32; with torch's own sigmoid "
        "{torch_float32}.",
        """
import sigmoid_lab

for name, key in (("two-branch", "wrong_float32"), ("where", "where_float32"), ("torch", "torch_float32")):
    rows = [row for row in sigmoid_lab.stability([name], ["float32"]).sigmoid if row.z == row.z]
    print(key, sum(row.verdict not in ("exact", "close") for row in rows))
""",
    ),
    Claim(
        "torch-no-nan",
        "torch.sigmoid gives no NaN, however extreme its input.",
        _torch_at_extremes,
        _no_nan,
        "Tried on every finite input of float16 and bfloat16, {inputs} in all, and on {points} of four formats from −∞ "
        "to ∞: NaN are {nan_values} values and {nan_slopes} slopes. Exactly 0 where the format holds the right slope "
        "are {lost_slopes} of the latter.",
        """
import sigmoid_lab

rows = [row for row in sigmoid_lab.stability(["torch"]).sigmoid if row.z == row.z]
print("points", len(rows))
print("nan_slopes", sum(row.gradient != row.gradient for row in rows))
print("lost_slopes", sum(row.gradient == 0 != row.exact_gradient for row in rows))
""",
    ),
)
