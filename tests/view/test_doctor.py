"""The answer of doctor, written by hand, as a terminal shows it."""

import pytest

from sigmoid_lab.environment import describe
from sigmoid_lab.results.doctor import DoctorAnswer, Finding, Layer, Proof
from sigmoid_lab.view import doctor

ERROR = Finding(
    "dead-relu", "error", "body.1 (ReLU), net.py:7", "0.95 of its units are 0", "nn.ELU()", "Why.", "Often."
)
NOTE = Finding("no-gradient", "note", "experts.3", "took no part", "use it", "Because.", "Now and then.")
LAYERS = (
    Layer("body.0", "Linear", 0.1, 0.5, "relu", None, 0.95, 1e-6, 1e-6, 1e-6),
    Layer("head", "Linear", 0.0, 0.25, "sigmoid", 0.5, None, 0.125, 1.0, None),
)


def answer(*findings: Finding, proofs: tuple[Proof, ...] = ()) -> DoctorAnswer:
    return DoctorAnswer({}, describe(), findings, LAYERS, proofs, 0.7, "(16, 1)", 1.0)


def text(shown: DoctorAnswer, capsys: pytest.CaptureFixture[str]) -> str:
    doctor.show(shown)
    return capsys.readouterr().out


def test_the_verdict_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert text(answer(ERROR, NOTE), capsys).startswith("Not healthy: dead-relu (1 error, 1 note).\n")
    assert text(answer(NOTE), capsys).startswith("It works, but look at no-gradient (1 note).\n")
    assert text(answer(), capsys).startswith("Healthy: no rule has anything to say.\n")


def test_a_finding_tells_where_by_which_numbers_why_and_how_to_mend_it(capsys: pytest.CaptureFixture[str]) -> None:
    shown = text(answer(ERROR), capsys)
    for word in (ERROR.where, ERROR.evidence, ERROR.fix, ERROR.reason, ERROR.met):
        assert word in shown


def test_bars_are_as_long_as_the_numbers_are_large(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("FORCE_COLOR", "1")
    body, head = (line for line in text(answer(), capsys).splitlines() if line.startswith(("body.0", "head")))
    assert body.count("█") == 0  # six decades below the greatest
    assert head.count("█") == 5 + 2  # the greatest gradient, and half of the outputs saturated


def test_a_proof_says_whether_it_helped(capsys: pytest.CaptureFixture[str]) -> None:
    helped = Proof("dead-relu", "new weights", (0, 10), (0.7, 0.69), (0.7, 0.1), True)
    assert "faulty 0.69, mended 0.1\nthe fix helped" in text(answer(ERROR, proofs=(helped,)), capsys)
    useless = Proof("dead-relu", "new weights", (0, 10), (0.7, 0.1), (0.7, 0.1), False)
    assert "the fix did not help" in text(answer(ERROR, proofs=(useless,)), capsys)


def test_a_narrow_terminal_loses_no_column(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    shown = text(answer(), capsys)
    for heading in ("layer", "gradient", "weight", "saturated", "dead"):
        assert heading in shown
