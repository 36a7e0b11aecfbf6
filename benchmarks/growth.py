"""How time and memory of a training grow with networks, depth, width and batch: a table, fitted exponents, a figure.

python benchmarks/growth.py [--turns 3] [--figure benchmarks/growth.svg] [--axes networks depth width batch]

Every point is a process of its own, one worker, start-up apart: data, first weights, updates and storing are in it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
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
    command = [sys.executable, __file__, "--point", axis, str(value)]
    printed = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(turns)]
    found: list[dict[str, float]] = list(map(json.loads, printed))
    return Point(value, median(x["seconds"] for x in found), median(x["bytes"] for x in found))


def exponent(points: list[Point], of: str) -> float:
    """Fit a power law: the slope of log against log, by least squares."""
    values = np.log([max(getattr(point, of), 1e-9) for point in points])
    return float(np.polyfit(np.log([point.value for point in points]), values, 1)[0])


def figure(found: dict[str, list[Point]], path: Path) -> None:
    """Draw time and memory against every axis, both logarithmic."""
    import altair

    rows = [
        {"axis": axis, "value": point.value, "seconds": point.seconds, "MB": max(point.bytes, 1e5) / 1e6}
        for axis, points in found.items()
        for point in points
    ]
    panels = [
        altair.Chart({"values": [row for row in rows if row["axis"] == axis]}, width=200, height=140)
        .mark_line(point=True)
        .encode(
            altair.X("value:Q", title=axis).scale(type="log"),
            altair.Y(f"{of}:Q", title=of).scale(type="log"),
        )
        for of in ("seconds", "MB")
        for axis in found
    ]
    altair.concat(*panels, columns=len(found)).save(path)


def main() -> None:
    """Measure every axis, print its table, draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--axes", nargs="+", choices=AXES, default=list(AXES))
    parser.add_argument("--point", nargs=2, metavar=("AXIS", "VALUE"), help="measure one point in this process")
    asked = parser.parse_args()
    if asked.point:
        train_here(asked.point[0], int(asked.point[1]))
        return
    print(f"{machine('cpu')}; load average {os.getloadavg()[0]:.2f}")
    found: dict[str, list[Point]] = {}
    for axis in asked.axes:
        found[axis] = [measure(axis, value, asked.turns) for value in AXES[axis]]
        print(f"\n| {axis} | seconds | exponent | MB | exponent |\n| --- | --- | --- | --- | --- |")
        for before, point in zip([None, *found[axis]], found[axis], strict=False):
            told = [f"{exponent([before, point], of):.2f}" if before else "" for of in ("seconds", "bytes")]
            print(f"| {point.value:,} | {point.seconds:.3f} | {told[0]} | {point.bytes / 1e6:.1f} | {told[1]} |")
        upper = found[axis][len(found[axis]) // 2 :]
        fitted = [exponent(upper, of) for of in ("seconds", "bytes")]
        print(f"| fitted, upper half | | {fitted[0]:.2f} | | {fitted[1]:.2f} |")
    print(f"load average {os.getloadavg()[0]:.2f} after")
    if asked.figure:
        figure(found, asked.figure)


if __name__ == "__main__":
    main()
