import math

import pytest
import torch

from sigmoid_lab.numerics.formats import FORMATS
from sigmoid_lab.vocabulary import DTYPES, DtypeName

SHORT: tuple[DtypeName, ...] = ("float16", "bfloat16")


def test_every_word_names_a_format() -> None:
    assert tuple(FORMATS) == DTYPES


@pytest.mark.parametrize(
    ("name", "precision", "least", "greatest", "finite"),
    [
        ("float16", 11, -14, 15, 63_488),
        ("bfloat16", 8, -126, 127, 65_280),
        ("float32", 24, -126, 127, 4_278_190_080),
        ("float64", 53, -1022, 1023, 2**64 - 2**53),
    ],
)
def test_formats_are_those_of_the_standard(
    name: DtypeName, precision: int, least: int, greatest: int, finite: int
) -> None:
    form = FORMATS[name]
    assert (form.precision, form.least_exponent, form.greatest_exponent) == (precision, least, greatest)
    assert form.finite == finite


@pytest.mark.parametrize("name", SHORT)
def test_every_finite_value_comes_once_and_in_order(name: DtypeName) -> None:
    form = FORMATS[name]
    values = form.ordered(0, form.finite)
    assert len(values.view(torch.int16).unique()) == len(values) == form.finite
    assert values.isfinite().all()
    assert (values[1:] >= values[:-1]).all()
    zeros = values[form.not_negative - 1 : form.not_negative + 1]
    assert torch.signbit(zeros).tolist() == [True, False]


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("share", [0.0, 0.25, 0.75])
def test_neighbours_have_nothing_between_them(name: DtypeName, share: float) -> None:
    form = FORMATS[name]
    start = int(share * form.finite)
    values = form.ordered(start, start + 100).double()
    middles = ((values[1:] + values[:-1]) / 2 if name != "float64" else values[1:]).to(form.dtype).double()
    assert torch.isin(middles, values).all()
    assert (values[1:] > values[:-1]).all()


@pytest.mark.parametrize("name", DTYPES)
def test_the_first_and_the_last_value_are_the_greatest(name: DtypeName) -> None:
    form = FORMATS[name]
    greatest = torch.finfo(form.dtype).max
    assert form.ordered(0, 1).item() == -greatest
    assert form.ordered(form.finite - 1, form.finite).item() == greatest


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("value", [0.0, 0.25, 0.75, 1.0, -1.5, 250.0])
def test_the_unit_of_the_last_place_leads_to_the_next_value(name: DtypeName, value: float) -> None:
    form = FORMATS[name]
    bits = torch.tensor([abs(value)], dtype=form.dtype).view(form.integers)
    following = (bits + 1).view(form.dtype).item()
    assert following - abs(value) == 2.0 ** form.place(value)


@pytest.mark.parametrize("name", DTYPES)
def test_a_power_of_two_is_the_one_at_or_below(name: DtypeName) -> None:
    form = FORMATS[name]
    values = torch.tensor([0.3, 0.5, 1.0, 1.9, 250.0], dtype=form.dtype)
    assert form.power_of_two(values).tolist() == [0.25, 0.5, 1.0, 1.0, 128.0]
    least = form.from_bits(torch.tensor([0, 1, 2]))
    assert form.power_of_two(least).tolist() == [math.ldexp(1.0, form.least_exponent)] * 3
