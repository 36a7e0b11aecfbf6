"""An answer on stdout: a table for people, JSON or csv for scripts."""

import csv
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from sigmoid_lab.errors import LabError

if TYPE_CHECKING:
    from sigmoid_lab.results.answer import Answer


def say(text: str) -> None:
    """Print a line beside the answer, on stderr, if that takes it; what a terminal would obey is escaped."""
    with suppress(OSError):
        typer.echo("".join(sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in text), err=True)


def refuse_two_forms(as_json: bool, as_csv: bool) -> None:
    """Raise LabError before any work if stdout would have to hold two answers."""
    if as_json and as_csv:
        raise LabError("--json and --csv: choose one")


def emit(answer: "Answer", show: Callable[[], None], as_json: bool, as_csv: bool) -> None:
    """Print an answer in the form asked for, ``show`` for people, as far as it is read.

    Raises LabError where stdout cannot take it.
    """
    if sys.stdout is None:
        raise LabError("stdout: is closed, so there is nowhere to put the answer")
    try:
        if as_json:
            print(json.dumps(answer.plain(), ensure_ascii=False, allow_nan=False))
        elif as_csv:
            _print_csv(answer)
        else:
            show()
        sys.stdout.flush()
    except BrokenPipeError:
        # Nothing may be flushed into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise LabError(f"stdout: the answer could not be written ({error.strerror})") from None


def _print_csv(answer: "Answer") -> None:
    rows = answer.records()
    keys = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(sys.stdout, keys, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
