"""What values can reach a point of the chain, whatever the last weights say: found by replacing their output.

Every affine operation that the point depends on, with none other between, gives huge random numbers instead of its own.
What then arrives shows a sigmoid as a sigmoid and a softmax as a softmax, however it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from sigmoid_lab.doctor.case import Case
from sigmoid_lab.doctor.operations import Operation, anchors
from sigmoid_lab.doctor.passes import run_edited

SCALE = 20.0
"""Of the random numbers: far enough out for every squashing function to show where it ends."""

TOLERANCE = 2e-3
MOVED = 0.25
"""A value that moves less than this does not depend on the weights enough to be judged."""


@dataclass(frozen=True)
class Reach:
    """The range of what arrives, the axes along which it sums to one, and those along which its exponentials do."""

    low: float
    high: float
    sums_to_one: tuple[int, ...]
    exponentials_sum_to_one: tuple[int, ...]

    @property
    def is_probability(self) -> bool:
        """Whether it stays within [0, 1]."""
        return self.low >= -TOLERANCE and self.high <= 1.0 + TOLERANCE and self.high - self.low > MOVED / 2

    def joined(self, other: Reach) -> Reach:
        """Return what holds for the values of both."""
        ones = set(self.sums_to_one) & set(other.sums_to_one)
        logs = set(self.exponentials_sum_to_one) & set(other.exponentials_sum_to_one)
        return Reach(min(self.low, other.low), max(self.high, other.high), tuple(ones), tuple(logs))

    @property
    def is_distribution(self) -> bool:
        """Whether it is a probability for each of several classes, one in sum."""
        return self.is_probability and bool(self.sums_to_one)


def reaches(case: Case, points: Iterable[Operation]) -> dict[int, Reach]:
    """Return what can reach each point, by its number; points that cannot be tried are left out."""
    wanted = {point.index: point for point in points if not point.is_leaf and point.from_output}
    sources = {anchor.index: anchor for point in wanted.values() for anchor in anchors(point)}
    if not sources:
        return {}
    arrived: dict[int, Tensor] = {}
    noise = torch.Generator().manual_seed(0)
    edits = {
        index: (op.name, _edit(index, index in sources, index in wanted, arrived, noise))
        for index, op in (sources | wanted).items()
    }
    run_edited(case, edits)
    return {index: reach_of(value) for index, value in arrived.items() if bool(torch.isfinite(value).any())}


def _edit(
    index: int, replaced: bool, watched: bool, arrived: dict[int, Tensor], noise: torch.Generator
) -> Callable[[Tensor], Tensor]:
    def edit(output: Tensor) -> Tensor:
        if replaced and output.is_floating_point():
            output = (SCALE * torch.randn(output.shape, generator=noise)).to(output)
        if watched and output.is_floating_point():
            arrived[index] = output.detach().clone()
        return output

    return edit


def reach_of(value: Tensor) -> Reach:
    """Describe the values of a tensor."""
    value = value.float()
    finite = value[torch.isfinite(value)]
    axes = [axis for axis in range(value.ndim) if value.shape[axis] > 1]
    ones = [axis for axis in axes if _all_near(value.sum(axis), 1.0)] if bool((value >= -TOLERANCE).all()) else []
    logs = [axis for axis in axes if _all_near(value.logsumexp(axis), 0.0)]
    return Reach(finite.min().item(), finite.max().item(), tuple(ones), tuple(logs))


def _all_near(sums: Tensor, wanted: float) -> bool:
    return bool(((sums - wanted).abs() < 10.0 * TOLERANCE).all())
