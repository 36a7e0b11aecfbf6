from math import inf, nan

import pytest

from sigmoid_lab.environment import describe
from sigmoid_lab.results.stability import EndsRow, LossRow, Scanned, SigmoidRow, StabilityAnswer, Verdict, WorstRow
from sigmoid_lab.view import stability
from sigmoid_lab.view.live import ScanBar
from sigmoid_lab.vocabulary import DtypeName

WIDTHS = pytest.mark.parametrize("width", [40, 60, 80, 120])
Z = (-inf, -1000.0, -500.0, 0.0, 17.0, nan)
VALUES: tuple[Verdict, ...] = ("exact", "exact", "exact", "close", "wrong", "exact")
SLOPES: tuple[Verdict, ...] = ("nan", "nan", "nan", "exact", "exact", "exact")
WORSE: tuple[Verdict, ...] = ("nan", "nan", "nan", "close", "wrong", "exact")


def answer(dtypes: tuple[DtypeName, ...] = ("float16", "float32"), count: int = len(Z)) -> StabilityAnswer:
    verdicts = list(zip(Z, WORSE, VALUES, SLOPES, strict=True))[:count]
    return StabilityAnswer(
        settings={"implementation": ("naive",), "dtype": dtypes, "at": Z[:count], "exhaustive": None},
        environment=describe(),
        sigmoid=tuple(
            SigmoidRow("naive", dtype, z, 0.125, nan, 0.25, 1.5e-9, 2.5, inf, worse, value, slope)
            for dtype in dtypes
            for z, worse, value, slope in verdicts
        ),
        worst=(
            WorstRow("naive", "float16", 63_488, 63_488, inf, -88.7228, 7 / 8, 233),
            WorstRow("naive", "float32", 2**22, 4_278_190_080, 1.5, -3.40282e38, 1.0, 0),
        ),
        ends=tuple(EndsRow("naive", dtype, -17.3438, 8.32031, None, 103.972) for dtype in dtypes),
        loss=tuple(
            LossRow("max-form", dtype, z, target, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, verdict, verdict, verdict)
            for dtype in dtypes
            for target, verdict in ((0, VALUES[4]), (1, VALUES[0]))
            for z in Z[:count]
        ),
        interrupted=True,
    )


def shown(capsys: pytest.CaptureFixture[str], given: StabilityAnswer) -> str:
    stability.show(given)
    return capsys.readouterr().out


@WIDTHS
def test_no_column_is_lost(width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    text = shown(capsys, answer())
    for word in (
        "2/6 (nan)",
        "6/12 (wrong)",
        "-∞ … -500",
        "nan′",
        "wrong exact",
        "-17.3438",
        "8.32031",
        "103.972",
        "–",
    ):
        assert word in text
    for word in ("63,488", "4,194,304", "∞", "-88.7228", "-3.40282e+38", "87.5 %", "233"):
        assert word in text
    assert all(len(line) <= width for line in text.splitlines() if "───" in line)


def test_neighbouring_z_of_one_verdict_share_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, answer(("float16",)))
    by_z = text.split("by z")[1].split("exact: within")[0]
    assert [row.split() for row in by_z.splitlines()[3:] if row] == [
        ["-∞", "…", "-500", "nan′"],
        ["0", "close"],
        ["17", "wrong"],
        ["NaN", "exact"],
    ]


def test_a_few_z_are_shown_with_their_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, answer(("float16",), count=2))
    exact, naive = (line.split()[1:] for line in text.splitlines() if line.strip().startswith("-1000"))
    assert exact == ["exactly", "0.25", "1.50e-09"]
    assert naive == ["naive", "0.125", "2.5", "NaN", "∞", "nan′"]


def test_a_partial_scan_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, answer())
    assert "naive: partial: 4,194,304 of 4,278,190,080 inputs of float32 are tried" in text
    assert "of 63,488 inputs" not in text


def test_the_bar_names_what_is_scanned_on_a_terminal_and_says_nothing_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScanBar(quiet=False) as bar:
        bar(Scanned("naive", "float32", 2**22, 2**32))
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with ScanBar(quiet=True) as bar:
        bar(Scanned("naive", "float32", 2**22, 2**32))
    assert capsys.readouterr() == ("", "")
    with ScanBar(quiet=False) as bar:
        bar(Scanned("naive", "float32", 2**31, 2**32))
        bar.bar.refresh()
    text = capsys.readouterr().err
    assert "naive, float32" in text
    assert "50%" in text
