"""Groups as people name them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sigmoid_lab.results.gates import ForgetBias
from sigmoid_lab.vocabulary import CellName


def label(settings: Mapping[str, Any]) -> str:
    """Name a group by what it compares: each key's last part, or all of it where two are alike, and its value."""
    lasts = [key.rpartition(".")[2] for key in settings]
    names = [last if lasts.count(last) == 1 else key for key, last in zip(settings, lasts, strict=True)]
    return (
        ", ".join(f"{name} {word(value)}" for name, value in zip(names, settings.values(), strict=True))
        or "all networks"
    )


def word(value: Any) -> str:
    """Write a setting's value."""
    if isinstance(value, Mapping):
        return " ".join(f"{key}={item}" for key, item in value.items())
    return "-".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def cell_label(cell: CellName, forget_bias: ForgetBias) -> str:
    """Name a cell, and an LSTM's forget bias."""
    if forget_bias is None:
        return cell
    return f"{cell}, default bias" if forget_bias == "default" else f"{cell}, forget bias {forget_bias:g}"


def seeds_label(seeds: Sequence[int]) -> str:
    """Name the seeds of a stack."""
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} … {seeds[-1]}"


def last_line(cause: str) -> str:
    """Return what a failure's cause comes down to."""
    *_, last = ["no cause told", *cause.strip().splitlines()]
    return last


def networks(count: int) -> str:
    """Count networks."""
    return counted(count, "network")


def counted(count: int, thing: str) -> str:
    """Count things whose plural ends in s."""
    return f"1 {thing}" if count == 1 else f"{count:,} {thing}s"


def shorten(text: str, width: int) -> str:
    """Cut the middle out of a text that is longer than ``width``."""
    half = (width - 1) // 2
    return text if len(text) <= width else f"{text[:half]}…{text[len(text) - half :]}"
