"""The number formats, value by value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import frexp, log2

import torch
from torch import Tensor

from sigmoid_lab.functions.dtypes import DTYPES
from sigmoid_lab.vocabulary import DtypeName

INTEGERS = {2: torch.int16, 4: torch.int32, 8: torch.int64}
"""By bytes: the integers that hold a format's bits."""


@dataclass(frozen=True)
class Format:
    """A binary format: ±m·2^e, m from 1 to below 2 in ``precision`` bits, e between two bounds; below, subnormals."""

    dtype: torch.dtype
    integers: torch.dtype
    precision: int
    least_exponent: int
    greatest_exponent: int

    @classmethod
    def of(cls, dtype: torch.dtype) -> Format:
        """Describe one of torch's formats."""
        facts = torch.finfo(dtype)
        return cls(
            dtype=dtype,
            integers=INTEGERS[dtype.itemsize],
            precision=1 - round(log2(facts.eps)),
            least_exponent=round(log2(facts.smallest_normal)),
            greatest_exponent=frexp(facts.max)[1] - 1,
        )

    @property
    def not_negative(self) -> int:
        """How many finite values have no sign: their bits, read as integers, count from 0 in order."""
        return (self.greatest_exponent - self.least_exponent + 2) << (self.precision - 1)

    @property
    def finite(self) -> int:
        """How many finite values there are, −0 and +0 both."""
        return 2 * self.not_negative

    def place(self, value: float) -> int:
        """Return e, where 2^e is the unit of the last place of a finite value."""
        exponent = frexp(value)[1] - 1 if value else self.least_exponent
        return max(exponent, self.least_exponent) - self.precision + 1

    def from_bits(self, bits: Tensor) -> Tensor:
        """Return the values of the format that have these bits and no sign."""
        return bits.to(self.integers).view(self.dtype)

    def power_of_two(self, values: Tensor) -> Tensor:
        """Return 2^e of each positive value m·2^e, and of subnormals the least that a normal value has."""
        own = values.view(self.integers).bitwise_and(self.not_negative).view(self.dtype)
        return own.clamp_(min=2.0**self.least_exponent)

    def ordered(self, start: int, stop: int) -> Tensor:
        """Return the finite values from number ``start`` to before ``stop``, in ascending order, −0 before +0."""
        zero = self.not_negative
        if start < zero < stop:
            return torch.cat([self.ordered(start, zero), self.ordered(zero, stop)])
        steps = _steps(stop - start, self.integers)
        return (
            self.from_bits(steps + (start - zero)) if start >= zero else self.from_bits(zero - 1 - start - steps).neg_()
        )


@lru_cache(4)
def _steps(count: int, integers: torch.dtype) -> Tensor:
    """Return 0, 1, … as integers of a kind; remembered, for counting costs more than adding."""
    return torch.arange(count, dtype=integers)


FORMATS: dict[DtypeName, Format] = {name: Format.of(dtype) for name, dtype in DTYPES.items()}
