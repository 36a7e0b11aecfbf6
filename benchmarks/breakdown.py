"""Where an update's time goes, operation by operation, in microseconds of a network: what lies between it and the peak.

python benchmarks/breakdown.py [--shapes 3x64 10x64 3x256] [--updates 300]

The whole is measured without the profiler, its parts with it just after; the difference is Python and the calls
themselves as far as both went at one speed, and below 0 where they did not.
"""

import os
import time
from collections import defaultdict
from dataclasses import replace
from itertools import product

os.environ["KINETO_LOG_LEVEL"] = "99"  # read where torch is loaded; the profiler would write between the table's lines

import torch
from arguments import SHAPES, parser, shape, whole
from contenders import ACTIVATIONS, BLOCK, OPTIMISERS, Advance, Case
from contenders.lab import full_stack, prepare
from tables import head, line
from throughput import Team, machine
from torch.profiler import ProfilerActivity, profile

KINDS = {
    "aten::bmm": "products",
    "aten::baddbmm": "products",
    "aten::sigmoid_": "activation function",
    "aten::relu_": "activation function",
    "aten::clamp_min_": "activation function",
    "aten::sigmoid_backward": "slope",
    "aten::threshold_backward": "slope",
    "aten::linalg_vector_norm": "norms",
    "aten::add_": "update",
    "aten::_fused_adam_": "update",
    "aten::sum": "bias gradients",
    "aten::copy_": "copies",
}
COLUMNS = (*dict.fromkeys(KINDS.values()), "other operations", "difference")


def microseconds(advance: Advance, repetitions: int) -> float:
    """Return the median time of one network-step."""
    times = []
    for _ in range(repetitions):
        started = time.perf_counter()
        done = advance()
        times.append((time.perf_counter() - started) / done)
    return sorted(times)[len(times) // 2] * 1e6


def row(case: Case, updates: int, peak: Team) -> str:
    """Return the line of the table: the whole, its parts, and what its products would take at the peak."""
    peak.prepare(case)
    at_peak = 1e6 / peak.rate(0.5)
    advance = prepare(case)
    advance()
    whole = microseconds(advance, updates // BLOCK)
    with profile(activities=[ProfilerActivity.CPU]) as told:
        done = sum(advance() for _ in range(updates // BLOCK))
    parts: dict[str, float] = defaultdict(float)
    for event in told.key_averages():
        parts[KINDS.get(event.key, "other operations")] += event.self_cpu_time_total / done
    parts["difference"] = whole - sum(parts.values())
    cells = [f"({case.depth}, {case.width})", case.optimiser, case.activation, f"{whole:.1f}"]
    cells += [f"{parts[kind]:.1f}" for kind in COLUMNS]
    return line((*cells, f"{at_peak:.1f}"))


def main() -> None:
    """Print a line for each shape, optimiser and activation."""
    reader = parser(__doc__)
    reader.add_argument("--shapes", nargs="+", type=shape, default=SHAPES, help="hidden layers x units")
    reader.add_argument("--updates", type=whole(BLOCK), default=300, help=f"of a stack, in blocks of {BLOCK}")
    asked = reader.parse_args()
    torch.set_num_threads(1)
    peak = Team("peak", [min(os.sched_getaffinity(0))])
    print(f"{machine('cpu')}; load average {os.getloadavg()[0]:.2f}\n")
    print(head(("shape", "optimiser", "activation", "whole", *COLUMNS, "products at the peak")))
    for size, optimiser, activation in product(asked.shapes, OPTIMISERS, ACTIVATIONS):
        case = Case(size.depth, size.width, 1, activation, optimiser)
        print(row(replace(case, networks=full_stack(case)), asked.updates, peak), flush=True)
    peak.dismiss()


if __name__ == "__main__":
    main()
