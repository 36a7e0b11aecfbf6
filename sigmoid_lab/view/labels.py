"""Groups as people name them."""

from collections.abc import Mapping
from typing import Any


def label(settings: Mapping[str, Any]) -> str:
    """Name a group by what it compares: the last part of each key, and its value."""
    named = ", ".join(f"{key.rpartition('.')[2]} {_word(value)}" for key, value in settings.items())
    return named or "all networks"


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key}={item}" for key, item in value.items())
    return "-".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
