"""Markdown tables as data, so that a page's numbers stand in one place."""

from collections.abc import Sequence


def table(page: str, *first: str) -> list[dict[str, str]]:
    """Return the rows of the first table that begins with these columns, by column.

    Raises LookupError for a table that is not on the page.
    """
    lines = iter(page.splitlines())
    for line in lines:
        columns = cells(line)
        if columns[: len(first)] == list(first):
            next(lines)
            rows = []
            for below in lines:
                if not below.startswith("|"):
                    break
                rows.append(dict(zip(columns, cells(below), strict=True)))
            return rows
    raise LookupError(f"the page has no table that begins with the columns {first}")


def cells(line: str) -> list[str]:
    """Return what stands between a line's bars."""
    return [cell.strip() for cell in line.strip("|").split("|")]


def line(values: Sequence[str]) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(values)} |"


def head(columns: Sequence[str]) -> str:
    """Return the two lines above a table's rows."""
    return f"{line(columns)}\n|{' --- |' * len(columns)}"


def number(cell: str) -> float:
    """Return a cell's first number: the median, where least and greatest follow."""
    return float(cell.split()[0].replace(",", ""))
