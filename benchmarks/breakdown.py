"""Where an update's time goes, operation by operation, in microseconds of a network: what lies between it and the peak.

python benchmarks/breakdown.py [--shapes 3x64 10x64 3x256] [--updates 300]
"""

import argparse
import os
import time
from collections import defaultdict

import torch
from contenders import BLOCK, Advance, Case
from contenders.lab import prepare
from throughput import Team, machine
from torch.profiler import ProfilerActivity, profile

KINDS = {
    "aten::bmm": "products",
    "aten::baddbmm": "products",
    "aten::sigmoid_": "activation",
    "aten::relu_": "activation",
    "aten::clamp_min_": "activation",
    "aten::sigmoid_backward": "slope",
    "aten::threshold_backward": "slope",
    "aten::linalg_vector_norm": "norms",
    "aten::add_": "update",
    "aten::_fused_adam_": "update",
    "aten::sum": "bias gradients",
    "aten::copy_": "copies",
}
COLUMNS = (*dict.fromkeys(KINDS.values()), "other operations", "between them")
STACK = {64: {3: 40, 10: 10}, 256: {3: 4}}
"""Networks of one stack, as the plan would have them, by width and depth."""


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
    parts["between them"] = max(0.0, whole - sum(parts.values()))
    cells = [f"({case.depth}, {case.width})", case.optimiser, case.activation, f"{whole:.1f}"]
    cells += [f"{parts[kind]:.1f}" for kind in COLUMNS]
    return f"| {' | '.join((*cells, f'{at_peak:.1f}'))} |"


def main() -> None:
    """Print a line for each shape, optimiser and activation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="+", default=["3x64", "10x64", "3x256"])
    parser.add_argument("--updates", type=int, default=300)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    peak = Team("peak", [min(os.sched_getaffinity(0))])
    print(f"{machine('cpu')}; load average {os.getloadavg()[0]:.2f}\n")
    print(f"| shape | optimiser | activation | whole | {' | '.join(COLUMNS)} | products at the peak |")
    print(f"|{' --- |' * (5 + len(COLUMNS))}")
    for shape in asked.shapes:
        depth, width = map(int, shape.split("x"))
        for optimiser in ("sgd", "adam"):
            for activation in ("sigmoid", "relu"):
                case = Case(depth, width, STACK[width][depth], activation, optimiser)
                print(row(case, asked.updates, peak), flush=True)
    peak.dismiss()


if __name__ == "__main__":
    main()
