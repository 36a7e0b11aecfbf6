"""How time and memory of a training grow with networks, depth, width and batch: a table, fitted exponents, a figure.

python benchmarks/growth.py [--turns 1] [--figure growth.svg] [--axes networks depth width batch]
python benchmarks/growth.py --page benchmarks/README.md --figure benchmarks/growth.svg

Every point is a process of its own, one worker, start-up apart: data, first weights, updates and storing are in it.
The second command measures nothing; it draws the tables of a page.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from arguments import drawing, old_file, parser
from tables import head, line, number, table
from throughput import machine

AXES: dict[str, tuple[int, ...]] = {
    "networks": (1, 10, 100, 1_000, 10_000, 100_000),
    "depth": (1, 2, 4, 8, 16, 32, 64),
    "width": (16, 32, 64, 128, 256, 512, 1024),
    "batch": (8, 16, 32, 64, 128, 256, 512, 1024),
}
BASE = {
    "networks": {"depth": 2, "width": 16, "networks": 0, "batch": 32, "samples": 64, "steps": 20},
    "depth": {"depth": 0, "width": 64, "networks": 64, "batch": 32, "samples": 64, "steps": 50},
    "width": {"depth": 3, "width": 0, "networks": 16, "batch": 32, "samples": 64, "steps": 30},
    "batch": {"depth": 3, "width": 64, "networks": 64, "batch": 0, "samples": 2048, "steps": 30},
}

COLUMNS = ("seconds", "exponent of time", "MB", "exponent of memory")


@dataclass(frozen=True)
class Point:
    """What one training took: seconds, and bytes above those of the same process before it."""

    value: int
    seconds: float
    bytes: float


def train_here(axis: str, value: int) -> None:
    """Train one point in this process and print what it took."""
    from sigmoid_lab import train
    from sigmoid_lab.config.schema import Experiment

    def experiment(**values: int) -> Experiment:
        sizes = {**BASE[axis], **values}
        return Experiment.model_validate(
            {
                "data": {"kind": "random-labels", "samples": sizes["samples"], "test_share": 0.0},
                "network": {"depth": sizes["depth"], "width": sizes["width"]},
                "training": {"steps": sizes["steps"], "batch_size": sizes["batch"]},
                "measure": {"every": 10**6},
                "seeds": sizes["networks"],
            }
        )

    with tempfile.TemporaryDirectory() as folder:
        train(experiment(depth=1, width=8, networks=2, batch=8), runs=folder)
        before = most_memory()
        started = time.perf_counter()
        train(experiment(**{axis: value}), runs=folder)
        seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "bytes": most_memory() - before}))


def most_memory() -> int:
    """Return the most that this process has held so far, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def measure(axis: str, value: int, turns: int) -> Point:
    """Return the medians over fresh processes."""
    command = [sys.executable, "-c", f"from growth import train_here; train_here({axis!r}, {value})"]
    here = Path(__file__).parent
    printed = [subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=here).stdout for _ in range(turns)]
    found: list[dict[str, float]] = list(map(json.loads, printed))
    return Point(value, median(x["seconds"] for x in found), median(x["bytes"] for x in found))


def exponent(points: list[Point], of: str) -> float:
    """Fit a power law: the slope of log against log, by least squares."""
    values = np.log([max(getattr(point, of), 1e-9) for point in points])
    return float(np.polyfit(np.log([point.value for point in points]), values, 1)[0])


def exponents(points: list[Point]) -> list[str]:
    """Return the exponents of time and of memory as they are printed."""
    return [f"{exponent(points, of):.2f}" for of in ("seconds", "bytes")]


def told(axis: str, points: list[Point]) -> str:
    """Return an axis's table: every point with the slope to it, and the exponents fitted to the upper half."""
    slopes = [["", ""], *map(exponents, map(list, pairwise(points)))]
    rows = [
        (f"{point.value:,}", f"{point.seconds:.3f}", of_time, f"{point.bytes / 1e6:.1f}", of_memory)
        for point, (of_time, of_memory) in zip(points, slopes, strict=True)
    ]
    of_time, of_memory = exponents(points[len(points) // 2 :])
    rows.append(("fitted, upper half", "", of_time, "", of_memory))
    return "\n".join((head((axis, *COLUMNS)), *map(line, rows)))


def read(axis: str, page: str) -> list[Point]:
    """Return the points of an axis's table on a page."""
    rows = [row for row in table(page, axis, "seconds") if row["seconds"]]
    return [Point(int(number(row[axis])), number(row["seconds"]), 1e6 * number(row["MB"])) for row in rows]


def figure(found: dict[str, list[Point]], path: Path) -> None:
    """Draw time and memory against every axis, both logarithmic."""
    import altair

    panels = [panel(axis, points, of) for of in ("seconds", "MB") for axis, points in found.items()]
    title = altair.Title("What a training takes as one of its sizes grows", anchor="middle")
    altair.concat(*panels, columns=len(found), title=title).save(path)


def panel(axis: str, points: list[Point], of: str) -> Any:
    """Draw one quantity against one axis; a tick at every point, and at every power of ten."""
    import altair

    rows = [{axis: x.value, "seconds": x.seconds, "MB": max(x.bytes, 1e5) / 1e6} for x in points]
    powers = range(floor(log10(min(row[of] for row in rows))), ceil(log10(max(row[of] for row in rows))) + 1)
    across = {"values": [x.value for x in points], "format": ",", "labelOverlap": False, "labelFlush": False}
    up = {"values": [10.0**power for power in powers], "format": "~g"}
    ends, heights = [points[0].value, points[-1].value], [10.0 ** powers[0], 10.0 ** powers[-1]]
    return (
        altair.Chart({"values": rows}, width=270, height=150)
        .mark_line(point=True)
        .encode(
            altair.X(f"{axis}:Q").axis(**across).scale(type="log", domain=ends),
            altair.Y(f"{of}:Q").axis(**up).scale(type="log", domain=heights),
        )
    )


def main() -> None:
    """Measure every axis and print its table, or read the tables of a page; draw the figure."""
    reader = parser(__doc__, turns=1)
    reader.add_argument("--axes", nargs="+", choices=AXES, default=list(AXES), help="what grows")
    reader.add_argument("--page", type=old_file, help="a page with the tables; nothing is measured")
    reader.add_argument("--figure", type=drawing, help="an SVG, PNG or HTML file to draw")
    asked = reader.parse_args()
    found: dict[str, list[Point]] = {}
    if asked.page:
        page = asked.page.read_text(encoding="utf-8")
        found = {axis: read(axis, page) for axis in asked.axes}
    else:
        print(f"{machine('cpu')}; load average {os.getloadavg()[0]:.2f}")
        for axis in asked.axes:
            found[axis] = [measure(axis, value, asked.turns) for value in AXES[axis]]
            print(f"\n{told(axis, found[axis])}", flush=True)
        print(f"load average {os.getloadavg()[0]:.2f} after")
    if asked.figure:
        figure(found, asked.figure)


if __name__ == "__main__":
    main()
