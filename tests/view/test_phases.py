"""Phase diagrams in block characters."""

from dataclasses import replace

import pytest

from sigmoid_lab.results.phases import Mark, PhaseDiagram
from sigmoid_lab.view import phases
from sigmoid_lab.view.tables import console

WEIGHTS = tuple(10.0 ** (-1 + 4 * at / 99) for at in range(100))
BIASES = tuple(10.0 ** (-3 + 4 * at / 99) for at in range(100))
CHI_1 = tuple(tuple(None if weight > 2 else weight / 2 for weight in WEIGHTS) for _ in BIASES)
DIAGRAM = PhaseDiagram(
    "relu",
    WEIGHTS,
    BIASES,
    CHI_1,
    (None,) * 100,
    (Mark(("default",), 1 / 3, 0.005), Mark(("he",), 2.0, 0.0), Mark(("asked for",), 1.0, 10.0)),
)


def drawn(capsys: pytest.CaptureFixture[str]) -> list[str]:
    phases.show(console(), DIAGRAM)
    return capsys.readouterr().out.splitlines()


def test_slow_decay_is_high_and_what_has_no_slope_is_a_dot(capsys: pytest.CaptureFixture[str]) -> None:
    _, *lines = drawn(capsys)
    plane = [line.partition("│")[2] for line in lines if "│" in line]
    assert len(plane) == phases.ROWS
    assert plane[5] == "▁" * 14 + "▂" * 5 + "▃" * 2 + "·" * 43


def test_marks_stand_at_their_variances(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.partition("│")[2] for line in drawn(capsys) if "│" in line]
    assert lines[0].index("A") == 16
    assert lines[12].index("D") == 8
    assert lines[15].index("H") == 20


def test_axes_are_labelled_with_powers_of_ten(capsys: pytest.CaptureFixture[str]) -> None:
    lines = drawn(capsys)
    assert [label for line in lines if (label := line.partition("│")[0].strip()) and "│" in line] == [
        *("10", "1", "0.1", "0.01", "0.001")
    ]
    (below,) = (line for line in lines if line.split() == ["0.1", "1", "10", "100", "1000"])
    assert below.index(" 1 ") + 1 == 10 + 16


def test_only_signs_that_are_there_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    text = "\n".join(drawn(capsys))
    assert "▃ shrinks in 3 to 10 layers" in text
    assert "· q grows without bound" in text
    assert "grows in" not in text
    assert "H he (no bias variance: below the frame)" in text


@pytest.mark.parametrize(
    ("bias", "told"),
    [
        (1e-4, "D default (bias variance 0.0001: below the frame)"),
        (50.0, "D default (bias variance 50: above the frame)"),
        (10.0, "D default"),
    ],
)
def test_a_mark_that_the_frame_does_not_reach_is_told_to_lie_beyond_it(
    capsys: pytest.CaptureFixture[str], bias: float, told: str
) -> None:
    phases.show(console(), replace(DIAGRAM, marks=(Mark(("default",), 1.0, bias),)))
    assert told in map(str.strip, capsys.readouterr().out.splitlines())


@pytest.mark.parametrize(
    ("weight", "column", "told"),
    [
        (1e6, phases.COLUMNS - 1, "A asked for (weight variance 1e+06: right of the frame)"),
        (1e-3, 0, "A asked for (weight variance 0.001: left of the frame)"),
    ],
)
def test_a_mark_beside_the_frame_stands_at_its_edge_and_is_told_to_lie_beyond(
    capsys: pytest.CaptureFixture[str], weight: float, column: int, told: str
) -> None:
    phases.show(console(), replace(DIAGRAM, marks=(Mark(("asked for",), weight, 1.0),)))
    lines = capsys.readouterr().out.splitlines()
    (row,) = (line.partition("│")[2] for line in lines if "│" in line and "A" in line)
    assert row.index("A") == column
    assert told in map(str.strip, lines)


def test_a_narrow_terminal_is_told_what_it_misses(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert "".join(drawn(capsys)) == "relu: its diagram is 74 columns wide; the file has it."
