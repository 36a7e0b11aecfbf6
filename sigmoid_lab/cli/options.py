"""The options that commands share."""

from pathlib import Path
from typing import Annotated

import typer

from sigmoid_lab.vocabulary import ACTIVATIONS, DEVICES, DTYPES, INITIALISATIONS, LOSSES, SIGMOIDS


def one_of(words: tuple[str, ...]) -> str:
    """Say which words an option takes."""
    return "One of " + ", ".join(words) + "."


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print the first table as csv.")]
Config = Annotated[Path, typer.Argument(help="A YAML file; `config new` writes one.", metavar="CONFIG")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="A value stronger than the file's. Repeatable.", metavar="a.b=VALUE"),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")]
Runs = Annotated[Path, typer.Option("--runs", help="Where runs are written.", metavar="DIR")]
RunNames = Annotated[
    list[str],
    typer.Argument(help="Paths, directories' names, unique prefixes, or latest.", metavar="RUN RUN…"),
]
Where = Annotated[
    list[str] | None,
    typer.Option("--where", help="Only groups with this compared value. Repeatable.", metavar="KEY=VALUE"),
]
GroupBy = Annotated[
    str | None,
    typer.Option("--group-by", help="Pool the groups over every compared key but this.", metavar="KEY"),
]
Seed = Annotated[int, typer.Option("--seed", help="Base seed; network i uses seed + i.", min=0)]
Seeds = Annotated[int, typer.Option("--seeds", help="Networks a setting.", min=1)]
Activations = Annotated[
    list[str] | None,
    typer.Option("--activation", "-a", help=f"Repeatable. {one_of(ACTIVATIONS)}", metavar="NAME"),
]
Inits = Annotated[
    list[str] | None, typer.Option("--init", help=f"Repeatable. {one_of(INITIALISATIONS)}", metavar="NAME")
]
LossOption = Annotated[str, typer.Option("--loss", help=one_of(LOSSES), metavar="NAME")]
Device = Annotated[str, typer.Option("--device", help=one_of(DEVICES), metavar="NAME")]
Dtype = Annotated[str, typer.Option("--dtype", help=one_of(DTYPES), metavar="NAME")]
Dtypes = Annotated[
    list[str] | None, typer.Option("--dtype", help=f"Repeatable; all if absent. {one_of(DTYPES)}", metavar="NAME")
]
Sigmoids = Annotated[
    list[str] | None,
    typer.Option("--implementation", "-i", help=f"Repeatable; all if absent. {one_of(SIGMOIDS)}", metavar="NAME"),
]
