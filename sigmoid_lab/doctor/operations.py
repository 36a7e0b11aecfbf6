"""The operations of a pass as a graph: who made which tensor from what, where in the user's code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

INPUT, TARGET, PARAMETER, BUFFER, CONSTANT, UNSEEN = "input", "target", "parameter", "buffer", "constant", "unseen"

LINEAR = frozenset({"linear", "addmm", "matmul", "mm", "bmm", "baddbmm", "addbmm", "einsum", "mv", "addmv", "bilinear"})
LINEAR |= {"tensordot", "rmatmul", "dot", "inner"}
CONVOLUTIONS = frozenset({f"conv{kind}{n}d" for kind in ("", "_transpose") for n in (1, 2, 3)} | {"convolution"})
FUSED_RECURRENT = frozenset({"lstm", "gru", "rnn_tanh", "rnn_relu"})
RECURRENT = FUSED_RECURRENT | {f"{name}_cell" for name in FUSED_RECURRENT}
LOOKUPS = frozenset({"embedding", "embedding_bag"})
AFFINE = LINEAR | CONVOLUTIONS | RECURRENT | LOOKUPS | {"multi_head_attention_forward"}
"""Operations that mix units with weights; what stands after the last of them only shapes its output."""

EXPONENTIALS = frozenset({"exp", "exp2", "expm1"})
LOGARITHMS = frozenset({"log", "log2", "log10", "log1p"})
COMPARISONS = frozenset({"gt", "ge", "lt", "le", "greater", "less", "greater_equal", "less_equal", "heaviside", "sign"})


@dataclass(eq=False, slots=True)
class Operation:
    """One call that made a tensor, or where there was none the tensor itself: an input, target, parameter or constant.

    ``arguments`` and ``keywords`` are those of the call with each tensor replaced by the operation that made it.
    """

    name: str
    index: int = -1
    label: str = ""
    """A parameter's or buffer's name."""
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    shape: tuple[int, ...] = ()
    dtype: torch.dtype | None = None
    module: str | None = None
    kind: str | None = None
    """The class of the module that ran it."""
    file: str | None = None
    line: int | None = None
    by_library: bool = False
    """Whether torch's own code above its functions and modules called it, and no user's."""
    in_place: bool = False
    in_loss: bool = False
    grad_enabled: bool = True
    requires_grad: bool = False
    from_input: bool = False
    from_target: bool = False
    from_parameter: bool = False
    activation: str | None = None
    """Which activation it is, where it is one, also when written by hand."""
    kept: Tensor | None = None
    version: int = 0
    figures: dict[str, float] = field(default_factory=dict)
    """What was measured on its output while it ran; ``gradient`` is the norm of the loss's gradient in it."""
    time_gradients: list[float] = field(default_factory=list)
    """The loss's gradient in a fused recurrent layer's input, by time step."""

    @property
    def sources(self) -> tuple[Operation, ...]:
        """The operations whose tensors it took, in the order of its arguments."""
        return tuple(_operations((self.arguments, tuple(self.keywords.values()))))

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded call made it."""
        return self.index < 0

    @property
    def from_output(self) -> bool:
        """Whether the model's inputs or parameters have a part in it."""
        return self.from_input or self.from_parameter

    @property
    def is_target(self) -> bool:
        """Whether the targets alone made it."""
        return self.from_target and not self.from_output

    @property
    def is_weight(self) -> bool:
        """Whether parameters alone made it, of at least two axes."""
        return self.from_parameter and not self.from_input and not self.from_target and len(self.shape) >= 2

    @property
    def is_affine(self) -> bool:
        """Whether it mixes units with weights."""
        return (
            self.name in AFFINE
            and (self.from_input or self.name in LOOKUPS)
            and any(source.is_weight for source in self.sources)
        )

    @property
    def value(self) -> Tensor | None:
        """The tensor that it made, where it was small enough to be kept and nothing wrote into it since."""
        return self.kept if self.kept is not None and self.kept._version == self.version else None

    @property
    def place(self) -> str | None:
        """The line of the user's code that called it, as file:line."""
        return f"{relative(self.file)}:{self.line}" if self.file else None

    def argument(self, position: int, keyword: str) -> Any:
        """Return an argument by its position or its keyword; None where it was not given."""
        return self.arguments[position] if len(self.arguments) > position else self.keywords.get(keyword)


def relative(file: str) -> str:
    """Write a file as seen from where the user stands."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _operations(tree: Any) -> Iterator[Operation]:
    if isinstance(tree, Operation):
        yield tree
    elif isinstance(tree, tuple):
        for item in tree:
            yield from _operations(item)


def ancestors(
    start: Operation, stop: Callable[[Operation], bool] = lambda _: False, most: int = 10_000
) -> Iterator[Operation]:
    """Yield ``start`` and everything that it was made from, nearest first, not going beyond where ``stop`` holds."""
    seen, waiting = {id(start)}, [start]
    while waiting and len(seen) <= most:
        operation = waiting.pop(0)
        yield operation
        if operation is not start and stop(operation):
            continue
        for source in operation.sources:
            if id(source) not in seen:
                seen.add(id(source))
                waiting.append(source)


def tail(start: Operation) -> list[Operation]:
    """Return ``start`` and what it was made from, back to and with the last affine operations."""
    return [op for op in ancestors(start, lambda op: op.is_affine) if op.from_output and not op.is_leaf]


def anchors(start: Operation) -> list[Operation]:
    """Return the affine operations that ``start`` depends on with none other between."""
    found = [op for op in tail(start) if op.is_affine]
    return [start] if start.is_affine else found
