"""Where tensors live, and how to say so."""

import torch

from sigmoid_lab.environment import Environment, describe
from sigmoid_lab.errors import LabError
from sigmoid_lab.vocabulary import DeviceName

def device_of(name: DeviceName) -> torch.device:
    """Return a torch device; raise LabError where this machine has none of that name."""
    if name == "cuda" and not torch.cuda.is_available():
        raise LabError("device: 'cuda' is not available here (torch finds no GPU); use device: cpu")
    return torch.device(name)


def environment(name: DeviceName) -> Environment:
    """Describe the machine, with the device that stacks run on."""
    if name == "cuda":
        return describe(torch.cuda.get_device_name(device_of(name)), torch.get_num_threads(), "torch.baddbmm (cuBLAS)")
    library = "MKL" if torch.backends.mkl.is_available() else "torch's BLAS"
    return describe(name, torch.get_num_threads(), f"torch.baddbmm ({library})")
