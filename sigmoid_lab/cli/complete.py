"""What a shell offers for a word that is being typed."""

from collections.abc import Callable, Iterable
from pathlib import Path

import typer

Offer = Callable[[str], list[str]]


def words(known: Iterable[str]) -> Offer:
    """Return what offers those of the known words that begin as the one typed does."""

    def offer(incomplete: str) -> list[str]:
        return [word for word in known if word.startswith(incomplete)]

    return offer


def configs(incomplete: str) -> list[str]:
    """Offer YAML files that begin as typed, and those inside folders that do."""
    folder = Path(incomplete if incomplete.endswith("/") else Path(incomplete).parent)
    files = [str(path) for pattern in ("*.y*ml", "*/*.y*ml") for path in folder.glob(pattern)]
    return sorted(words(files)(incomplete.removeprefix("./")))


def runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the runs of the folder named by --runs, the newest first after ``latest``."""
    from sigmoid_lab.store.catalogue import runs_in

    names = [path.name for path in runs_in(Path(ctx.params.get("runs") or "runs"))]
    return words(["latest", *reversed(names)] if names else [])(incomplete)
