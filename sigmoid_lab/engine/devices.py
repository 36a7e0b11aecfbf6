"""Where tensors live, and how to say so."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from sigmoid_lab.environment import Environment, describe, free_memory
from sigmoid_lab.errors import LabError
from sigmoid_lab.vocabulary import DeviceName

THREADS = 1


def device_of(name: DeviceName) -> torch.device:
    """Return a torch device; raise LabError where this machine has none of that name."""
    if name == "cuda" and torch.cuda.device_count() == 0:
        raise LabError("device: 'cuda' is not available here (torch finds no GPU); use device: cpu")
    return torch.device(name)


def free_bytes(name: DeviceName) -> int:
    """Return how much memory is free where a device keeps its tensors."""
    if name == "cpu":
        return free_memory()
    free: int = torch.cuda.mem_get_info(device_of(name))[0]
    return free


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread, so that numbers do not depend on the cores of a machine.

    Threads that wait for each other also come to a halt when another process wants a core; stacks in processes
    of their own do not.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def environment(name: DeviceName) -> Environment:
    """Describe the machine, with the device that stacks run on."""
    if name == "cuda":
        return describe(torch.cuda.get_device_name(device_of(name)), THREADS, "torch.baddbmm (cuBLAS)")
    library = "MKL" if torch.backends.mkl.is_available() else "torch's BLAS"
    return describe(name, THREADS, f"torch.baddbmm ({library})")
