"""The command line: options in, question asked, view out. One file a command, one table of them here."""

import io
import os
import signal
import sys
from importlib import metadata
from typing import Annotated

import typer

from sigmoid_lab.cli import claims, compare_depth, config, doctor, gates, report, runs, stability, table, theory, train
from sigmoid_lab.cli.group import LabGroup


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"sigmoid-lab {metadata.version('sigmoid-lab')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_show_version)
]

app = typer.Typer(
    name="sigmoid-lab",
    cls=LabGroup,
    help="What does this activation, depth, initialisation or loss do to a network's gradients?",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def main(version: Version = False) -> None:
    """Take what stands before a command."""


app.command("table")(table.table)
app.command("compare-depth")(compare_depth.compare_depth)
app.command("train")(train.train)
app.command("stability")(stability.stability)
app.command("claims")(claims.claims)
app.command("gates")(gates.gates)
app.command("theory")(theory.theory)
app.command("doctor")(doctor.doctor)
app.command("report")(report.report)
app.add_typer(runs.app, name="runs")
app.add_typer(config.app, name="config")


def run() -> None:
    """Run the command line; what a terminal's encoding lacks is shown as a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except SystemExit as end:
        _let_no_signal_change(end.code)
        raise


def _let_no_signal_change(code: object) -> None:
    """Keep the exit code of a command that has come to its end while Python winds down, which SIGTERM cuts short."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(code if isinstance(code, int) else 0))
