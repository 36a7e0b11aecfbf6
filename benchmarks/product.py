"""What is left of the engine's speed in `sigmoid-lab train`, and whether one network alone pays for it.

python benchmarks/product.py [--turns 2] [--samples 256 1024] [--updates 8000] [--updates-alone 20000] [--seconds 10]

A training of 256 networks for a minute or more, measured every 50 updates, shown and stored, start-up taken off, beside
the bare engine in the same turn; and one network beside an eager PyTorch loop, both as whole processes.
"""

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

from arguments import parser, seconds, whole
from contenders import BATCH, Case
from throughput import Team, machine, spread

NETWORKS = 256
CASE = Case(depth=3, width=64, networks=NETWORKS, activation="sigmoid", optimiser="sgd")
CONFIG = """
name: product
data: {{kind: random-labels, features: 10, samples: {samples}}}
network: {{kind: deep, depth: 3, width: 64, activation: sigmoid}}
optimizer: {{kind: sgd, learning_rate: 0.001}}
training: {{steps: {steps}, batch_size: 32}}
measure: {{every: 50}}
seeds: {seeds}
"""
FEWEST_SAMPLES = -(-4 * BATCH // 3)
"""So many that the training part, three quarters of them, holds a mini-batch."""
EAGER = """
import sys
import torch
from torch import nn
from sigmoid_lab import DeepNet

model = DeepNet(10, 3, 64, "sigmoid")
optimizer, criterion = torch.optim.SGD(model.parameters(), 0.001), nn.BCEWithLogitsLoss()
x, y = torch.randn(1024, 10), torch.randint(0, 2, (1024, 1)).float()
norms = []
for step in range(int(sys.argv[1])):
    if step % 32 == 0:
        order = torch.randperm(1024)
    rows = order[step % 32 * 32 :][:32]
    optimizer.zero_grad()
    criterion(model(x[rows]), y[rows]).backward()
    if step % 50 == 0:
        norms.append([parameter.grad.norm().item() for parameter in model.parameters()])
    optimizer.step()
"""


def wall_time(*arguments: str) -> float:
    """Return the wall time of one Python process."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL)
        return time.perf_counter() - started


def train(**values: int) -> float:
    """Return the wall time of a whole `sigmoid-lab train`."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(CONFIG.format(**values))
        file.flush()
        return wall_time("-m", "sigmoid_lab", "train", file.name)


def main() -> None:
    """Measure in turns and print shares and ratios."""
    reader = parser(__doc__, turns=2)
    add = reader.add_argument
    add("--samples", nargs="+", type=whole(FEWEST_SAMPLES), default=[256, 1024], help="of each network's data")
    add("--updates", type=whole(2), default=8_000, help=f"of {NETWORKS} networks")
    add("--updates-alone", type=whole(), default=20_000, help="of one network")
    add("--seconds", type=seconds, default=10.0, help="of the bare engine, before and after")
    asked = reader.parse_args()
    print(f"{machine('cpu')}; load average {os.getloadavg()[0]:.2f}", flush=True)
    team = Team("lab", list(os.sched_getaffinity(0)))
    team.prepare(CASE)
    shares: dict[int, list[float]] = {samples: [] for samples in asked.samples}
    long: list[float] = []
    single: list[float] = []
    for _ in range(asked.turns):
        for samples, found in shares.items():
            before = team.rate(asked.seconds)
            short = train(samples=samples, steps=1, seeds=NETWORKS)
            long.append(train(samples=samples, steps=asked.updates, seeds=NETWORKS))
            bare = (before + team.rate(asked.seconds)) / 2
            found.append(NETWORKS * (asked.updates - 1) / (long[-1] - short) / bare)
            print(f"{samples} samples: {long[-1]:.0f} s, {short:.1f} s of them start-up; {found[-1]:.2f}", flush=True)
        alone = wall_time("-c", EAGER, str(asked.updates_alone))
        single.append(alone / train(samples=1024, steps=asked.updates_alone, seeds=1))
        print(f"eager loop {alone:.1f} s, sigmoid-lab {alone / single[-1]:.1f} s", flush=True)
    team.dismiss()
    for samples, found in shares.items():
        print(f"share of the engine's throughput, {samples} samples a network: {spread(found, '.2f')}")
    print(
        f"trainings took {median(long):.0f} s; one network, eager loop's time over the lab's: {spread(single, '.2f')}"
    )
    print(f"load average {os.getloadavg()[0]:.2f} after")


if __name__ == "__main__":
    main()
