"""What a shell offers for a word that is being typed."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer

Offer = Callable[[str], list[str]]


def words(known: Iterable[str]) -> Offer:
    """Return what offers those of the known words that begin as the one typed does."""

    def offer(incomplete: str) -> list[str]:
        return [word for word in known if word.startswith(incomplete)]

    return offer


def configs(incomplete: str) -> list[str]:
    """Offer YAML files that begin as typed, and those inside folders that do."""
    folder = _folder(incomplete)
    files: list[Path] = []
    with suppress(OSError):
        files += (path.relative_to(folder) for pattern in ("*.y*ml", "*/*.y*ml") for path in Path(folder).glob(pattern))
    return words(sorted(f"{folder}{file}" for file in files))(incomplete)


def runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer runs, the newest first: by path where a path is typed, else ``latest`` and those of --runs by name."""
    from sigmoid_lab.store.catalogue import runs_in

    folder = _folder(incomplete)
    names: list[str] = []
    with suppress(OSError):
        names += (f"{folder}{path.name}" for path in runs_in(Path(folder) if folder else _runs(ctx)))
    latest = ["latest"] if names and not folder else []
    return words([*latest, *reversed(names)])(incomplete)


def settings(incomplete: str) -> list[str]:
    """Offer the keys of a config, up to where their value begins."""
    from sigmoid_lab.config.json_schema import json_schema

    known = json_schema()["properties"]
    return words(f"{key}=" for key in dict.fromkeys([*known, *known["compare"]["properties"]]))(incomplete)


def conditions(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer each compared key of the runs named before with each of its values."""
    pairs = (pair for compared in _groups(ctx) for pair in compared.items())
    told = [f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in pairs]
    return words(dict.fromkeys(told))(incomplete)


def compared(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the compared keys of the runs named before."""
    return words(dict.fromkeys(key for compared in _groups(ctx) for key in compared))(incomplete)


def _folder(incomplete: str) -> str:
    """Return what is typed up to its last slash."""
    head, slash, _ = incomplete.rpartition("/")
    return head + slash


def _runs(ctx: typer.Context) -> Path:
    return Path(ctx.params.get("runs") or "runs")


def _groups(ctx: typer.Context) -> list[dict[str, Any]]:
    """Return the compared settings of every group of the runs named before; of a run that cannot be read, none."""
    from sigmoid_lab.errors import LabError
    from sigmoid_lab.store.catalogue import find
    from sigmoid_lab.store.run import Run

    found: list[dict[str, Any]] = []
    for name in ctx.args:  # what stands before an option that still lacks its value
        with suppress(LabError, OSError), Run(find(_runs(ctx), name)) as run:
            found += [group.settings for group in run.database.groups()]
    return found
