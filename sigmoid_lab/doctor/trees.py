"""Tensors inside the tuples, lists and dicts that models take and give."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from torch import Tensor


def tensors(tree: Any) -> Iterator[Tensor]:
    """Yield every tensor of nested tuples, lists, mappings and dataclasses, in order."""
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from tensors(item)
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from tensors(item)
    elif is_dataclass(tree) and not isinstance(tree, type):
        for field in fields(tree):
            yield from tensors(getattr(tree, field.name))


def map_tensors(change: Callable[[Tensor], Any], tree: Any) -> Any:
    """Return the same nesting with every tensor changed."""
    if isinstance(tree, Tensor):
        return change(tree)
    if type(tree) is dict:
        return {key: map_tensors(change, item) for key, item in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(map_tensors(change, item) for item in tree))
    if type(tree) in (list, tuple):
        return type(tree)(map_tensors(change, item) for item in tree)
    return tree
