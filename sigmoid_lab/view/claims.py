"""The answer of ``claims`` in a terminal: the verdict first."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from sigmoid_lab.results.claims import ClaimRow, ClaimsAnswer, ClaimVerdict
from sigmoid_lab.view.tables import Column, console, print_table
from sigmoid_lab.wording.numbers import number

STYLES: dict[ClaimVerdict, str] = {"holds": "green", "depends": "yellow", "fails": "red"}


def show(answer: ClaimsAnswer) -> None:
    """Print every claim with its evidence, or the one that was asked for in full."""
    screen = console()
    if answer.settings["claim"]:
        for row in answer.rows:
            _print_in_full(screen, row)
        return
    screen.print(_overview(answer))
    if answer.interrupted:
        screen.print(Text(f"partial: {len(answer.rows)} claims are measured", "yellow"))
    screen.print(Text("One in full, with its numbers, its rule and Python that shows it: sigmoid-lab claims ID", "dim"))


def _overview(answer: ClaimsAnswer) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 1, 0))
    table.add_column("verdict", no_wrap=True)
    table.add_column("what is said, and what was measured")
    for row in answer.rows:
        said = Text.assemble((row.statement, "bold"), f"\n{row.evidence}\n", (row.claim, "dim"))
        table.add_row(_verdict(row), said)
    return table


def _print_in_full(screen: Console, row: ClaimRow) -> None:
    screen.print(Text.assemble(_verdict(row), ": ", (row.statement, "bold")))
    screen.print()
    screen.print(Text(row.evidence))
    screen.print()
    columns = (Column("measured", number=False), Column("number"))
    print_table(screen, row.claim, columns, [(name, number(value)) for name, value in row.numbers.items()])
    _print_python(screen, "The rule", row.rule)
    _print_python(screen, "In Python", row.reproduce)


def _print_python(screen: Console, title: str, lines: str) -> None:
    screen.print(Text(title, "bold"))
    code = Syntax(lines, "python", background_color="default", word_wrap=True) if screen.is_terminal else Text(lines)
    screen.print(Padding(code, (0, 0, 1, 2)))


def _verdict(row: ClaimRow) -> Text:
    return Text(row.verdict, STYLES[row.verdict])
