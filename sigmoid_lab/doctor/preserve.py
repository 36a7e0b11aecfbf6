"""A user's model as it was before, whatever ran in between."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

COPIED_BYTES = 64 * 2**20
"""Parameters of a model up to this size are copied, in case its own code writes into them."""

Undo = Callable[[], None]


@contextmanager
def preserved(*modules: nn.Module) -> Iterator[None]:
    """Put back parameters, gradients, buffers, modes, hooks, attributes and random states, also after an exception.

    Parameters of more than COPIED_BYTES are not copied: they are as before unless the model's own code changes them.
    """
    undo = [_random_states(), *(_module(part) for module in modules for part in module.modules())]
    undo += [_tensors(module) for module in modules]
    try:
        yield
    finally:
        for put_back in undo:
            put_back()


def _module(module: nn.Module) -> Undo:
    """Remember a module's attributes: its mode, hooks and members among them."""
    attributes = {key: (value, _members(value)) for key, value in vars(module).items()}

    def put_back() -> None:
        vars(module).clear()
        for key, (value, members) in attributes.items():
            vars(module)[key] = value
            if members is not None:
                value.clear()
                value.update(members)

    return put_back


def _members(value: Any) -> dict[Any, Any] | None:
    return dict(value) if isinstance(value, dict) else None


def _tensors(module: nn.Module) -> Undo:
    parameters = list(module.parameters())
    flags = [(parameter, parameter.requires_grad, parameter.grad) for parameter in parameters]
    small = sum(parameter.nbytes for parameter in parameters) <= COPIED_BYTES
    kept = [*module.buffers(), *(parameters if small else ())]
    values = [(tensor, tensor.detach().clone()) for tensor in kept]

    def put_back() -> None:
        for parameter, requires_grad, grad in flags:
            parameter.requires_grad_(requires_grad)
            parameter.grad = grad
        with torch.no_grad():
            for tensor, value in values:
                if not torch.equal(tensor, value):
                    tensor.copy_(value)

    return put_back


def _random_states() -> Undo:
    cpu, numbers, python = torch.get_rng_state(), np.random.get_state(), random.getstate()  # noqa: NPY002
    gpus = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []

    def put_back() -> None:
        torch.set_rng_state(cpu)
        np.random.set_state(numbers)  # noqa: NPY002
        random.setstate(python)
        if gpus:
            torch.cuda.set_rng_state_all(gpus)

    return put_back
