"""What every command does with a fault of the user's, with Ctrl-C, and with a reader who has seen enough."""

import os
import signal
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from sigmoid_lab.cli.output import say
from sigmoid_lab.errors import LabError, PartlyFailedError

WRONG_USAGE = 2
FOUND_AN_ERROR = 3
PARTLY_FAILED = 4
INTERRUPTED = 130


class LabGroup(TyperGroup):
    """Commands that end with a message and the contract's exit code, never with a traceback of the user's making."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Show the help where no command is named."""
        return super().parse_args(ctx, args or ["--help"])

    def invoke(self, ctx: Any) -> Any:
        """Run the command; SIGTERM ends it as Ctrl-C does."""
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            return super().invoke(ctx)
        except LabError as error:
            for problem in error.problems:
                say(problem)
            raise typer.Exit(PARTLY_FAILED if isinstance(error, PartlyFailedError) else WRONG_USAGE) from None
        except KeyboardInterrupt:
            say("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # Nothing may be flushed into the closed pipe at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
