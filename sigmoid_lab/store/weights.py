"""Trained weights, a safetensors file a stack: no pickle, so that loading runs no code."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from sigmoid_lab.errors import LabError

KEY = "sigmoid_lab"
"""safetensors writes metadata keys in random order; one key keeps equal runs' files equal."""


def write(path: Path, weights: Mapping[str, np.ndarray], seeds: Sequence[int]) -> None:
    """Write a stack's weights, (E networks, …) each, aside and then under their name."""
    aside = _aside(path)
    save_file(
        {name: np.ascontiguousarray(value) for name, value in weights.items()},
        aside,
        metadata={KEY: json.dumps({"seeds": list(seeds)})},
    )
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(path)


def remove(path: Path) -> None:
    """Leave nothing of a stack's weights, so that there is room for others."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        _aside(path).unlink(missing_ok=True)


def settle(folder: Path) -> None:
    """Bring the names of files in a folder to disk, if that can be; their own content is there already."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems refuse it of folders
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _aside(path: Path) -> Path:
    return path.with_suffix(".partial")


def read(path: Path, seed: int) -> dict[str, np.ndarray]:
    """Return one network's weights by name; raise LabError where the file is missing or damaged."""
    try:
        with safe_open(path, framework="numpy") as file:
            copy = json.loads(file.metadata()[KEY])["seeds"].index(seed)
            return {name: file.get_slice(name)[copy] for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise LabError(f"{path}: cannot be read as trained weights ({error})") from None
