"""What every command does with a fault of the user's, and with Ctrl-C."""

import signal
from typing import Any

import typer
from typer.core import TyperGroup

from sigmoid_lab.cli.output import say
from sigmoid_lab.errors import LabError, PartlyFailedError

WRONG_USAGE = 2
FOUND_AN_ERROR = 3
PARTLY_FAILED = 4
INTERRUPTED = 130
LONGEST_NAME = 200
"""Characters of a file's name that are told."""


class LabGroup(TyperGroup):
    """Commands that end with a message and the contract's exit code, never with a traceback of the user's making."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Show the help where no command is named."""
        return super().parse_args(ctx, args or ["--help"])

    def invoke(self, ctx: Any) -> Any:
        """Run the command, which finds the interrupts that come as its context's object."""
        ctx.obj = interrupts = Interrupts()
        try:
            return super().invoke(ctx)
        except LabError as error:
            for problem in error.problems:
                say(problem)
            if interrupts.came:
                raise _interrupted() from None
            raise typer.Exit(PARTLY_FAILED if isinstance(error, PartlyFailedError) else WRONG_USAGE) from None
        except KeyboardInterrupt:
            raise _interrupted() from None
        except Exception as error:
            if interrupts.came and not isinstance(error, typer.Exit | typer.Abort):
                raise _interrupted() from None  # a library that swallowed the interrupt is left half loaded
            if isinstance(error, OSError) and error.filename is not None:
                from sigmoid_lab.wording.labels import shorten

                say(f"{shorten(str(error.filename), LONGEST_NAME)}: {error.strerror}")
                raise typer.Exit(WRONG_USAGE) from None
            raise


class Interrupts:
    """Raises KeyboardInterrupt on SIGINT, where that is not ignored, and on SIGTERM; remembers whether one came."""

    def __init__(self) -> None:
        self.came = self.once = False
        signal.signal(signal.SIGTERM, self)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self)

    def __call__(self, *_: object) -> None:
        """Interrupt what runs; ``once``, however often Ctrl-C is pressed."""
        self.came = True
        if self.once:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        raise KeyboardInterrupt


def _interrupted() -> typer.Exit:
    say("interrupted")
    return typer.Exit(INTERRUPTED)
