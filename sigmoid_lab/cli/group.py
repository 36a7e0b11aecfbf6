"""What every command does with a fault of the user's and with Ctrl-C."""

from typing import Any

import typer
from typer.core import TyperGroup

from sigmoid_lab.errors import LabError

WRONG_USAGE = 2
FOUND_AN_ERROR = 3
PARTLY_FAILED = 4
INTERRUPTED = 130


class LabGroup(TyperGroup):
    """A group of commands that end with a message and the contract's exit code, never with a traceback of theirs."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except LabError as error:
            for problem in error.problems:
                typer.echo(f"error: {problem}", err=True)
            raise typer.Exit(WRONG_USAGE) from None
        except KeyboardInterrupt:
            typer.echo("interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None
