"""Whose imports a command waits for: the self time of every module that it loads, summed by package.

python benchmarks/imports.py [--repetitions 5]
"""

import argparse
import subprocess
import sys
from collections import defaultdict
from statistics import median

COMMANDS = (("--help",), ("runs", "list"), ("table",), ("compare-depth", "--layers", "2", "--seeds", "2"))
NAMED = ("torch", "numpy", "pydantic", "pydantic_core", "typer", "rich", "yaml", "sigmoid_lab")
REST = "everything else"


def milliseconds(command: tuple[str, ...]) -> dict[str, float]:
    """Return the time spent in each package's own modules in one fresh process."""
    arguments = [sys.executable, "-X", "importtime", "-m", "sigmoid_lab", *command]
    told = subprocess.run(arguments, check=True, capture_output=True, text=True).stderr
    found: dict[str, float] = defaultdict(float)
    for line in told.splitlines():
        if line.startswith("import time:") and "self [us]" not in line:
            own, _, module = line.removeprefix("import time:").split("|")
            package = module.strip().partition(".")[0]
            found[package if package in NAMED else REST] += int(own) / 1000.0
    return found


def main() -> None:
    """Print one line a command, medians over repetitions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=5)
    repetitions = parser.parse_args().repetitions
    print(f"| milliseconds | {' | '.join((*NAMED, REST))} |\n|{' --- |' * (len(NAMED) + 2)}")
    for command in COMMANDS:
        times = [milliseconds(command) for _ in range(repetitions)]
        cells = [median(each.get(package, 0.0) for each in times) for package in (*NAMED, REST)]
        print(f"| `{' '.join(command)}` | {' | '.join(f'{cell:.0f}' if cell else '' for cell in cells)} |")


if __name__ == "__main__":
    main()
