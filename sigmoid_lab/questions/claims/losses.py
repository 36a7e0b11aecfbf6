"""What is said of binary cross-entropy."""

from __future__ import annotations

from math import inf, isfinite, isnan
from typing import Any

from sigmoid_lab.functions.losses import LOSSES, Loss
from sigmoid_lab.numerics import exact
from sigmoid_lab.numerics.cross_entropy import infinite_from, of_logit, plain, slopes_part_from, zero_from
from sigmoid_lab.numerics.formats import FORMATS
from sigmoid_lab.numerics.points import Point, loss_points, measure
from sigmoid_lab.questions.claims.claim import Claim, Numbers, judged, starting_with
from sigmoid_lab.questions.claims.experiments import accuracy, by_name, lines, networks
from sigmoid_lab.questions.stability import TARGETS, USUAL_Z
from sigmoid_lab.results.claims import ClaimVerdict
from sigmoid_lab.results.stability import RIGHT
from sigmoid_lab.vocabulary import DtypeName, LossName

LOGITS = tuple(z for z in USUAL_Z if isfinite(z))
EXAMPLES = ((100.0, 1.0), (-100.0, 0.0), (0.0, 0.5))
"""Logits with their labels."""
PARTED = 0.01
"""Gradients that differ by this share of the right one have parted."""


def _points(loss: Loss, dtype: DtypeName, target: int) -> list[Point]:
    return loss_points(loss, target, FORMATS[dtype], LOGITS)


def _nans() -> Numbers:
    names: dict[str, LossName] = {"bce_loss": "sigmoid-then-bce", "by_hand": "hand-written-bce"}
    numbers: dict[str, float] = {}
    for key, name in names.items():
        for dtype in FORMATS:
            found = [point for target in TARGETS for point in _points(LOSSES[name], dtype, target)]
            numbers[f"{key}_values_{dtype}"] = float(sum(isnan(point.value.value) for point in found))
            numbers[f"{key}_slopes_{dtype}"] = float(sum(isnan(point.slope.value) for point in found))
    (loss,), (slope,) = measure(of_logit(LOSSES["sigmoid-then-bce"], 1.0), FORMATS["float32"], (-1000.0,))
    return numbers | {"loss_at_minus_1000": loss, "slope_at_minus_1000": slope}


def _nan_somewhere(n: Numbers) -> ClaimVerdict:
    return judged(n["bce_loss_values_float32"] > 0, max(starting_with("bce_loss_", n)) > 0)


def _stable() -> Numbers:
    form = FORMATS["float32"]
    losses = [measure(of_logit(LOSSES["bce-with-logits"], label), form, (z,))[0][0] for z, label in EXAMPLES]
    steps = tuple(step / 4 for step in range(-400, 401))
    torchs, identity = (
        [value for y in TARGETS for value in measure(of_logit(loss, y), form, steps)[0]]
        for loss in (LOSSES["bce-with-logits"], LOSSES["max-form"])
    )
    apart = [abs(one - other) for one, other in zip(torchs, identity, strict=True)]
    far = [point for target in TARGETS for point in _points(LOSSES["bce-with-logits"], "float32", target)]
    return {
        "mean_loss": sum(losses) / len(losses),
        "apart": max(apart),
        "apart_of_itself": max(gap / value for gap, value in zip(apart, identity, strict=True)),
        "not_finite": float(sum(not abs(point.value.value) + abs(point.slope.value) < inf for point in far)),
        "points": float(len(far)),
    }


def _stable_and_the_same(n: Numbers) -> ClaimVerdict:
    usable = round(n["mean_loss"], 4) == 0.2310 and n["apart"] < 1e-5 and n["not_finite"] == 0
    return judged(usable and n["apart_of_itself"] < 1e-5, usable)


def _saved() -> Numbers:
    return _range("plain", plain) | _range("saved", LOSSES["max-form"])


def _range(name: str, loss: Loss) -> dict[str, float]:
    """Return where a form of log(1 + e^z) becomes infinite and where 0, and the share of usual z where it is right."""
    form = FORMATS["float32"]
    infinite, zero = infinite_from(loss, 0, form), zero_from(loss, 0, form)
    right = [point.value.verdict in RIGHT for point in _points(loss, "float32", 0)]
    return {
        f"{name}_infinite_from": inf if infinite is None else infinite,
        f"{name}_zero_from": -inf if zero is None else zero,
        f"{name}_right": sum(right) / len(right),
    }


def _range_saved(n: Numbers) -> ClaimVerdict:
    above = n["saved_infinite_from"] > n["plain_infinite_from"]
    below = n["saved_zero_from"] < n["plain_zero_from"]
    return judged(above and below and n["saved_right"] == 1.0, above or below)


CONFIDENT: dict[str, Any] = {
    "data": {"kind": "blobs", "samples": 512},
    "network": {"kind": "deep", "depth": 1, "width": 32, "activation": "relu", "init": {"weight_variance": 2500.0}},
    "training": {"steps": 300},
    "measure": {"every": 300},
    "compare": {"loss": ["bce-with-logits", "sigmoid-then-bce"]},
}
"""Networks that start with logits of some thousands, half of them wrong."""


def _gradients() -> Numbers:
    form = FORMATS["float32"]
    sides = {"below": (-1, 1.0), "above": (1, 0.0)}
    losses = LOSSES["sigmoid-then-bce"], LOSSES["bce-with-logits"]
    parting = {
        f"parts_{side}": slopes_part_from(*losses, target, form, sign, PARTED) for side, (sign, target) in sides.items()
    }
    (below,), (above,) = (
        measure(of_logit(LOSSES["sigmoid-then-bce"], target), form, (30.0 * sign,))[1]
        for sign, target in sides.values()
    )
    learnt = by_name(("accuracy_with_logits", "accuracy_after_sigmoid"), networks(CONFIDENT), accuracy)
    return {
        **{name: inf if z is None else abs(z) for name, z in parting.items()},
        "slope_at_minus_30": below,
        "slope_at_30": above,
        **learnt,
    }


def _same(n: Numbers) -> ClaimVerdict:
    first_parting = min(n["parts_below"], n["parts_above"])
    return judged(first_parting == inf, first_parting > 1.0)


def _by_label() -> Numbers:
    numbers: dict[str, float] = {}
    for target in TARGETS:
        found = _points(LOSSES["bce-with-logits"], "float32", target)
        numbers[f"values_right_{target}"] = float(sum(point.value.verdict in RIGHT for point in found))
        numbers[f"slopes_right_{target}"] = float(sum(point.slope.verdict in RIGHT for point in found))
    right_for_0, right_for_1 = (
        measure(of_logit(LOSSES["bce-with-logits"], target), FORMATS["float32"], (sign * 50.0,))
        for sign, target in ((-1, 0.0), (1, 1.0))
    )
    return numbers | {
        "points": float(len(LOGITS)),
        "value_at_minus_50_label_0": right_for_0[0][0],
        "value_at_50_label_1": right_for_1[0][0],
        "slope_at_minus_50_label_0": right_for_0[1][0],
        "slope_at_50_label_1": right_for_1[1][0],
        "exact": float(exact.cross_entropy(50.0, 1)),
    }


def _symmetric(n: Numbers) -> ClaimVerdict:
    values, slopes = n["values_right_0"] == n["values_right_1"], n["slopes_right_0"] == n["slopes_right_1"]
    return judged(values and slopes, values or slopes)


CLAIMS = (
    Claim(
        "bce-after-sigmoid-nan",
        "BCELoss after a sigmoid can give NaN for extreme logits.",
        _nans,
        _nan_somewhere,
        "torch's BCELoss gives {bce_loss_values_float32} NaN in float32, for it holds log p at −100 or above: at "
        "logit −1000 with label 1 the loss is {loss_at_minus_1000} instead of 1000, and the slope "
        "{slope_at_minus_1000} instead of −1. In float16 {bce_loss_slopes_float16} of its slopes are NaN. Written "
        "by hand the loss itself is NaN {by_hand_values_float32} times in float32.",
        """
import torch

z = torch.tensor([-1000.0], requires_grad=True)
loss = torch.nn.BCELoss()(torch.sigmoid(z), torch.ones(1))
loss.backward()
print(loss.item(), z.grad.item())
""",
    ),
    Claim(
        "with-logits-stable",
        "BCEWithLogitsLoss is right there, and equal to max(z, 0) − z·y + log(1 + e^−|z|).",
        _stable,
        _stable_and_the_same,
        "On logits (100, −100, 0) with labels (1, 0, ½) it is {mean_loss:.4f}; of {points} losses and slopes up to "
        "±1000 {not_finite} are not finite. From −100 to 100 the identity differs by at most {apart}; but of the loss "
        "itself that can be {apart_of_itself:.0%}, where torch gives a tiny one as 0.",
        """
import torch

z, y = torch.tensor([100.0, -100.0, 0.0]), torch.tensor([1.0, 0.0, 0.5])
print(torch.nn.BCEWithLogitsLoss()(z, y).item())
""",
    ),
    Claim(
        "log-sum-exp",
        "The log-sum-exp form of log(1 + e^z) holds where the plain one breaks.",
        _saved,
        _range_saved,
        "In float32 the plain one is infinite from z = {plain_infinite_from} up and 0 from {plain_zero_from} down; "
        "max(z, 0) + log(1 + e^−|z|) only from {saved_infinite_from} and {saved_zero_from}. Of the "
        "usual z {plain_right:.0%} come out right by the one and {saved_right:.0%} by the other.",
        """
import torch

z = torch.linspace(0, 120, 1_000_001)
plain, saved = torch.log(1 + torch.exp(z)), torch.logaddexp(torch.zeros(()), z)
print(round(z[plain.isinf()].min().item(), 2), *z[saved.isinf()].tolist())
""",
    ),
    Claim(
        "same-gradients",
        "Sigmoid then BCE and BCE with logits give the same gradients.",
        _gradients,
        _same,
        "They differ by more than 1 % from a logit of −{parts_below} with label 1, and of {parts_above} with label "
        "0: at ∓30 the former gives {slope_at_minus_30} and {slope_at_30} instead of −1 and 1. Networks that start "
        "with confident mistakes end at accuracy {accuracy_after_sigmoid:.3f} by the former, "
        "{accuracy_with_logits:.3f} by the latter.",
        lines(CONFIDENT, "group.metrics['accuracy'].end.median"),
    ),
    Claim(
        "stable-loss-symmetric",
        "The stable loss is as precise for label 0 as for label 1.",
        _by_label,
        _symmetric,
        "Of {points} logits in float32 values are right at {values_right_0} for label 0 and {values_right_1} for "
        "label 1, slopes at {slopes_right_0} and {slopes_right_1}: sure and right by 50, the loss is "
        "{value_at_minus_50_label_0} for label 0 and {value_at_50_label_1} for label 1, the slope "
        "{slope_at_minus_50_label_0} and {slope_at_50_label_1}, where {exact} is right for all four but for the "
        "sign.",
        """
import torch

z = torch.tensor([-50.0, 50.0], requires_grad=True)
loss = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor([0.0, 1.0]), reduction="none")
(slope,) = torch.autograd.grad(loss.sum(), z)
print(*loss.tolist(), *slope.tolist())
""",
    ),
)
