"""What is said of binary cross-entropy."""

from __future__ import annotations

from math import inf, isfinite, isnan
from typing import Any

from sigmoid_lab.functions.losses import LOSSES, Loss
from sigmoid_lab.numerics import exact
from sigmoid_lab.numerics.cross_entropy import infinite_from, of_logit, plain, shifted, slopes_part_from, zero_from
from sigmoid_lab.numerics.formats import FORMATS
from sigmoid_lab.numerics.points import Judged, Point, loss_points, measure
from sigmoid_lab.questions.claims.claim import Claim, Numbers, judged, starting_with
from sigmoid_lab.questions.claims.experiments import accuracy, by_name, lines, networks
from sigmoid_lab.questions.stability import TARGETS, USUAL_Z
from sigmoid_lab.results.claims import ClaimVerdict
from sigmoid_lab.results.stability import RIGHT
from sigmoid_lab.vocabulary import DtypeName, LossName

LOGITS = tuple(z for z in USUAL_Z if isfinite(z))


def _points(loss: Loss, dtype: DtypeName, target: int) -> list[Point]:
    return loss_points(loss, target, FORMATS[dtype], LOGITS)


def _of_both_labels(name: LossName, dtype: DtypeName) -> list[Point]:
    return [point for target in TARGETS for point in _points(LOSSES[name], dtype, target)]


def _right(judged_number: Judged) -> bool:
    return judged_number.verdict in RIGHT


# -------------------------------------------------------------------------------------- bce-after-sigmoid-nan


def _nans() -> Numbers:
    names: dict[str, LossName] = {"bce_loss": "sigmoid-then-bce", "by_hand": "hand-written-bce"}
    numbers: dict[str, float] = {"points": float(len(LOGITS) * len(TARGETS))}
    for key, name in names.items():
        for dtype in FORMATS:
            found = _of_both_labels(name, dtype)
            numbers[f"{key}_values_{dtype}"] = float(sum(isnan(point.value.value) for point in found))
            numbers[f"{key}_slopes_{dtype}"] = float(sum(isnan(point.slope.value) for point in found))
    (far,) = loss_points(LOSSES["sigmoid-then-bce"], 1, FORMATS["float32"], (-1000.0,))
    return numbers | {
        "loss": far.value.value,
        "exact_loss": far.value.exact,
        "slope": far.slope.value,
        "exact_slope": far.slope.exact,
    }


def _nan_somewhere(n: Numbers) -> ClaimVerdict:
    return judged(n["bce_loss_values_float32"] > 0, max(starting_with("bce_loss_", n)) > 0)


# ----------------------------------------------------------------------------------------- with-logits-stable

EXAMPLES = ((100.0, 1.0), (-100.0, 0.0), (0.0, 0.5))
"""Logits with their labels; their mean loss is a third of log 2, and e^−100 more."""
FOUR_DIGITS = 5e-5


def _stable() -> Numbers:
    form, loss = FORMATS["float32"], LOSSES["bce-with-logits"]
    losses = [measure(of_logit(loss, label), form, (z,))[0][0] for z, label in EXAMPLES]
    found, identity = (_of_both_labels(name, "float32") for name in ("bce-with-logits", "max-form"))
    return {
        "mean_loss": sum(losses) / len(losses),
        "exact_mean_loss": float(2 * exact.cross_entropy(100.0, 1) + exact.cross_entropy(0.0, 1)) / 3,
        "points": float(len(found)),
        "not_finite": float(sum(not isfinite(p.value.value) or not isfinite(p.slope.value) for p in found)),
        "values_right": float(sum(_right(point.value) for point in found)),
        "slopes_right": float(sum(_right(point.slope) for point in found)),
        "apart": max(abs(a.value.value - b.value.value) for a, b in zip(found, identity, strict=True)),
    }


def _stable_and_the_same(n: Numbers) -> ClaimVerdict:
    known = abs(n["mean_loss"] - n["exact_mean_loss"]) < FOUR_DIGITS
    everywhere = n["values_right"] == n["slopes_right"] == n["points"] and n["apart"] == 0
    return judged(known and everywhere, known and n["not_finite"] == 0 and n["apart"] < FOUR_DIGITS)


# ------------------------------------------------------------------------------------------------ log-sum-exp


def _saved() -> Numbers:
    return _range("plain", plain) | _range("shifted", shifted) | _range("log1p", LOSSES["max-form"])


def _range(name: str, loss: Loss) -> dict[str, float]:
    """Return where a form of log(1 + e^z) becomes infinite and where 0, and the share of usual z where it is right."""
    form = FORMATS["float32"]
    infinite, zero = infinite_from(loss, 0, form), zero_from(loss, 0, form)
    right = [_right(point.value) for point in _points(loss, "float32", 0)]
    return {
        f"{name}_infinite_from": inf if infinite is None else infinite,
        f"{name}_zero_from": -inf if zero is None else zero,
        f"{name}_right": sum(right) / len(right),
    }


def _range_saved(n: Numbers) -> ClaimVerdict:
    above = n["shifted_infinite_from"] > n["plain_infinite_from"]
    below = n["shifted_zero_from"] < n["plain_zero_from"]
    return judged(above and below, above or below)


# --------------------------------------------------------------------------------------------- same-gradients

PARTED = 0.01
"""Gradients that differ by this share of the right one have parted."""
ORDINARY = 1.0
"""Gradients that part at so small a logit never were the same."""
CONFIDENT: dict[str, Any] = {
    "data": {"kind": "blobs", "samples": 512},
    "network": {"kind": "deep", "depth": 1, "width": 32, "activation": "relu", "init": {"weight_variance": 2500.0}},
    "training": {"steps": 300},
    "measure": {"every": 300},
    "compare": {"loss": ["bce-with-logits", "sigmoid-then-bce"]},
}
"""Networks that start with logits of some thousands, half of them wrong."""
AFTER_MISTAKES = ("accuracy_with_logits", "accuracy_after_sigmoid")


def _gradients() -> Numbers:
    form = FORMATS["float32"]
    loss, right = LOSSES["sigmoid-then-bce"], LOSSES["bce-with-logits"]
    below, above = (slopes_part_from(loss, right, y, form, sign, PARTED) for y, sign in ((1.0, -1), (0.0, 1)))
    (wrong_of_1,), (wrong_of_0,) = (loss_points(loss, y, form, (z,)) for y, z in ((1, -30.0), (0, 30.0)))
    return {
        "parts_below": inf if below is None else abs(below),
        "parts_above": inf if above is None else above,
        "slope_at_minus_30": wrong_of_1.slope.value,
        "exact_at_minus_30": wrong_of_1.slope.exact,
        "slope_at_30": wrong_of_0.slope.value,
        "exact_at_30": wrong_of_0.slope.exact,
        **by_name(AFTER_MISTAKES, networks(CONFIDENT), accuracy),
    }


def _same(n: Numbers) -> ClaimVerdict:
    parting = min(n["parts_below"], n["parts_above"])
    return judged(parting == inf, parting > ORDINARY)


# -------------------------------------------------------------------------------------- stable-loss-symmetric


def _by_label() -> Numbers:
    """Judge logit −z with label 0 beside logit z with label 1, whose losses are the same number."""
    of_0, of_1 = (_points(LOSSES["bce-with-logits"], "float32", target) for target in TARGETS)
    pairs = list(zip(reversed(of_0), of_1, strict=True))
    sure_of_0, sure_of_1 = next(pair for pair in pairs if pair[1].z == 50.0)
    return {
        "logits": float(len(LOGITS)),
        "values_wrong_0": float(sum(not _right(point.value) for point in of_0)),
        "values_wrong_1": float(sum(not _right(point.value) for point in of_1)),
        "slopes_wrong_0": float(sum(not _right(point.slope) for point in of_0)),
        "slopes_wrong_1": float(sum(not _right(point.slope) for point in of_1)),
        "unlike": float(sum(_both_right(one) != _both_right(other) for one, other in pairs)),
        "value_0": sure_of_0.value.value,
        "value_1": sure_of_1.value.value,
        "slope_0": sure_of_0.slope.value,
        "slope_1": sure_of_1.slope.value,
        "exact": sure_of_1.value.exact,
        "exact_slope": sure_of_1.slope.exact,
    }


def _both_right(point: Point) -> tuple[bool, bool]:
    return _right(point.value), _right(point.slope)


def _a_little_and_alike(n: Numbers) -> ClaimVerdict:
    lost = sum(starting_with("values_wrong", n) + starting_with("slopes_wrong", n)) > 0
    return judged(lost and n["unlike"] == 0, lost)


CLAIMS = (
    Claim(
        "bce-after-sigmoid-nan",
        "BCELoss after a sigmoid can give NaN for extreme logits.",
        _nans,
        _nan_somewhere,
        "Of {points} losses up to logits of ±1000, {bce_loss_values_float32} are NaN in float32 and "
        "{bce_loss_values_float16} in float16, of the slopes {bce_loss_slopes_float32} and {bce_loss_slopes_float16}; "
        "at −1000 with label 1 the loss is {loss} and the slope {slope}, where {exact_loss} and {exact_slope} are "
        "right. Written by hand from probabilities, {by_hand_values_float32} losses are NaN in float32.",
        """
import torch

z = torch.tensor([-1000.0], requires_grad=True)
loss = torch.nn.BCELoss()(torch.sigmoid(z), torch.ones(1))
loss.backward()
print("loss", loss.item())
print("slope", z.grad.item())
""",
    ),
    Claim(
        "with-logits-stable",
        "BCEWithLogitsLoss is right there, and equal to max(z, 0) − z·y + log(1 + e^−|z|).",
        _stable,
        _stable_and_the_same,
        "On logits (100, −100, 0) with labels (1, 0, ½) it is {mean_loss:.4f}, and {exact_mean_loss:.4f} is right. Of "
        "{points} up to ±1000 in float32, losses within 4 ULP are {values_right} and slopes {slopes_right}, not finite "
        "{not_finite}; the identity, by log1p, differs from torch's loss by at most {apart}.",
        """
import torch

z, y = torch.tensor([100.0, -100.0, 0.0]), torch.tensor([1.0, 0.0, 0.5])
print("mean_loss", torch.nn.BCEWithLogitsLoss()(z, y).item())
""",
    ),
    Claim(
        "log-sum-exp",
        "The log-sum-exp form of log(1 + e^z) holds where the plain one breaks.",
        _saved,
        _range_saved,
        "In float32 the plain one is infinite from z = {plain_infinite_from} up and 0 from {plain_zero_from} down; "
        "max(z, 0) + log(1 + e^−|z|) from {shifted_infinite_from} and {shifted_zero_from}; with log1p for the "
        "logarithm from {log1p_infinite_from} and {log1p_zero_from}. Of the usual z {plain_right:.0%}, "
        "{shifted_right:.0%} and {log1p_right:.0%} are right.",
        """
import torch

z = torch.linspace(-120, 120, 4_000_001)
plain = torch.log(1 + torch.exp(z))
shifted = z.clamp(min=0) + torch.log(1 + torch.exp(-z.abs()))
print("plain_infinite_from", z[plain.isinf()].min().item())
print("plain_zero_from", z[plain == 0].max().item())
print("shifted_zero_from", z[shifted == 0].max().item())
""",
    ),
    Claim(
        "same-gradients",
        "Sigmoid then BCE and BCE with logits give the same gradients.",
        _gradients,
        _same,
        "They differ by more than 1 % from a logit of −{parts_below} down with label 1, and of {parts_above} up with "
        "label 0: at ∓30 the former gives {slope_at_minus_30} and {slope_at_30}, where {exact_at_minus_30} and "
        "{exact_at_30} are right. Networks that start with confident mistakes end at accuracy "
        "{accuracy_after_sigmoid:.3f} by the former and {accuracy_with_logits:.3f} by the latter.",
        lines(CONFIDENT, AFTER_MISTAKES, "group.metrics['accuracy'].end.median"),
    ),
    Claim(
        "stable-loss-symmetric",
        "Even the stable loss loses a little precision, for label 0 and label 1 alike.",
        _by_label,
        _a_little_and_alike,
        "Of {logits} logits in float32 the loss is more than 4 ULP off at {values_wrong_0} for label 0 and at "
        "{values_wrong_1} for label 1, the slope at {slopes_wrong_0} and {slopes_wrong_1}; mirrored logits fare "
        "differently at {unlike}. Right and sure by 50, the losses are {value_0} and {value_1} where {exact} is right, "
        "the slopes {slope_0} and {slope_1} where that is right but for the sign.",
        """
import torch

z = torch.tensor([-50.0, 50.0], requires_grad=True)
loss = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor([0.0, 1.0]), reduction="none")
(slope,) = torch.autograd.grad(loss.sum(), z)
for label in (0, 1):
    print(f"value_{label}", loss[label].item())
    print(f"slope_{label}", slope[label].item())
""",
    ),
)
