"""The options that commands share."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sigmoid_lab.cli import complete
from sigmoid_lab.vocabulary import ACTIVATIONS, DEVICES, DTYPES, INITIALISATIONS, LOSSES, SIGMOIDS


def one_of(words: tuple[str, ...]) -> str:
    """Say which words an option takes."""
    return "One of " + ", ".join(words) + "."


def choice(*names: str, of: tuple[str, ...], hint: str = "") -> Any:
    """Return an option that takes, and offers, one of some words."""
    return typer.Option(*names, help=f"{hint}{one_of(of)}", metavar="NAME", autocompletion=complete.words(of))


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print the first table as csv.")]
Config = Annotated[
    Path,
    typer.Argument(help="A YAML file; `config new` writes one.", metavar="CONFIG", autocompletion=complete.configs),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="A value stronger than the file's. Repeatable.",
        metavar="a.b=VALUE",
        autocompletion=complete.settings,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")]
Runs = Annotated[Path, typer.Option("--runs", help="Where runs are written.", metavar="DIR")]
RunNames = Annotated[
    list[str],
    typer.Argument(
        help="Paths, directories' names, unique prefixes, or latest.",
        metavar="RUN RUN…",
        autocompletion=complete.runs,
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        help="Only groups with this compared value. Repeatable.",
        metavar="KEY=VALUE",
        autocompletion=complete.conditions,
    ),
]
GroupBy = Annotated[
    str | None,
    typer.Option(
        "--group-by",
        help="Pool the groups over every compared key but this.",
        metavar="KEY",
        autocompletion=complete.compared,
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option("--plot", help="Also draw it: a page to look into, or a picture.", metavar="FILE.html|svg|png"),
]
Seed = Annotated[int, typer.Option("--seed", help="Base seed; network i uses seed + i.", min=0)]
Seeds = Annotated[int, typer.Option("--seeds", help="Networks a setting.", min=1)]
Activations = Annotated[list[str] | None, choice("--activation", "-a", of=ACTIVATIONS, hint="Repeatable. ")]
Inits = Annotated[list[str] | None, choice("--init", of=INITIALISATIONS, hint="Repeatable. ")]
LossOption = Annotated[str, choice("--loss", of=LOSSES)]
Device = Annotated[str, choice("--device", of=DEVICES)]
Dtype = Annotated[str, choice("--dtype", of=DTYPES)]
Dtypes = Annotated[list[str] | None, choice("--dtype", of=DTYPES, hint="Repeatable; all if absent. ")]
Sigmoids = Annotated[
    list[str] | None, choice("--implementation", "-i", of=SIGMOIDS, hint="Repeatable; all if absent. ")
]
