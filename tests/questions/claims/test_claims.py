import io
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from sigmoid_lab.errors import LabError
from sigmoid_lab.functions.losses import LOSSES
from sigmoid_lab.functions.sigmoids import SIGMOIDS
from sigmoid_lab.numerics.cross_entropy import plain
from sigmoid_lab.questions.claims import CLAIMS, claims, depth, labels, losses, measured, outputs
from sigmoid_lab.questions.claims import gates as gates_claims
from sigmoid_lab.questions.gates import gates
from sigmoid_lab.results.claims import Claimed, ClaimRow
from sigmoid_lab.results.gates import GatesAnswer
from sigmoid_lab.results.spread import Spread
from sigmoid_lab.vocabulary import CLAIMS as NAMES
from sigmoid_lab.vocabulary import ClaimName, LossName, SigmoidName

ROWS: dict[ClaimName, ClaimRow] = {}


def row(name: ClaimName) -> ClaimRow:
    """Measure a claim once for all tests of a process."""
    return ROWS.setdefault(name, ROWS.get(name) or measured(CLAIMS[name]))


@pytest.mark.parametrize("name", NAMES)
def test_the_evidence_tells_numbers_and_leaves_no_place_empty(name: ClaimName) -> None:
    assert re.search(r"\d", row(name).evidence)
    assert not re.search(r"[{}]|\bnan\b|\binf\b", row(name).evidence)


@pytest.mark.parametrize("name", NAMES)
def test_the_python_given_prints_numbers_that_were_measured(
    name: ClaimName, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(row(name).reproduce, name, "exec"), {"__name__": "__main__"})
    lines = [line.split() for line in printed.getvalue().splitlines()]
    assert lines
    assert list(tmp_path.iterdir()) == []
    for what, value in lines:
        assert float(value) == pytest.approx(row(name).numbers[what], rel=1e-3, nan_ok=True), what


def test_a_rule_is_shown_after_the_constants_that_it_names() -> None:
    shown = measured(CLAIMS["flat-at-five"]).rule
    assert shown.splitlines()[:2] == ["SMALL = 0.1", "def _nearly_flat(n: Numbers) -> ClaimVerdict:"]


def clamped(z: torch.Tensor) -> torch.Tensor:
    return torch.sigmoid(z).clamp(0.01, 0.99)


@pytest.mark.parametrize(
    ("name", "broken", "verdict"),
    [
        ("open-interval", clamped, "holds"),
        ("half-at-zero", clamped, "depends"),
        ("half-at-zero", lambda z: 0.9 * torch.sigmoid(z), "fails"),
        ("slope-quarter", lambda z: torch.sigmoid(2.0 * z), "fails"),
        ("slope-quarter", SIGMOIDS["two-branch"], "holds"),
        ("flat-at-five", lambda z: torch.sigmoid(2.0 * z), "holds"),
        ("threshold-half-is-zero", lambda z: torch.sigmoid(z - 1.0), "fails"),
    ],
)
def test_another_function_than_sigmoid_gets_another_verdict(
    name: ClaimName, broken: Callable[[torch.Tensor], torch.Tensor], verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = row(name).verdict
    monkeypatch.setattr(outputs, "SIGMOID", broken)
    assert measured(CLAIMS[name]).verdict == verdict != usual


@pytest.mark.parametrize(
    ("implementation", "broken", "name", "verdict"),
    [
        ("two-branch", lambda z: 0.9 * torch.sigmoid(z), "two-branch-everywhere", "fails"),
        ("torch", lambda z: torch.exp(z) / (1.0 + torch.exp(z)), "torch-no-nan", "fails"),
        ("torch", SIGMOIDS["where"], "torch-no-nan", "depends"),
        ("naive", SIGMOIDS["two-branch"], "naive-at-1000", "holds"),
        ("naive", SIGMOIDS["ratio"], "naive-at-1000", "fails"),
        ("naive", SIGMOIDS["two-branch"], "naive-nan-at-minus-500", "fails"),
        ("naive", lambda z: torch.exp(z) * torch.exp(-z) * 0.5, "naive-nan-at-minus-500", "holds"),
    ],
)
def test_another_implementation_gets_another_verdict(
    implementation: SigmoidName,
    broken: Callable[[torch.Tensor], torch.Tensor],
    name: ClaimName,
    verdict: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = row(name).verdict
    monkeypatch.setitem(SIGMOIDS, implementation, broken)
    assert measured(CLAIMS[name]).verdict == verdict != usual


@pytest.mark.parametrize(
    ("loss", "other", "name", "verdict"),
    [
        ("sigmoid-then-bce", LOSSES["hand-written-bce"], "bce-after-sigmoid-nan", "holds"),
        ("sigmoid-then-bce", LOSSES["bce-with-logits"], "bce-after-sigmoid-nan", "fails"),
        ("bce-with-logits", lambda z, y: 1.001 * LOSSES["max-form"](z, y), "with-logits-stable", "fails"),
        ("bce-with-logits", LOSSES["hand-written-bce"], "with-logits-stable", "fails"),
        ("sigmoid-then-bce", LOSSES["bce-with-logits"], "same-gradients", "holds"),
        ("sigmoid-then-bce", LOSSES["mse"], "same-gradients", "fails"),
    ],
)
def test_another_loss_gets_another_verdict(
    loss: LossName,
    other: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    name: ClaimName,
    verdict: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = row(name).verdict
    monkeypatch.setitem(LOSSES, loss, other)
    monkeypatch.setitem(losses.CONFIDENT, "training", {"steps": 1})
    assert measured(CLAIMS[name]).verdict == verdict != usual


def test_a_loss_that_treats_both_labels_alike_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LOSSES, "bce-with-logits", lambda z, y: plain((1.0 - 2.0 * y) * z, torch.zeros_like(z)))
    assert measured(CLAIMS["stable-loss-symmetric"]).verdict == "holds"


def test_a_shift_that_saved_nothing_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "shifted", plain)
    assert measured(CLAIMS["log-sum-exp"]).verdict == "fails"


@pytest.mark.parametrize(
    ("settings", "block", "other", "name", "verdict"),
    [
        (depth.SIGMOIDS_ALONE, "network", {"depth": 4, "activation": "tanh"}, "quarter-per-layer", "fails"),
        (depth.NARROW, "network", {"depth": 4, "width": 64}, "bad-below-good", "holds"),
        (depth.TRAINED, "training", {"steps": 5}, "early-layers-untrainable", "holds"),
        (depth.TRAINED, "network", {"width": 32, "depth": 1}, "early-layers-untrainable", "fails"),
    ],
)
def test_other_networks_get_another_verdict(
    settings: dict[str, Any],
    block: str,
    other: dict[str, Any],
    name: ClaimName,
    verdict: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = row(name).verdict
    monkeypatch.setitem(settings, block, other)
    assert measured(CLAIMS[name]).verdict == verdict != usual


def test_relu_networks_that_never_learn_lose_no_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = row("relu-never-saturates").numbers
    monkeypatch.setitem(depth.RELU, "training", {"steps": 1, "batch_size": 384})
    numbers = measured(CLAIMS["relu-never-saturates"]).numbers
    assert numbers["dead_before"] == numbers["dead_after"] < usual["dead_after_fast"]


def test_heads_that_are_alike_get_another_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(labels.HEADS, "softmax", labels.HEADS["sigmoid"])
    assert measured(CLAIMS["independent-sigmoids"]).verdict == "fails"


def test_gates_that_keep_less_get_another_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*arguments: Any, **options: Any) -> GatesAnswer:
        answer = gates(*arguments, **options)
        none = Spread.of([0.0])
        return replace(
            answer, rows=tuple(replace(r, gradient_norm=none) if r.cell == "lstm" else r for r in answer.rows)
        )

    monkeypatch.setattr(gates_claims, "gates", closed)
    assert measured(CLAIMS["gates-exception"]).verdict == "fails"


def test_one_claim_is_measured_alone() -> None:
    answer = claims("half-at-zero")
    assert [row.claim for row in answer.rows] == ["half-at-zero"]
    assert not answer.interrupted


def test_an_unknown_claim_is_refused_with_the_nearest() -> None:
    with pytest.raises(LabError, match="'half-at-one' is unknown; did you mean 'half-at-zero'"):
        claims("half-at-one")


def test_ctrl_c_keeps_the_claims_that_were_measured() -> None:
    def interrupt(claimed: Claimed) -> None:
        if claimed.measured == 2:
            raise KeyboardInterrupt

    answer = claims(on_progress=interrupt)
    assert [row.claim for row in answer.rows] == list(NAMES[:2])
    assert answer.interrupted
