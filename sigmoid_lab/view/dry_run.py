"""The answer of ``train --dry-run`` in a terminal."""

from rich.text import Text

from sigmoid_lab.results.dry_run import DryRunAnswer, PlannedGroup
from sigmoid_lab.view.tables import Column, console, print_table
from sigmoid_lab.wording.labels import label
from sigmoid_lab.wording.numbers import amount, duration

MOST_GROUPS = 20
"""Groups that are shown, those that take longest."""


def show(answer: DryRunAnswer) -> None:
    """Print the groups that take longest, and what all of them take."""
    screen = console()
    longest = sorted(answer.groups, key=lambda group: -group.seconds)[:MOST_GROUPS]
    several = f"the {MOST_GROUPS} of {len(answer.groups):,} that take longest"
    print_table(
        screen,
        f"What would be trained{f': {several}' if len(answer.groups) > MOST_GROUPS else ''}",
        (Column("group", number=False), *map(Column, ("networks", "stacks", "a core's time"))),
        [_row(group) for group in longest],
    )
    workers = f"{answer.workers} worker{'s' if answer.workers > 1 else ''}"
    screen.print(
        Text(
            f"{answer.networks:,} networks in {answer.stacks:,} stacks: about {duration(answer.seconds)} on {workers}, "
            f"about {amount(answer.bytes)} on disk; nothing was trained or kept"
        ),
        soft_wrap=True,
    )


def _row(group: PlannedGroup) -> tuple[str, str, str, str]:
    return label(group.settings), f"{group.networks:,}", f"{group.stacks:,}", duration(group.seconds)
