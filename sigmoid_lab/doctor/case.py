"""What is examined: a model, a loss, and one batch of inputs and targets."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from sigmoid_lab.doctor.trees import map_tensors, tensors
from sigmoid_lab.errors import LabError, nearest

Module = nn.Module
KEYS = ("model", "loss", "inputs", "targets")
OPTIONAL_KEYS = ("predict",)


@dataclass(frozen=True)
class Case:
    """A model, loss(outputs, targets), a batch, and where there is one the function from outputs to decisions."""

    model: nn.Module
    loss: Callable[[Any, Any], Any]
    inputs: Any
    targets: Any
    predict: Callable[[Any], Any] | None = None

    @property
    def modules(self) -> tuple[nn.Module, ...]:
        """The modules that take part: the model, and the loss if it is one."""
        return (self.model, self.loss) if isinstance(self.loss, nn.Module) else (self.model,)

    def batch(self) -> tuple[Any, Any]:
        """Return a copy of inputs and targets, so that no code can write into the user's own."""
        return map_tensors(_copy, self.inputs), map_tensors(_copy, self.targets)

    def outputs(self, inputs: Any, weights: Mapping[str, Tensor] | None = None) -> Any:
        """Call the model, with ``weights`` for its own where given.

        A tuple or list are its arguments, and a dict is by keyword, where forward has as many; else they are one.
        """
        keywords = dict(inputs) if isinstance(inputs, Mapping) and self._takes_keywords else {}
        arguments = () if keywords else tuple(inputs) if self._takes_several else (inputs,)
        if weights is None:
            return self.model(*arguments, **keywords)
        return torch.func.functional_call(self.model, dict(weights), arguments, keywords)

    @cached_property
    def _takes_several(self) -> bool:
        if not isinstance(self.inputs, tuple | list):
            return False
        try:
            inspect.signature(self.model.forward).bind(*self.inputs)
        except TypeError:
            return False
        return True

    @cached_property
    def _takes_keywords(self) -> bool:
        wanted = inspect.signature(self.model.forward).parameters
        any_key = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in wanted.values())
        return any_key or set(self.inputs) <= set(wanted)


def _copy(tensor: Tensor) -> Tensor:
    return tensor.detach().clone().requires_grad_(tensor.requires_grad)


def case_of(parts: object, source: str) -> Case:
    """Return the case that a user's dict holds; raise LabError naming ``source`` for each fault of it."""
    if not isinstance(parts, Mapping):
        raise LabError(f"{source}: what it returned is {_kind(parts)}; return a dict with {', '.join(KEYS)}")
    missing = [key for key in KEYS if key not in parts]
    unknown = [str(key) for key in parts if key not in KEYS + OPTIONAL_KEYS]
    problems = [f"{source}: the dict lacks '{key}'; it needs {', '.join(KEYS)}" for key in missing]
    problems += [f"{source}: the dict's key '{key}' is unknown{nearest(key, KEYS + OPTIONAL_KEYS)}" for key in unknown]
    if problems:
        raise LabError(*problems)
    case = Case(parts["model"], parts["loss"], parts["inputs"], parts["targets"], parts.get("predict"))
    check(case, source)
    return case


def check(case: Case, source: str) -> None:
    """Raise LabError, every fault at once, where a case cannot be examined."""
    problems = [f"{source}: {problem}" for problem in _problems(case)]
    if problems:
        raise LabError(*problems)


def _problems(case: Case) -> list[str]:
    model: object = case.model
    if not isinstance(model, nn.Module):
        return [f"'model' is {_kind(model)}; give a torch.nn.Module"]
    problems = _callable_problems(case.loss, case.predict)
    if next(tensors(case.inputs), None) is None:
        problems.append(f"'inputs' holds no tensor but is {_kind(case.inputs)}; give what the model is called with")
    elif not any(tensor.numel() for tensor in tensors(case.inputs)):
        problems.append("'inputs' is an empty batch; give one of a few examples")
    if any(is_lazy(parameter) for parameter in case.model.parameters()):
        problems.append("the model's lazy layers have no weights yet; call model(inputs) once before")
    if not any(True for _ in case.model.parameters()):
        problems.append("the model has no parameters, so there is nothing that a gradient could reach")
    return problems + _batch_problems(case)


def _callable_problems(loss: object, predict: object) -> list[str]:
    problems = []
    if not callable(loss):
        problems.append(f"'loss' is {_kind(loss)}; give a function of (outputs, targets) such as nn.MSELoss()")
    elif isinstance(loss, type):
        problems.append(f"'loss' is the class {loss.__name__}; give an instance: {loss.__name__}()")
    if predict is not None and not callable(predict):
        problems.append(f"'predict' is {_kind(predict)}; give a function from outputs to decisions")
    return problems


def _batch_problems(case: Case) -> list[str]:
    problems = []
    home = next((parameter.device for parameter in case.model.parameters()), None)
    for name, tree in (("inputs", case.inputs), ("targets", case.targets)):
        for tensor in tensors(tree):
            if home is not None and tensor.device.type != home.type:
                problems.append(f"'{name}' is on {tensor.device}, the model on {home}; use {name}.to('{home}')")
            elif tensor.is_meta:
                problems.append(f"'{name}' and the model are on meta, where tensors hold no numbers; move them to cpu")
            elif name == "inputs" and (bad := _not_finite(tensor)) and not _masking(tensor):
                problems.append(f"'{name}': {bad} of {tensor.numel()} values are NaN or infinite; clean the data first")
    return problems


def _not_finite(tensor: Tensor) -> int:
    return int((~torch.isfinite(tensor)).sum()) if tensor.is_floating_point() else 0


def _masking(tensor: Tensor) -> bool:
    """Say whether the only values that are not finite are −∞, as attention masks have them."""
    return not bool(tensor.isnan().any()) and not bool((tensor == torch.inf).any())


def _kind(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"
