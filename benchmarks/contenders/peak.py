"""No network: a large product by torch and by numpy, for the share of the machine's peak; the better of the two."""

import time
from collections.abc import Callable

import numpy as np
import torch

from contenders import Advance, Case

SIDE = 1024


def prepare(case: Case) -> Advance:
    """Return one product, counted in the network-steps of the case that its operations would be."""
    torch.set_num_threads(1)
    a, b = torch.rand(SIDE, SIDE, device=case.device), torch.rand(SIDE, SIDE, device=case.device)
    out = torch.empty_like(a)
    ways: list[Callable[[], object]] = [lambda: torch.mm(a, b, out=out)]
    if case.device == "cpu":
        arrays = a.numpy(), b.numpy(), out.numpy()
        ways.append(lambda: np.matmul(arrays[0], arrays[1], out=arrays[2]))
    best = min(ways, key=_seconds)

    def advance() -> int:
        best()
        if case.device == "cuda":
            torch.cuda.synchronize()
        return round(2 * SIDE**3 / case.operations)

    return advance


def _seconds(way: Callable[[], object]) -> float:
    way()
    started = time.perf_counter()
    for _ in range(5):
        way()
    return time.perf_counter() - started
