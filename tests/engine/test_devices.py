import pytest
import torch

from sigmoid_lab.engine.devices import device_of, environment, one_thread
from sigmoid_lab.errors import LabError


def test_cpu_is_always_there() -> None:
    assert device_of("cpu") == torch.device("cpu")


def test_a_missing_gpu_is_refused_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(LabError, match=r"device: 'cuda' is not available here .*; use device: cpu"):
        device_of("cuda")


def threads_inside() -> int:
    with one_thread():
        return torch.get_num_threads()


def fail_inside() -> None:
    with one_thread():
        raise ZeroDivisionError


def test_stacks_have_one_thread() -> None:
    assert threads_inside() == 1


def test_threads_are_given_back_even_after_a_failure() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with pytest.raises(ZeroDivisionError):
            fail_inside()
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_the_environment_tells_what_the_products_ran_on() -> None:
    found = environment("cpu")
    assert (found["device"], found["threads"]) == ("cpu", 1)
    assert found["product_routine"] is not None
    assert found["product_routine"].startswith("torch.baddbmm")
