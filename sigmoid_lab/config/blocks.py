"""What the schema's blocks are made of: the forms that a setting takes, by the word that chooses among them."""

from typing import Any, get_args

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo

Model = type[BaseModel]


def forms(annotation: Any) -> dict[str, Any]:
    """Return what a union offers, by kind or tag; nothing where ``annotation`` is no such union."""
    found: dict[str, Any] = {}
    for member in get_args(annotation):
        form, *marks = get_args(member) or (member,)
        tags = [mark.tag for mark in marks if isinstance(mark, Tag)]
        block = as_block(form)
        found |= dict.fromkeys(tags or (kinds(block) if block else ()), form)
    return found


def as_block(annotation: Any) -> Model | None:
    """Return ``annotation`` if it is a block."""
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def kinds(block: Model) -> tuple[str, ...]:
    """Return the words that choose a block."""
    return get_args(block.model_fields["kind"].annotation) if "kind" in block.model_fields else ()


def blocks(field: FieldInfo) -> dict[str, Model]:
    """Return the blocks that a setting may hold, by kind; the only one, if there is no choice, by ''."""
    if block := as_block(field.annotation):
        return {"": block}
    return {kind: block for kind, form in forms(field.annotation).items() if (block := as_block(form))}
