"""What the pages say of the measurements is what their tables hold."""

from pathlib import Path

import pytest
import summary
from tables import number, table

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")


def running(text: str) -> str:
    """Return a text without its line breaks."""
    return " ".join(text.split())


def test_a_table_is_read_by_its_columns() -> None:
    page = "words\n\n| a | b |\n| --- | --- |\n| 1,024 (9 … 2,000) | |\n| 2 | x |\n\nwords | more"
    first, second = table(page, "a", "b")
    assert number(first["a"]) == 1024.0
    assert (first["b"], second["b"]) == ("", "x")


def test_a_table_that_is_not_there_is_told() -> None:
    with pytest.raises(LookupError, match="no table that begins with the columns"):
        table("| a | b |", "a", "c")


def test_ranges_go_from_the_least_median_to_the_greatest() -> None:
    rows = [{"x": "9.5 (0.1 … 99.0)"}, {"x": "10.5 (10.0 … 11.0)"}, {"x": ""}, {"x": "9.9"}]
    assert summary.between(rows, "x") == "9.5 … 10.5"


def test_the_page_sums_up_its_own_table_of_throughput() -> None:
    assert summary.throughput(PAGE) in PAGE
    assert summary.beyond_vmap(PAGE) in running(PAGE)


def test_the_page_sums_up_its_own_table_of_an_update_s_time() -> None:
    assert summary.breakdown(PAGE) in PAGE


def test_the_readme_quotes_the_ranges_of_the_page() -> None:
    assert summary.in_short(PAGE) in running(README)


def test_the_parts_of_an_update_and_the_difference_make_the_whole() -> None:
    for row in table(PAGE, *summary.CASES, "whole"):
        told = sum(summary.parts(row)) + number(row["difference"])
        assert told == pytest.approx(number(row["whole"]), abs=0.5)  # ten cells, each rounded to a tenth


@pytest.mark.parametrize("axis", ["networks", "depth", "width", "batch"])
def test_exponents_are_those_of_the_table_of_growth(axis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # set by the import below; undone so
    import growth

    printed = table(PAGE, axis, *growth.COLUMNS)
    for row, worked_out in zip(printed, table(growth.told(axis, growth.read(axis, PAGE)), axis), strict=True):
        assert row[axis] == worked_out[axis]
        for column in ("exponent of time", "exponent of memory"):
            if row[column]:
                # Seconds and megabytes on the page are rounded.
                assert number(row[column]) == pytest.approx(number(worked_out[column]), abs=0.04)


def test_the_page_names_what_is_held_while_one_size_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    import growth

    names = {"examples of a network": "samples", "updates": "steps"}
    for row in table(PAGE, "what grows", "networks"):
        axis = row.pop("what grows")
        held = {names.get(name, name): int(number(cell)) for name, cell in row.items() if cell}
        assert held == {name: size for name, size in growth.BASE[axis].items() if name != axis}
