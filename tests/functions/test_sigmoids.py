import pytest
import torch
from torch import Tensor

from sigmoid_lab.functions.activations import value_and_slope
from sigmoid_lab.functions.dtypes import DTYPES
from sigmoid_lab.functions.sigmoids import SIGMOIDS
from sigmoid_lab.vocabulary import DTYPES as DTYPE_NAMES
from sigmoid_lab.vocabulary import SIGMOIDS as NAMES
from sigmoid_lab.vocabulary import DtypeName, SigmoidName


def at(*z: float, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.tensor(z, dtype=dtype)


def test_the_table_holds_every_word() -> None:
    assert tuple(SIGMOIDS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_implementation_is_the_sigmoid_of_ordinary_z(name: SigmoidName) -> None:
    z = torch.linspace(-5.0, 5.0, 1001, dtype=torch.float64)
    z = z[z != 0.0]
    value, slope = value_and_slope(SIGMOIDS[name], z)
    torch.testing.assert_close(value, torch.sigmoid(z), rtol=1e-13, atol=0.0)
    torch.testing.assert_close(slope, torch.sigmoid(z) * torch.sigmoid(-z), rtol=1e-13, atol=0.0)


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("name", NAMES)
def test_shape_and_dtype_are_kept(name: SigmoidName, dtype: DtypeName) -> None:
    value = SIGMOIDS[name](torch.zeros(2, 3, dtype=DTYPES[dtype]))
    assert (value.shape, value.dtype) == ((2, 3), DTYPES[dtype])


@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_nan_in_its_own_place(name: SigmoidName) -> None:
    value, slope = value_and_slope(SIGMOIDS[name], at(-1.0, torch.nan, 1.0))
    assert value.isnan().tolist() == slope.isnan().tolist() == [False, True, False]


def test_where_differentiates_the_branch_that_it_does_not_take() -> None:
    value, slope = value_and_slope(SIGMOIDS["where"], at(-1000.0, 1000.0))
    assert value.tolist() == [0.0, 1.0]
    assert slope.isnan().all()


def test_two_branches_on_scalars_meet_only_their_own() -> None:
    _, slope = value_and_slope(SIGMOIDS["two-branch"], at(-1000.0, 700.0, 1000.0))
    assert slope.tolist() == [0.0, pytest.approx(9.859676543759770e-305, rel=1e-14, abs=0.0), 0.0]


def test_autograd_takes_the_absolute_value_to_be_flat_at_zero() -> None:
    _, slope = value_and_slope(SIGMOIDS["exp-abs"], at(0.0))
    assert slope.item() == 0.0
