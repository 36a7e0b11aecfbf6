import numpy as np
import pytest

from sigmoid_lab.data.recall import NOISE, recall
from sigmoid_lab.data.streams import stream


def test_the_first_step_tells_the_bit_and_no_later_one_does() -> None:
    inputs, bits = recall(stream(0, "data"), 5000, 10)
    assert inputs.shape == (11, 5000, 1)
    assert bits.shape == (5000, 1)
    assert np.array_equal(inputs[0], 2 * bits - 1)
    for later in inputs[1:]:
        assert abs(np.corrcoef(later[:, 0], bits[:, 0])[0, 1]) < 5 / np.sqrt(5000)


def test_the_noise_has_its_deviation_and_bits_are_even() -> None:
    inputs, bits = recall(stream(0, "data"), 5000, 10)
    assert inputs[1:].std() == pytest.approx(NOISE, rel=5 / np.sqrt(2 * 50_000))
    assert abs(bits.mean() - 0.5) < 5 * 0.5 / np.sqrt(5000)
    assert set(np.unique(bits)) == {0.0, 1.0}
