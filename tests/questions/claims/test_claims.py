import io
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from math import isclose, isnan
from pathlib import Path

import pytest
import torch

from sigmoid_lab.errors import LabError
from sigmoid_lab.functions.sigmoids import SIGMOIDS
from sigmoid_lab.questions.claims import CLAIMS, claims, measured, outputs
from sigmoid_lab.results.claims import Claimed, ClaimRow
from sigmoid_lab.vocabulary import CLAIMS as NAMES
from sigmoid_lab.vocabulary import ClaimName

ROWS: dict[ClaimName, ClaimRow] = {}


def row(name: ClaimName) -> ClaimRow:
    """Measure a claim once for all tests of a process."""
    return ROWS.setdefault(name, ROWS.get(name) or measured(CLAIMS[name]))


@pytest.mark.parametrize("name", NAMES)
def test_the_evidence_tells_numbers_and_leaves_no_place_empty(name: ClaimName) -> None:
    assert re.search(r"\d", row(name).evidence)
    assert not re.search(r"[{}]|\bnan\b|\binf\b", row(name).evidence)


@pytest.mark.parametrize("name", NAMES)
def test_the_verdict_is_what_the_rule_makes_of_the_numbers(name: ClaimName) -> None:
    assert row(name).verdict == CLAIMS[name].rule(row(name).numbers)
    assert row(name).rule.startswith("def ")


@pytest.mark.parametrize("name", NAMES)
def test_the_python_given_prints_numbers_that_were_measured(
    name: ClaimName, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(row(name).reproduce, name, "exec"), {"__name__": "__main__"})
    found = [float(word) for word in printed.getvalue().split()]
    assert found
    for value in found:
        assert any(
            (isnan(value) and isnan(number)) or isclose(value, number, rel_tol=2e-3) or value == number
            for number in row(name).numbers.values()
        ), f"{value} is none of {row(name).numbers}"


def clamped(z: torch.Tensor) -> torch.Tensor:
    return torch.sigmoid(z).clamp(0.01, 0.99)


@pytest.mark.parametrize(
    ("name", "broken", "verdict"),
    [
        ("open-interval", clamped, "holds"),
        ("half-at-zero", clamped, "depends"),
        ("half-at-zero", lambda z: 0.9 * torch.sigmoid(z), "fails"),
        ("slope-quarter", lambda z: torch.sigmoid(2.0 * z), "fails"),
        ("flat-at-five", lambda z: torch.sigmoid(2.0 * z), "holds"),
        ("threshold-half-is-zero", lambda z: torch.sigmoid(z - 1.0), "fails"),
    ],
)
def test_another_function_than_sigmoid_gets_another_verdict(
    name: ClaimName, broken: Callable[[torch.Tensor], torch.Tensor], verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "SIGMOID", broken)
    assert measured(CLAIMS[name]).verdict == verdict != row(name).verdict


def test_a_two_branch_form_that_is_off_below_0_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    right = SIGMOIDS["two-branch"]
    monkeypatch.setitem(SIGMOIDS, "two-branch", lambda z: torch.where(z < 0.0, right(z) * 1.1, right(z)))
    assert measured(CLAIMS["two-branch-everywhere"]).verdict == "fails"


def test_a_torch_that_gave_nan_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SIGMOIDS, "torch", lambda z: torch.exp(z) / (1.0 + torch.exp(z)))
    assert measured(CLAIMS["torch-no-nan"]).verdict == "fails"


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
