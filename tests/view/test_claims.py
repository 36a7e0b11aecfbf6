import pytest

from sigmoid_lab.environment import describe
from sigmoid_lab.results.claims import ClaimRow, ClaimsAnswer
from sigmoid_lab.view.claims import show

ROW = ClaimRow(
    claim="half-at-zero",
    statement="σ(0) is ½.",
    verdict="depends",
    evidence="It is 0.5 or 0.4.",
    numbers={"first": 0.5, "second": 0.4},
    rule="def rule(n):\n    return judged(True, True)",
    reproduce="import torch\n\nprint(torch.sigmoid(torch.zeros(())))",
)


def shown(claim: str | None, capsys: pytest.CaptureFixture[str]) -> str:
    show(ClaimsAnswer({"claim": claim}, describe(), (ROW,), interrupted=False))
    return capsys.readouterr().out


def test_all_claims_are_shown_with_the_verdict_first(capsys: pytest.CaptureFixture[str]) -> None:
    line = next(line for line in shown(None, capsys).splitlines() if "σ(0)" in line)
    assert line.split() == ["depends", "σ(0)", "is", "½."]


def test_all_claims_are_shown_with_evidence_and_id(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(None, capsys)
    assert "It is 0.5 or 0.4." in text
    assert "half-at-zero" in text


@pytest.mark.parametrize(
    "part", ["depends", "σ(0) is ½.", "It is 0.5 or 0.4.", "second", "0.4", ROW.rule, ROW.reproduce]
)
def test_one_claim_is_shown_in_full(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    without_margin = "\n".join(line.removeprefix("  ").rstrip() for line in shown("half-at-zero", capsys).splitlines())
    assert part in without_margin


def test_a_narrow_terminal_loses_no_word_of_the_evidence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    assert {"It", "is", "0.5", "or", "0.4."} <= set(shown(None, capsys).split())
