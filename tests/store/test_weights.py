from pathlib import Path

import numpy as np
import pytest

from sigmoid_lab import LabError
from sigmoid_lab.store import weights

STACK = {
    "layers.0.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "layers.0.bias": np.arange(6, dtype=np.float32).reshape(2, 3),
}


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    weights.write(tmp_path / "00000.safetensors", STACK, seeds=(7, 9))
    return tmp_path / "00000.safetensors"


def test_each_network_of_a_stack_is_read_by_its_seed(stored: Path) -> None:
    for copy, seed in enumerate((7, 9)):
        for name, value in weights.read(stored, seed).items():
            np.testing.assert_array_equal(value, STACK[name][copy])


def test_nothing_is_left_aside(stored: Path) -> None:
    assert [path.name for path in stored.parent.iterdir()] == ["00000.safetensors"]


def test_equal_weights_make_equal_files(stored: Path, tmp_path: Path) -> None:
    weights.write(tmp_path / "again.safetensors", STACK, seeds=(7, 9))
    assert (tmp_path / "again.safetensors").read_bytes() == stored.read_bytes()


def test_a_seed_that_is_not_there_is_an_error(stored: Path) -> None:
    with pytest.raises(LabError, match="cannot be read as trained weights"):
        weights.read(stored, 8)


@pytest.mark.parametrize("damage", [b"", b"\x80\x04pickle", b"\xff" * 64])
def test_a_damaged_file_is_an_error_that_names_it(stored: Path, damage: bytes) -> None:
    stored.write_bytes(damage)
    with pytest.raises(LabError, match=r"00000\.safetensors: cannot be read"):
        weights.read(stored, 7)


def test_a_truncated_file_is_an_error(stored: Path) -> None:
    stored.write_bytes(stored.read_bytes()[:-4])
    with pytest.raises(LabError, match="cannot be read"):
        weights.read(stored, 7)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="cannot be read"):
        weights.read(tmp_path / "none.safetensors", 7)
