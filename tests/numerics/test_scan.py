import math
import struct
from math import inf

import pytest
import torch
from torch import Tensor

from sigmoid_lab.functions.sigmoids import SIGMOIDS
from sigmoid_lab.numerics import scan as module
from sigmoid_lab.numerics.formats import FORMATS
from sigmoid_lab.numerics.scan import Scan, nearest, scan, try_span
from sigmoid_lab.vocabulary import SIGMOIDS as NAMES
from sigmoid_lab.vocabulary import SigmoidName

HALF, BRAIN, SINGLE = FORMATS["float16"], FORMATS["bfloat16"], FORMATS["float32"]


def halves() -> list[float]:
    """Every finite float16, ascending, by Python's own unpacking."""
    not_negative = [struct.unpack("<e", bits.to_bytes(2, "little"))[0] for bits in range(0x7C00)]
    return [-z for z in reversed(not_negative)] + not_negative


def plain_scan(name: SigmoidName) -> Scan:
    """Do with a loop over Python's floats what the scan does with tensors."""
    points = halves()
    values = SIGMOIDS[name](torch.tensor(points, dtype=torch.float16)).tolist()
    worst, at_z, rounded, falls = -1.0, 0.0, 0, 0
    for index, (z, value) in enumerate(zip(points, values, strict=True)):
        real = 1.0 / (1.0 + math.exp(-z)) if z > -700.0 else 0.0
        (right,) = struct.unpack("<e", struct.pack("<e", real))
        unit = 2.0 ** (max(math.frexp(right)[1] - 1, -14) - 10) if right else 2.0**-24
        error = abs(value - real) / unit if math.isfinite(value) else inf
        if error > worst:
            worst, at_z = error, z
        rounded += value == right
        falls += index > 0 and value < values[index - 1]
    return Scan(len(points), worst, at_z, rounded / len(points), falls, interrupted=False)


@pytest.mark.parametrize("name", NAMES)
def test_every_float16_gives_what_a_plain_loop_gives(name: SigmoidName) -> None:
    found, plain = scan(SIGMOIDS[name], HALF), plain_scan(name)
    assert found is not None
    assert found.max_error_ulp == pytest.approx(plain.max_error_ulp, rel=1e-9)
    assert (found.inputs, found.at_z) == (63_488, plain.at_z)
    assert found.correctly_rounded_share == plain.correctly_rounded_share
    assert found.monotonicity_violations == plain.monotonicity_violations


def test_every_bfloat16_is_tried() -> None:
    found = scan(torch.sigmoid, BRAIN)
    assert found is not None
    assert found.inputs == 65_280


def test_spans_and_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = scan(SIGMOIDS["ratio"], HALF)
    monkeypatch.setattr(module, "SPAN", 2048)
    monkeypatch.setattr(module, "CHUNK", 512)
    assert scan(SIGMOIDS["ratio"], HALF) == whole


def test_a_value_one_step_too_high_is_seen() -> None:
    def broken(z: Tensor) -> Tensor:
        return (torch.sigmoid(z).view(torch.int16) + 1).view(z.dtype)

    found = scan(broken, HALF)
    assert found is not None
    assert 1.0 < found.max_error_ulp <= 1.5001
    assert found.correctly_rounded_share < 0.001


def test_one_wrong_input_of_all_is_found() -> None:
    def broken(z: Tensor) -> Tensor:
        return torch.sigmoid(z).masked_fill(z == 3.0, 0.25)

    found = scan(broken, HALF)
    assert found is not None
    assert (found.at_z, found.monotonicity_violations) == (3.0, 1)
    assert found.max_error_ulp == pytest.approx((1 / (1 + math.exp(-3.0)) - 0.25) * 2048)


def test_a_nan_is_infinitely_far_off() -> None:
    found = scan(lambda z: torch.sigmoid(z).masked_fill(z == -2.0, torch.nan), HALF)
    assert found is not None
    assert (found.max_error_ulp, found.at_z) == (inf, -2.0)


@pytest.mark.parametrize("part", ["SPAN", "CHUNK"])
def test_a_fall_between_two_parts_counts(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, part, 1024)
    found = scan(lambda z: torch.where(z < HALF.ordered(2048, 2049), 1.0, 0.0).to(z.dtype), HALF)
    assert found is not None
    assert found.monotonicity_violations == 1


def test_float32_is_tried_as_float64_says_it_is() -> None:
    start = SINGLE.not_negative + 127 * 2**23  # from 1 on
    span = try_span(torch.sigmoid, SINGLE, start, start + 2**17)
    z = SINGLE.ordered(start, start + 2**17)
    value, real = torch.sigmoid(z).double(), torch.sigmoid(z.double())
    errors = (value - real).abs() / 2**-24
    assert span.rounded == int((value.float() == real.float()).sum())
    worst = int(errors.argmax())
    assert [span.z, span.value] == [z[worst].item(), value[worst].item()]
    assert [span.first, span.last] == value[[0, -1]].tolist()


@pytest.mark.parametrize("form", [HALF, BRAIN])
def test_sixteen_bits_are_rounded_once(form: object) -> None:
    """Half a unit and a little more than float32 can tell is more than half a unit."""
    assert form in (HALF, BRAIN)
    short = HALF if form is HALF else BRAIN
    step = 2.0 ** (-short.precision)
    real = torch.tensor([0.5 + step / 2, 0.5 + step / 2 + 2.0**-40], dtype=torch.float64)
    assert nearest(real, short, torch.empty(2, dtype=short.dtype)).tolist() == [0.5, 0.5 + step]


def test_progress_ends_with_all_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPAN", 16_384)
    told: list[int] = []
    scan(torch.sigmoid, HALF, told.append)
    assert len(told) == 4
    assert told == sorted(told)
    assert told[-1] == 63_488


def test_an_interruption_leaves_what_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPAN", 512)

    def interrupt(inputs: int) -> None:
        if inputs >= 2048:
            raise KeyboardInterrupt

    found = scan(torch.sigmoid, HALF, interrupt)
    assert found is not None
    assert found.interrupted
    assert 2048 <= found.inputs <= 63_488
    assert found.correctly_rounded_share > 0.99
