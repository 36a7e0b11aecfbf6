import io

import pytest
from rich.console import Console

from sigmoid_lab.view.tables import Column, console, print_table

COLUMNS = (Column("name", number=False), Column("first value"), Column("second value"))
ROWS = [("sigmoid", "0.003906", "1.23e-05"), ("a-much-longer-name-of-a-thing", "17.5", "0.25")]


def printed(width: int) -> str:
    screen = Console(file=io.StringIO(), width=width)
    print_table(screen, "A title that is longer than a narrow terminal is wide", COLUMNS, ROWS)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 200])
def test_no_width_loses_a_value_or_a_heading(width: int) -> None:
    text = printed(width)
    for word in (*[column.heading for column in COLUMNS], *[value for row in ROWS for value in row]):
        assert word in text
    assert "…" not in text


def test_a_wide_terminal_shows_an_aligned_table() -> None:
    lines = [line for line in printed(80).splitlines() if line.strip()]
    assert len({len(line) for line in lines[1:]}) == 1
    assert len(lines) == 1 + 2 + len(ROWS)


def test_a_narrow_terminal_shows_a_line_a_value() -> None:
    assert "first value   0.003906" in printed(40)


def test_a_pipe_is_wide_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS")
    assert console().width == 200
    monkeypatch.setenv("COLUMNS", "60")
    assert console().width == 60


def test_no_colour_in_a_pipe_unless_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not console().is_terminal
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert console().is_terminal
    monkeypatch.setenv("NO_COLOR", "1")
    assert console().no_color


@pytest.mark.parametrize(
    ("terminal", "width", "drawn"), [(True, 80, True), (True, 33, False), (False, 80, False)], ids=str
)
def test_a_drawing_stands_only_on_a_terminal_with_room_for_it(terminal: bool, width: int, drawn: bool) -> None:
    screen = Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None)
    print_table(screen, "", (*COLUMNS, Column("drawn", drawing=True)), [("relu", "0.5", "0.25", "████")])
    assert isinstance(screen.file, io.StringIO)
    text = screen.file.getvalue()
    assert ("████" in text) == ("drawn" in text) == drawn
    assert "0.25" in text
