"""A trained network of a run, as a plain module again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigmoid_lab.config.combinations import combinations
from sigmoid_lab.engine.build import restore
from sigmoid_lab.errors import LabError
from sigmoid_lab.store.catalogue import find
from sigmoid_lab.store.run import Run

if TYPE_CHECKING:
    from sigmoid_lab.engine.networks import Network


def load(run: str | Path, seed: int = 0, runs: str | Path = "runs", **settings: Any) -> Network:
    """Return a trained network: of a run (path, name, prefix or ``latest``), a seed and the compared settings.

    A compared setting is named by the last part of its key, such as
    ``activation="relu"``. Raises LabError where no network, or more than one group, fits.
    """
    with Run(find(Path(runs), str(run))) as found:
        groups = list(combinations(found.experiment))
        fitting = [
            index
            for index, (compared, _) in enumerate(groups)
            if all(_has(compared, key, value) for key, value in settings.items())
        ]
        if len(fitting) != 1:
            asked = ", ".join(f"{word}={value!r}" for word, value in settings.items()) or "a call that names no setting"
            choices = "; ".join(", ".join(f"{k}={v!r}" for k, v in compared.items()) for compared, _ in groups[:10])
            raise LabError(
                f"{found.path.name}: {len(fitting) or 'no'} groups fit {asked}; "
                + (f"choose one of: {choices}" if choices else "it compares nothing, so name no setting")
            )
        block, weights = groups[fitting[0]][1].network, found.weights(fitting[0], seed)
        try:
            return restore(block, weights)
        except LabError as error:
            raise LabError(f"{found.path}: {error}") from None


def _has(compared: dict[str, Any], word: str, value: object) -> bool:
    value = list(value) if isinstance(value, tuple) else value
    return any(word in (key, key.rpartition(".")[2]) and given == value for key, given in compared.items())
