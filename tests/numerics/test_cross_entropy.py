from math import log

import pytest
import torch

from sigmoid_lab.functions.losses import LOSSES
from sigmoid_lab.numerics.cross_entropy import infinite_from, of_logit, plain, slopes_part_from, zero_from
from sigmoid_lab.numerics.formats import FORMATS

FLOAT32 = FORMATS["float32"]


def test_a_loss_of_the_logit_has_its_label() -> None:
    z = torch.tensor([0.3, -2.0], dtype=torch.float64)
    expected = torch.nn.functional.softplus(z) - 0.25 * z
    torch.testing.assert_close(of_logit(LOSSES["bce-with-logits"], 0.25)(z), expected)


def test_the_plain_form_is_infinite_where_float32_cannot_hold_e_to_the_z() -> None:
    assert infinite_from(plain, 0, FLOAT32) == pytest.approx(log(torch.finfo(torch.float32).max), rel=1e-6)


def test_the_plain_form_is_0_where_e_to_the_z_is_less_than_half_a_unit_of_1() -> None:
    assert zero_from(plain, 0, FLOAT32) == pytest.approx(log(2.0**-24), rel=1e-6)


def test_the_max_form_is_never_infinite() -> None:
    assert infinite_from(LOSSES["max-form"], 0, FLOAT32) is None


def test_a_loss_never_parts_from_itself() -> None:
    loss = LOSSES["bce-with-logits"]
    assert slopes_part_from(loss, loss, 1.0, FLOAT32, -1, 0.01) is None


def test_slopes_part_where_torch_bounds_the_product_of_the_probabilities() -> None:
    """torch divides by max(p(1 − p), 1e-12), which is off by 1 % where p is 0.99e-12."""
    found = slopes_part_from(LOSSES["sigmoid-then-bce"], LOSSES["bce-with-logits"], 1.0, FLOAT32, -1, 0.01)
    assert found == pytest.approx(log(0.99e-12), rel=1e-4)
