"""A run's tables as csv files, every network on its own."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sigmoid_lab.store.run import Run
from sigmoid_lab.vocabulary import METRICS

TABLES = {
    "networks": (
        ("diverged", "probability_low", "probability_high", "predicted_positive"),
        "SELECT group_id, seed, {columns} FROM networks ORDER BY networks.id",
    ),
    "measurements": (
        ("step", *METRICS),
        "SELECT group_id, seed, {columns} FROM measurements JOIN networks ON id = network_id ORDER BY network_id, step",
    ),
    "layers": (
        ("step", "layer", "gradient_norm", "saturated_share", "dead_share"),
        "SELECT group_id, seed, {columns} FROM layers JOIN networks ON id = network_id "
        "ORDER BY network_id, step, layer",
    ),
}
"""Columns and query of each file; before them stand the compared settings and the seed."""


def write_csv(run: Run, folder: Path) -> Iterator[Path]:
    """Write networks.csv, measurements.csv and layers.csv; yield their paths as they are written."""
    compared = {group.index: group.settings for group in run.database.groups()}
    keys = list(next(iter(compared.values())))
    for name, (columns, query) in TABLES.items():
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*keys, "seed", *columns])
            with run.database.reading():
                for group, *values in run.database.read(query.format(columns=", ".join(columns))):
                    writer.writerow([*(_cell(compared[group][key]) for key in keys), *values])
        yield path


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
