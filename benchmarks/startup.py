"""How long whole processes take, as ratios to ``python -c "import torch"`` in the same run.

python benchmarks/startup.py [--turns 11]
"""

import os
import subprocess
import sys
import time
from statistics import median

from arguments import parser

CONTENDERS = {
    'python -c "import torch"': ("-c", "import torch"),
    "sigmoid-lab --help": ("-m", "sigmoid_lab", "--help"),
    "sigmoid-lab runs list": ("-m", "sigmoid_lab", "runs", "list"),
    "sigmoid-lab table": ("-m", "sigmoid_lab", "table"),
    "sigmoid-lab compare-depth --layers 4": ("-m", "sigmoid_lab", "compare-depth", "--layers", "4"),
}


def seconds(arguments: tuple[str, ...]) -> float:
    """Return the wall time of one process, in seconds."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Run the contenders in turns and print medians, spreads and ratios."""
    turns = parser(__doc__, turns=11).parse_args().turns
    for arguments in CONTENDERS.values():
        seconds(arguments)
    load_before = os.getloadavg()[0]
    times = [{name: seconds(arguments) for name, arguments in CONTENDERS.items()} for _ in range(turns)]
    base, *_ = CONTENDERS
    print(f"load average {load_before:.2f} before, {os.getloadavg()[0]:.2f} after; turns: {turns}")
    print(f"{'process':40} {'median s':>9} {'least … greatest':>18} {'ratio':>7} {'least … greatest':>18}")
    for name in CONTENDERS:
        taken = sorted(turn[name] for turn in times)
        ratios = sorted(turn[name] / turn[base] for turn in times)
        print(
            f"{name:40} {median(taken):9.2f} {taken[0]:8.2f} … {taken[-1]:6.2f} "
            f"{median(ratios):7.2f} {ratios[0]:8.2f} … {ratios[-1]:6.2f}"
        )


if __name__ == "__main__":
    main()
