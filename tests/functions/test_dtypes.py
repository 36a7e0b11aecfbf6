import torch

from sigmoid_lab.functions.dtypes import DTYPES
from sigmoid_lab.vocabulary import DTYPES as NAMES


def test_every_word_names_torchs_format_of_that_name() -> None:
    assert {name: str(dtype) for name, dtype in DTYPES.items()} == {name: f"torch.{name}" for name in NAMES}
    assert all(isinstance(dtype, torch.dtype) for dtype in DTYPES.values())
