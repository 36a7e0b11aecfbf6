"""What a case is, and how it is run: the form that ``doctor FILE.py:NAME`` asks of a function."""

from collections.abc import Callable, Iterator
from typing import Any, NotRequired, TypedDict, cast

import torch
from torch import Tensor, nn


class Case(TypedDict):
    """A model with a batch; a tuple of inputs is passed by position, a dict by keyword."""

    model: nn.Module
    loss: Callable[[Any, Any], Tensor]
    inputs: Any
    targets: Any
    predict: NotRequired[Callable[[Any], Any]]


Make = Callable[[], Case]


def mend(case: Case, **changes: Any) -> Case:
    return cast(Case, {**case, **changes})


def outputs_of(case: Case) -> Any:
    inputs = case["inputs"]
    if isinstance(inputs, dict):
        return case["model"](**inputs)
    return case["model"](*inputs) if isinstance(inputs, tuple) else case["model"](inputs)


def loss_of(case: Case) -> Tensor:
    return case["loss"](outputs_of(case), case["targets"])


def fit(case: Case, steps: int, learning_rate: float = 0.03) -> float:
    """Return the loss on the batch after ``steps`` of Adam on it."""
    parameters = [parameter for parameter in case["model"].parameters() if parameter.requires_grad]
    optimiser = torch.optim.Adam(parameters, lr=learning_rate)
    for _ in range(steps):
        optimiser.zero_grad()
        loss_of(case).backward()
        optimiser.step()
    return loss_of(case).item()


def leaves(tree: Any) -> Iterator[Tensor]:
    """Yield the tensors of a nest of tuples, lists and dicts, in order."""
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, tuple | list | dict):
        for branch in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(branch)


def mapped(tree: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Return the same nest with every tensor changed."""
    if isinstance(tree, Tensor):
        return change(tree)
    if isinstance(tree, dict):
        return {key: mapped(branch, change) for key, branch in tree.items()}
    return type(tree)(mapped(branch, change) for branch in tree)


class Through(nn.Module):
    """A model entered by another of its methods than forward."""

    def __init__(self, model: nn.Module, method: str) -> None:
        super().__init__()
        self.model = model
        self.method = method

    def forward(self, *inputs: Any, **named: Any) -> Any:
        return getattr(self.model, self.method)(*inputs, **named)
