"""What a first look of the doctor costs: time and memory beside one forward and backward pass of the same model.

python benchmarks/first_look.py [--turns 5]
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import nn

from sigmoid_lab import examine

LOSS = nn.CrossEntropyLoss()


def dense() -> tuple[nn.Module, torch.Tensor]:
    """Return 88 million parameters in seven linear layers, and 64 examples."""
    hidden = [part for _ in range(5) for part in (nn.Linear(4096, 4096), nn.ReLU())]
    return nn.Sequential(nn.Linear(1024, 4096), nn.ReLU(), *hidden, nn.Linear(4096, 10)), torch.randn(64, 1024)


def transformer() -> tuple[nn.Module, torch.Tensor]:
    """Return 95 million parameters in 30 blocks, and 8 examples of 32 steps."""
    blocks = [nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True) for _ in range(30)]
    return nn.Sequential(nn.Linear(64, 512), *blocks, nn.Flatten(1), nn.Linear(512 * 32, 10)), torch.randn(8, 32, 64)


MODELS: dict[str, Callable[[], tuple[nn.Module, torch.Tensor]]] = {"dense": dense, "transformer": transformer}


def contenders(name: str) -> dict[str, Callable[[], object]]:
    """Return a plain pass and a first look at one model."""
    model, inputs = MODELS[name]()
    targets = torch.randint(10, (len(inputs),))

    def step() -> None:
        LOSS(model(inputs), targets).backward()
        model.zero_grad()

    return {"pass": step, "look": lambda: examine(model, LOSS, inputs, targets, second_looks=False)}


def ratios(name: str, turns: int) -> list[float]:
    """Return the time of a look over that of a pass, turn by turn."""
    both = contenders(name)
    both["pass"]()
    found = []
    for _ in range(turns):
        times = {}
        for kind, run in both.items():
            started = time.perf_counter()
            run()
            times[kind] = time.perf_counter() - started
        found.append(times["look"] / times["pass"])
    return found


def peak(name: str, kind: str) -> float:
    """Return the greatest memory of a process of its own that runs one contender once, in MiB."""
    command = [sys.executable, __file__, "--peak", name, kind]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print time and memory ratios of each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--peak", nargs=2)
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)  # two wait for each other where the machine is shared
    if options.peak:
        contenders(options.peak[0])[options.peak[1]]()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    for name in MODELS:
        found = ratios(name, options.turns)
        memory = {kind: peak(name, kind) for kind in ("pass", "look")}
        spread = f"{median(found):.2f} ({min(found):.2f} … {max(found):.2f}) times a pass"
        print(f"{name}: {spread}; peak {memory['look']:.0f} MiB against {memory['pass']:.0f}")


if __name__ == "__main__":
    main()
