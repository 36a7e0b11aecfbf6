"""Records the operations of a pass while they run, and lets an operation's result be replaced.

A TorchFunctionMode sees modules, functions, methods and operators alike, and the forward of a custom autograd
function too; what the user's file wrote decides nothing but the place that is named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from sigmoid_lab.doctor.measure import measure, watch_gradient, watch_times
from sigmoid_lab.doctor.operations import CONSTANT, FUSED_RECURRENT, UNSEEN, Operation
from sigmoid_lab.doctor.trees import tensors

TORCH = str(Path(torch.__file__).parent)
HERE = str(Path(__file__).parent.parent)
THIN = tuple(f"{TORCH}/{part}" for part in ("nn/", "overrides.py", "_tensor.py", "functional.py", "utils/", "_jit"))
"""Torch's own files that only pass a user's call on."""

PROPERTIES = frozenset({"data", "T", "mT", "H", "mH", "real", "imag"})
"""Properties of a tensor that are tensors sharing its memory."""

KEPT_NUMBERS = 2**16
KEPT_BYTES = 2**24

Replace = Callable[[Tensor], Tensor]


class Tracer(TorchFunctionMode):
    """Numbers the operations of a pass in the order they run; the same code numbers them the same again."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run an operation, number it if it makes tensors, and let a subclass see it before and after."""
        name = name_of(func)
        if name is None or torch._C._functorch.maybe_current_level() is not None:
            return func(*args, **(kwargs or {}))
        args = self.before(name, args, kwargs or {})
        result = func(*args, **(kwargs or {}))
        if name == "__setitem__":
            result, returned = args[0], None
        elif not _holds_tensor(result):
            self.after_nothing()
            return result
        else:
            result = returned = self.replace(self.count, name, result)
        self.after(self.count, name, args, kwargs or {}, result)
        self.count += 1
        return returned

    def before(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """See an operation's arguments; return those to run it with."""
        return args

    def replace(self, index: int, name: str, result: Any) -> Any:
        """Return what stands in for an operation's result."""
        return result

    def after(self, index: int, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any) -> None:
        """See an operation's result."""

    def after_nothing(self) -> None:
        """See that an operation gave no tensor."""


def name_of(func: Any) -> str | None:
    """Return an operation's name as people write it, such as ``sub``; None for what makes no tensor of its own."""
    name: str = getattr(func, "__name__", "")
    if name == "__get__":
        name = getattr(func.__self__, "__name__", "")
        return name if name in PROPERTIES else None
    if name in ("__setitem__", "__getitem__"):
        return name
    if name in ("__set__", "_set_grad_enabled", "requires_grad_", "register_hook", "retain_grad", "backward"):
        return None
    return name.strip("_") + ("_" if name.endswith("_") and not name.endswith("__") else "") if name else None


def _holds_tensor(result: Any) -> bool:
    return isinstance(result, Tensor) or (isinstance(result, tuple | list) and any(True for _ in tensors(result)))


class Recorder(Tracer):
    """Records every operation as it runs: arguments, place, module, and figures of its output."""

    def __init__(self, names: Mapping[int, str]) -> None:
        super().__init__()
        self.names = names
        self.operations: list[Operation] = []
        self.makers = WeakTensorKeyDictionary()
        self.stack: list[nn.Module] = []
        self.running: Operation | None = None
        self.failed: Operation | None = None
        self.in_loss = False
        self.kept_bytes = 0
        self.sequences: list[Tensor] = []
        """Inputs of fused recurrent layers, of which the gradient by time step is wanted."""

    def leaf(self, tensor: Tensor, name: str, label: str = "") -> Operation:
        """Register a tensor that no operation made."""
        made = Operation(name, label=label, shape=tuple(tensor.shape), dtype=tensor.dtype)
        made.requires_grad = tensor.requires_grad
        made.from_input, made.from_target = name == "input", name == "target"
        made.from_parameter = name == "parameter" or (name == CONSTANT and tensor.requires_grad and tensor.is_leaf)
        made.kept, made.version = (tensor.detach(), tensor._version) if tensor.numel() <= KEPT_NUMBERS else (None, 0)
        self.makers[tensor] = made
        return made

    def maker(self, tensor: Tensor) -> Operation:
        """Return the operation that made a tensor."""
        found: Operation | None = self.makers.get(tensor)
        if found is not None:
            return found
        if tensor.grad_fn is not None:
            return self.unseen(tensor)
        return self.leaf(tensor, CONSTANT)

    def unseen(self, tensor: Tensor) -> Operation:
        """Register a tensor made where no mode can see, as by a scripted module; it hangs on what ran last."""
        made = self.leaf(tensor, UNSEEN)
        made.arguments = tuple(self.operations[-1:])
        made.from_input = made.from_parameter = True
        return made

    def before(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """Note what is about to run, in case it fails."""
        made = Operation(name, arguments=self._plain(args), keywords={k: self._plain(v) for k, v in kwargs.items()})
        made.file, made.line, made.by_library = place()
        made.module, made.kind = self._module()
        made.in_loss, made.grad_enabled = self.in_loss, torch.is_grad_enabled()
        made.in_place = (
            (name.endswith("_") and not name.startswith("__"))
            or name == "__setitem__"
            or (len(name) > 3 and name[0] == "i" and name[1:] in ("add", "sub", "mul", "truediv", "div", "pow"))
        )
        for source in made.sources:
            made.from_input |= source.from_input
            made.from_target |= source.from_target
            made.from_parameter |= source.from_parameter
        self.running = self.failed = made
        if name in FUSED_RECURRENT and made.grad_enabled and isinstance(args[0], Tensor):
            self.sequences.append(watch_times(made, args))
            return (self.sequences[-1], *args[1:])
        return args

    def after_nothing(self) -> None:
        """Forget an operation that gave no tensor."""
        self.failed = None

    def after(self, index: int, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any) -> None:
        """Note an operation's result, measure it and watch for its gradient."""
        made = self.running
        if made is None or made.name != name:
            return
        self.failed = None
        made.index = index
        self.operations.append(made)
        parts = list(tensors(result))
        for part in parts:
            self.makers[part] = made
        first = parts[0]
        made.shape, made.dtype, made.requires_grad = tuple(first.shape), first.dtype, first.requires_grad
        self._keep(made, first)
        if not made.in_loss:
            measure(made, first, args)
        watch_gradient(made, first)

    def _keep(self, made: Operation, tensor: Tensor) -> None:
        if tensor.numel() <= KEPT_NUMBERS and self.kept_bytes + tensor.nbytes <= KEPT_BYTES:
            made.kept, made.version = tensor.detach(), tensor._version
            self.kept_bytes += tensor.nbytes

    def _plain(self, tree: Any) -> Any:
        if isinstance(tree, Tensor):
            return self.maker(tree)
        if isinstance(tree, tuple | list):
            return tuple(self._plain(item) for item in tree)
        return tree if isinstance(tree, bool | int | float | str | slice | type(None)) else None

    def _module(self) -> tuple[str | None, str | None]:
        for module in reversed(self.stack):
            if id(module) in self.names:
                return self.names[id(module)], type(module).__name__
        return None, None


class Editor(Tracer):
    """Runs a pass again with the results of some operations looked at or replaced, by their number and name."""

    def __init__(self, edits: Mapping[int, tuple[str, Replace]]) -> None:
        super().__init__()
        self.edits = edits

    def replace(self, index: int, name: str, result: Any) -> Any:
        """Replace the result of an edited operation, or the first tensor of several."""
        expected, change = self.edits.get(index, ("", None))
        if change is None or expected != name:
            return result
        if isinstance(result, Tensor):
            return change(result)
        return type(result)((change(result[0]), *result[1:])) if isinstance(result[0], Tensor) else result


@contextmanager
def recording(recorder: Recorder) -> Iterator[Recorder]:
    """Record everything that runs inside, compiled modules as plain ones; its hooks are gone afterwards."""

    def enter(module: nn.Module, _: Any) -> None:
        recorder.stack.append(module)

    def leave(*_: Any) -> None:
        recorder.stack.pop()

    with ExitStack() as stack:
        for handle in (register_module_forward_pre_hook(enter), register_module_forward_hook(leave, always_call=True)):
            stack.callback(handle.remove)
        stack.enter_context(eager())
        stack.enter_context(recorder)
        yield recorder


@contextmanager
def eager() -> Iterator[None]:
    """Run what torch.compile has compiled as the Python that it was."""
    if "torch._dynamo" not in sys.modules:
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


def place() -> tuple[str | None, int | None, bool]:
    """Return the file and line of the innermost frame of the user's, and whether deeper code of torch called."""
    frame = sys._getframe(3)  # the caller of the operation
    by_library = False
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(HERE) and "/doctor/" in file:
            break
        if not file.startswith((TORCH, "<")):
            return file, frame.f_lineno, by_library
        by_library |= file.startswith(TORCH) and not file.startswith(THIN)
        frame = frame.f_back  # type: ignore[assignment]
    return None, None, by_library
