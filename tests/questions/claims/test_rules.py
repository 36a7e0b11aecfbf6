"""Every rule judges by its numbers: measurements that must flip a verdict flip it."""

from math import inf, nan

import pytest

from sigmoid_lab.questions.claims import CLAIMS
from sigmoid_lab.results.claims import ClaimVerdict
from sigmoid_lab.vocabulary import CLAIMS as NAMES
from sigmoid_lab.vocabulary import DTYPES, ClaimName

ENDS = {"below": 0.0, "middle": 0.5, "above": 1.0}
NEVER = {f"zero_{name}": -inf for name in DTYPES} | {f"one_{name}": inf for name in DTYPES}
LIMITS = {f"{where}_{name}": limit for where, limit in ENDS.items() for name in DTYPES}
SIGNS = {f"{what}_{name}": 1e-6 for what in ("above", "below", "least") for name in DTYPES}
SIGNS |= {f"unit_{name}": 1e-3 for name in DTYPES}
SLOPE = {"greatest_slope": 0.25, "at_z": 0.0, "right_float16": 1.0, "right_float32": 1.0}
NAIVE = {"value_below": 0.0, "value_above": 1.0, "exact_below": 0.0, "exact_above": 1.0}
NAIVE |= {"slope_below": 0.0, "slope_above": 0.0, "exact_slope": 0.0}
BCE = {f"bce_loss_{what}_{name}": 0.0 for what in ("values", "slopes") for name in DTYPES}
STABLE = {"mean_loss": 0.23105, "exact_mean_loss": 0.231049, "not_finite": 0.0, "apart": 0.0}
STABLE |= {"points": 9.0, "values_right": 9.0, "slopes_right": 9.0}
RANGES = {"plain_infinite_from": 88.0, "shifted_infinite_from": inf}
RANGES |= {"plain_zero_from": -16.0, "shifted_zero_from": -103.0}
LABELS = {"values_wrong_0": 3.0, "values_wrong_1": 3.0, "slopes_wrong_0": 0.0, "slopes_wrong_1": 0.0, "unlike": 0.0}
RELU = {"others": 0.0, "flat_below": 0.0, "flat_above": 0.0}
RELU |= {"dead_before": 0.1, "dead_after": 0.1, "dead_after_fast": 0.1}
EARLY = {"line": 0.8, "accuracy_a": 0.5, "accuracy_b": 0.79, "moved_a": 0.01, "moved_b": 0.01}

CASES: list[tuple[ClaimName, dict[str, float], ClaimVerdict]] = [
    ("open-interval", NEVER, "holds"),
    ("open-interval", NEVER | {"one_float16": 8.0}, "depends"),
    ("open-interval", NEVER | {f"one_{name}": 8.0 for name in DTYPES}, "fails"),
    ("half-at-zero", LIMITS, "holds"),
    ("half-at-zero", LIMITS | {"above_bfloat16": 0.99}, "depends"),
    ("half-at-zero", LIMITS | {"middle_float64": 0.4}, "fails"),
    ("slope-quarter", SLOPE, "holds"),
    ("slope-quarter", SLOPE | {"right_float32": 0.9}, "depends"),
    ("slope-quarter", SLOPE | {"greatest_slope": 0.26}, "fails"),
    ("slope-quarter", SLOPE | {"at_z": 1.0}, "fails"),
    ("flat-at-five", {"share": 0.009, "saturated_share": 0.01}, "holds"),
    ("flat-at-five", {"share": 0.027, "saturated_share": 0.01}, "depends"),
    ("flat-at-five", {"share": 0.2, "saturated_share": 0.01}, "fails"),
    ("threshold-half-is-zero", SIGNS, "holds"),
    ("threshold-half-is-zero", SIGNS | {"above_float16": 1e-3}, "depends"),
    ("threshold-half-is-zero", SIGNS | {"below_float16": 0.5}, "fails"),
    ("quarter-per-layer", {"factor_a": 0.24, "factor_b": 0.25, "left_a": 0.003, "left_b": 0.0039}, "holds"),
    ("quarter-per-layer", {"factor_a": 0.1, "factor_b": 0.25, "left_a": 0.0001, "left_b": 0.0039}, "depends"),
    ("quarter-per-layer", {"factor_a": 0.3, "factor_b": 0.4, "left_a": 0.008, "left_b": 0.02}, "fails"),
    ("bad-below-good", {"wide_a": 1.0, "narrow_a": 1.0}, "holds"),
    ("bad-below-good", {"wide_a": 1.0, "narrow_a": 0.98}, "depends"),
    ("bad-below-good", {"wide_a": 0.5, "narrow_a": 0.9}, "fails"),
    ("early-layers-untrainable", EARLY, "holds"),
    ("early-layers-untrainable", EARLY | {"accuracy_a": 0.9}, "holds"),
    ("early-layers-untrainable", EARLY | {"accuracy_a": 0.9, "moved_a": 0.5}, "depends"),
    (
        "early-layers-untrainable",
        EARLY | {"accuracy_a": 0.9, "accuracy_b": 0.9, "moved_a": 0.5, "moved_b": 0.5},
        "fails",
    ),
    ("relu-never-saturates", RELU, "holds"),
    ("relu-never-saturates", RELU | {"dead_after_fast": 0.2}, "depends"),
    ("relu-never-saturates", RELU | {"flat_below": 1.0}, "depends"),
    ("relu-never-saturates", RELU | {"flat_above": 0.5}, "fails"),
    ("relu-never-saturates", RELU | {"others": 3.0}, "fails"),
    ("naive-at-1000", NAIVE, "holds"),
    ("naive-at-1000", NAIVE | {"slope_below": nan}, "depends"),
    ("naive-at-1000", NAIVE | {"value_below": nan}, "fails"),
    ("naive-nan-at-minus-500", {"value": nan, "slope": nan}, "holds"),
    ("naive-nan-at-minus-500", {"value": 0.0, "slope": nan}, "depends"),
    ("naive-nan-at-minus-500", {"value": 0.0, "slope": 0.0}, "fails"),
    ("two-branch-everywhere", {"wrong_a": 0.0, "wrong_b": 0.0, "where_a": 5.0}, "holds"),
    ("two-branch-everywhere", {"wrong_a": 0.0, "wrong_b": 1.0}, "depends"),
    ("two-branch-everywhere", {"wrong_a": 2.0, "wrong_b": 1.0}, "fails"),
    ("torch-no-nan", {"nan_values": 0.0, "nan_slopes": 0.0}, "holds"),
    ("torch-no-nan", {"nan_values": 0.0, "nan_slopes": 1.0}, "depends"),
    ("torch-no-nan", {"nan_values": 1.0, "nan_slopes": 0.0}, "fails"),
    ("bce-after-sigmoid-nan", BCE | {"bce_loss_values_float32": 2.0}, "holds"),
    ("bce-after-sigmoid-nan", BCE | {"bce_loss_slopes_float16": 2.0}, "depends"),
    ("bce-after-sigmoid-nan", BCE, "fails"),
    ("with-logits-stable", STABLE, "holds"),
    ("with-logits-stable", STABLE | {"slopes_right": 8.0}, "depends"),
    ("with-logits-stable", STABLE | {"mean_loss": 0.2312}, "fails"),
    ("with-logits-stable", STABLE | {"values_right": 8.0, "not_finite": 1.0}, "fails"),
    ("log-sum-exp", RANGES, "holds"),
    ("log-sum-exp", RANGES | {"shifted_zero_from": -16.0}, "depends"),
    ("log-sum-exp", RANGES | {"shifted_zero_from": -16.0, "shifted_infinite_from": 88.0}, "fails"),
    ("same-gradients", {"parts_below": inf, "parts_above": inf}, "holds"),
    ("same-gradients", {"parts_below": 27.0, "parts_above": 16.0}, "depends"),
    ("same-gradients", {"parts_below": 27.0, "parts_above": 0.5}, "fails"),
    ("stable-loss-symmetric", LABELS, "holds"),
    ("stable-loss-symmetric", LABELS | {"unlike": 2.0}, "depends"),
    ("stable-loss-symmetric", LABELS | {"values_wrong_0": 0.0, "values_wrong_1": 0.0}, "fails"),
    ("gates-exception", {"rnn_a": 0.01, "rnn_b": 1e-9, "lstm_a": 0.5, "lstm_b": 0.02}, "holds"),
    ("gates-exception", {"rnn_a": 0.01, "rnn_b": 1e-9, "lstm_a": 0.5, "lstm_b": 1e-5}, "depends"),
    ("gates-exception", {"rnn_a": 0.6, "rnn_b": 1e-9, "lstm_a": 0.5, "lstm_b": 0.02}, "fails"),
    ("independent-sigmoids", {"better": 1.0, "better_several": 1.0}, "holds"),
    ("independent-sigmoids", {"better": 1.0, "better_several": 0.4}, "depends"),
    ("independent-sigmoids", {"better": 0.5, "better_several": 0.9}, "fails"),
]


@pytest.mark.parametrize(("name", "numbers", "verdict"), CASES)
def test_a_rule_judges_by_what_was_measured(name: ClaimName, numbers: dict[str, float], verdict: ClaimVerdict) -> None:
    assert CLAIMS[name].rule(numbers) == verdict


@pytest.mark.parametrize("name", NAMES)
def test_every_verdict_of_every_claim_is_tried(name: ClaimName) -> None:
    assert {verdict for claim, _, verdict in CASES if claim == name} == {"holds", "depends", "fails"}
