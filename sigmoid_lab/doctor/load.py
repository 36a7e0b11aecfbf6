"""A user's case from the name that they typed: FILE.py:NAME or package.module:NAME."""

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from sigmoid_lab.doctor.case import Case, case_of, check
from sigmoid_lab.doctor.failure import users_fault
from sigmoid_lab.doctor.passes import seed_all
from sigmoid_lab.doctor.preserve import preserved
from sigmoid_lab.doctor.trees import tensors
from sigmoid_lab.errors import LabError, nearest
from sigmoid_lab.functions.losses import LOSSES
from sigmoid_lab.vocabulary import LOSSES as LAB_LOSSES
from sigmoid_lab.vocabulary import TORCH_LOSSES, LossName, TorchLossName, known

Loss = Callable[[Any, Any], Any]

TORCH: dict[TorchLossName | LossName, Callable[[], Loss]] = {
    "bce-with-logits": nn.BCEWithLogitsLoss,
    "bce": nn.BCELoss,
    "cross-entropy": nn.CrossEntropyLoss,
    "nll": nn.NLLLoss,
    "mse": nn.MSELoss,
    "l1": nn.L1Loss,
}
"""Words that mean torch's own loss; the others are the lab's."""


def load(spec: str, shape: str | None = None, loss: str | None = None) -> Case:
    """Return the case at ``spec``, or a model's on random data of ``shape``; raise LabError saying what is wrong."""
    source, _, name = spec.rpartition(":")
    if not source or not name:
        raise LabError(f"'{spec}': write FILE.py:NAME or package.module:NAME")
    seed_all()
    found = _member(_module(source), name, spec)
    if isinstance(found, nn.Module) or (isinstance(found, type) and issubclass(found, nn.Module)):
        return _of_model(found, spec, shape, loss)
    if shape is not None or loss is not None:
        raise LabError(f"{spec}: --input and --loss go with a model; this is a function that returns both itself")
    if not callable(found):
        raise LabError(f"{spec}: it is of type {type(found).__name__}; name a function without arguments or a model")
    return case_of(_call(found, spec), spec)


def _module(source: str) -> ModuleType:
    if source.endswith(".py"):
        return _file(Path(source))
    if not all(part.isidentifier() for part in source.split(".")):
        raise LabError(f"{source}: no such module; for a file write its name with .py")
    sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(source)
    except ModuleNotFoundError as error:
        if error.name and (source == error.name or source.startswith(error.name + ".")):
            raise LabError(f"{source}: no such module; for a file write its name with .py") from None
        raise users_fault(error, source) from None
    except (Exception, SystemExit) as error:
        raise users_fault(error, source) from None
    finally:
        sys.path.pop(0)


def _file(path: Path) -> ModuleType:
    if not path.is_file():
        beside = [file.name for file in path.parent.glob("*.py")] if path.parent.is_dir() else []
        raise LabError(f"{path}: no such file{nearest(path.name, beside)}")
    described = importlib.util.spec_from_file_location(path.stem, path.resolve())
    if described is None or described.loader is None:
        raise LabError(f"{path}: it is no Python file")
    module = importlib.util.module_from_spec(described)
    sys.path.insert(0, str(path.resolve().parent))
    sys.modules[path.stem] = module
    try:
        described.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise users_fault(error, str(path)) from None
    return module


def _member(module: ModuleType, name: str, spec: str) -> Any:
    if not hasattr(module, name):
        names = [word for word in vars(module) if not word.startswith("_")]
        raise LabError(f"{spec}: there is no '{name}'{nearest(name, names)}")
    return getattr(module, name)


def _call(function: Callable[..., Any], spec: str) -> Any:
    try:
        return function()
    except (Exception, SystemExit) as error:
        raise users_fault(error, spec) from None


def _of_model(found: Any, spec: str, shape: str | None, loss: str | None) -> Case:
    if shape is None or loss is None:
        raise LabError(
            f"{spec}: a model needs --input SHAPE and --loss NAME, such as --input 32,10 --loss bce-with-logits"
        )
    model: nn.Module = _call(found, spec) if isinstance(found, type) else found
    word = known("loss", loss, (*LAB_LOSSES, *TORCH_LOSSES))
    inputs = torch.randn(*_shape(shape)).to(next(iter(model.parameters()), torch.empty(0)))
    case = Case(model, _loss(word), inputs, None)
    check(case, spec)
    return Case(model, case.loss, inputs, _targets(case, word, spec))


def _shape(text: str) -> list[int]:
    try:
        sizes = [int(part) for part in text.replace("x", ",").split(",")]
    except ValueError:
        sizes = []
    if not sizes or min(sizes) < 1:
        raise LabError(f"--input: '{text}' is no shape; write such as 32,10")
    return sizes


def _loss(word: LossName | TorchLossName) -> Loss:
    if word in TORCH:
        return TORCH[word]()
    function = LOSSES[word]  # type: ignore[index]
    return lambda outputs, targets: function(outputs, targets).mean()


def _targets(case: Case, word: str, spec: str) -> Tensor:
    """Draw targets at random in the shape that the loss takes beside the model's outputs."""
    with preserved(*case.modules), torch.no_grad():
        try:
            outputs = case.outputs(case.inputs)
        except Exception as error:
            raise users_fault(error, spec) from None
    first = next(tensors(outputs), None)
    if first is None:
        raise LabError(f"{spec}: the model gives no tensor")
    if word in ("cross-entropy", "nll"):
        classes = first.shape[1] if first.ndim > 1 else 1
        return torch.randint(classes, (first.shape[0], *first.shape[2:]), device=first.device)
    return torch.randint(2, first.shape, device=first.device).to(first)
