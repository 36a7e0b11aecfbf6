"""The command line: options in, question asked, view out. One file a command, one table of them here."""

import os
import sys

import typer

from sigmoid_lab.cli import compare_depth, config, runs, table, train
from sigmoid_lab.cli.group import LabGroup

app = typer.Typer(
    name="sigmoid-lab",
    cls=LabGroup,
    help="What does this activation, depth, initialisation or loss do to a network's gradients?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("table")(table.table)
app.command("compare-depth")(compare_depth.compare_depth)
app.command("train")(train.train)
app.add_typer(runs.app, name="runs")
app.add_typer(config.app, name="config")


def main() -> None:
    """Run the command line and exit with the contract's code."""
    try:
        app()
    except BrokenPipeError:
        # Whoever read the answer has seen enough; nothing may be flushed into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
