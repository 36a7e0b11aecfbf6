"""Whose imports a command waits for: the self time of every module that it loads, summed by package.

python benchmarks/imports.py [--turns 5]
"""

import subprocess
import sys
from collections import defaultdict
from statistics import median

from arguments import parser
from tables import head, line

COMMANDS = (("--help",), ("runs", "list"), ("table",), ("compare-depth", "--layers", "2", "--seeds", "2"))
NAMED = ("torch", "numpy", "pydantic", "pydantic_core", "typer", "rich", "yaml", "sigmoid_lab")
REST = "everything else"


def milliseconds(command: tuple[str, ...]) -> dict[str, float]:
    """Return the time spent in each package's own modules in one fresh process."""
    arguments = [sys.executable, "-X", "importtime", "-m", "sigmoid_lab", *command]
    told = subprocess.run(arguments, check=True, capture_output=True, text=True).stderr
    found: dict[str, float] = defaultdict(float)
    for report in told.splitlines():
        if report.startswith("import time:") and "self [us]" not in report:
            own, _, module = report.removeprefix("import time:").split("|")
            package = module.strip().partition(".")[0]
            found[package if package in NAMED else REST] += int(own) / 1000.0
    return found


def main() -> None:
    """Print one line a command, medians over the turns."""
    turns = range(parser(__doc__, turns=5).parse_args().turns)
    times = [{command: milliseconds(command) for command in COMMANDS} for _ in turns]
    print(head(("milliseconds", *NAMED, REST)))
    for command in COMMANDS:
        cells = [median(turn[command].get(package, 0.0) for turn in times) for package in (*NAMED, REST)]
        print(line((f"`{' '.join(command)}`", *(f"{cell:.0f}" if cell else "" for cell in cells))))


if __name__ == "__main__":
    main()
