"""How fast `stability --exhaustive float32` tries values, beside a plain float64 sigmoid over the same ones.

python benchmarks/scan.py [--turns 3] [--values 134217728]

Both run on as many threads as there are cores, over the same chunks, in turns; the plain one only makes the values and
their sigmoid in float64, which a reference must do at least.
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median

import torch
from arguments import parser, whole
from throughput import machine, spread

from sigmoid_lab.functions.sigmoids import SIGMOIDS
from sigmoid_lab.numerics.formats import FORMATS
from sigmoid_lab.numerics.scan import CHUNK, SPAN, cores, try_span

FORM = FORMATS["float32"]


@torch.no_grad()
def plain(start: int, stop: int) -> None:
    """Compute σ of the values from number ``start`` to before ``stop`` in float64, and nothing else."""
    wide = torch.empty(CHUNK, dtype=torch.float64)
    for low in range(start, stop, CHUNK):
        wide.copy_(FORM.ordered(low, low + CHUNK)).sigmoid_()


def rate(work: Callable[[int, int], object], values: int) -> float:
    """Return how many values a second are worked off, from all of the format."""
    stride = FORM.finite // (values // SPAN) // SPAN * SPAN
    starts = range(0, stride * (values // SPAN), stride)
    with ThreadPoolExecutor(cores()) as pool:
        started = time.perf_counter()
        list(pool.map(lambda start: work(start, start + SPAN), starts))
        return len(starts) * SPAN / (time.perf_counter() - started)


def main() -> None:
    """Measure in turns and print rates and shares."""
    reader = parser(__doc__, turns=3)
    reader.add_argument(
        "--values", type=whole(SPAN, FORM.finite), default=2**27, help="of float32's, tried in each turn"
    )
    asked = reader.parse_args()
    torch.set_num_threads(1)
    print(f"{machine('cpu')}; load average {os.getloadavg()[0]:.2f}", flush=True)
    bare: list[float] = []
    found: dict[str, list[float]] = {name: [] for name in SIGMOIDS}
    for _ in range(asked.turns):
        bare.append(rate(plain, asked.values))
        for name, function in SIGMOIDS.items():
            found[name].append(rate(partial(try_span, function, FORM), asked.values))
    print(
        f"plain float64 sigmoid: {median(bare) / 1e6:.0f} million values/s, {FORM.finite / median(bare):.0f} s for all"
    )
    for tried, rates in found.items():
        share = [each / beside for each, beside in zip(rates, bare, strict=True)]
        rest = f"{FORM.finite / median(rates):.0f} s for all, {spread(share, '.2f')} of it"
        print(f"{tried}: {median(rates) / 1e6:.0f} million values/s, {rest}")
    print(f"load average {os.getloadavg()[0]:.2f} after")


if __name__ == "__main__":
    main()
