"""How long whole processes take, as ratios to importing the library that they need in the same turn.

python benchmarks/startup.py [--turns 11]
"""

import os
import subprocess
import sys
import time
from statistics import median
from typing import NamedTuple

from arguments import parser

CONTENDERS = {
    'python -c "import torch"': {
        'python -c "import torch"': ("-c", "import torch"),
        "sigmoid-lab --help": ("-m", "sigmoid_lab", "--help"),
        "sigmoid-lab runs list": ("-m", "sigmoid_lab", "runs", "list"),
        "sigmoid-lab table": ("-m", "sigmoid_lab", "table"),
        "sigmoid-lab compare-depth --layers 4": ("-m", "sigmoid_lab", "compare-depth", "--layers", "4"),
    },
    'python -c "import numpy"': {
        'python -c "import numpy"': ("-c", "import numpy"),
        "sigmoid-lab theory -a tanh": ("-m", "sigmoid_lab", "theory", "-a", "tanh"),
    },
}
"""By what each is compared with."""


class Taken(NamedTuple):
    """What one process took, in seconds: on the clock, and of processors (user and system)."""

    clock: float
    processor: float


def taken(arguments: tuple[str, ...]) -> Taken:
    """Run one process."""
    before, started = os.times(), time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    clock, after = time.perf_counter() - started, os.times()
    children = after.children_user + after.children_system - before.children_user - before.children_system
    return Taken(clock, children)


def main() -> None:
    """Run the contenders in turns and print medians, spreads and ratios."""
    turns = parser(__doc__, turns=11).parse_args().turns
    print(f"load average {os.getloadavg()[0]:.2f} before; turns: {turns}")
    print(f"{'process':40} {'median s':>9} {'ratio':>7} {'least … greatest':>18} {'of processor time':>18}")
    for base, processes in CONTENDERS.items():
        for arguments in processes.values():
            taken(arguments)
        times = [{name: taken(arguments) for name, arguments in processes.items()} for _ in range(turns)]
        for name in processes:
            ratios, processor = (
                sorted(turn[name][which] / turn[base][which] for turn in times) for which in range(len(Taken._fields))
            )
            clock = median(turn[name].clock for turn in times)
            print(
                f"{name:40} {clock:9.2f} {median(ratios):7.2f} {ratios[0]:8.2f} … {ratios[-1]:7.2f} "
                f"{median(processor):6.2f} ({processor[0]:.2f} … {processor[-1]:.2f})"
            )
    print(f"load average {os.getloadavg()[0]:.2f} after")


if __name__ == "__main__":
    main()
