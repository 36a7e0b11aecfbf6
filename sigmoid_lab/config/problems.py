"""From pydantic's errors to lines that a person can act on: place, key, what is wrong, what was meant."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.config.source import Location, Source, describe
from sigmoid_lab.errors import nearest


CONSEQUENCES = {"default_factory_not_called"}
"""Errors that only follow from another error of the same block."""


def explain(error: ValidationError, source: Source) -> list[str]:
    """Return a line for each fault."""
    return [line(source, location, what) for location, what in faults(error)]


def faults(error: ValidationError) -> list[tuple[Location, str]]:
    """Return each fault of a validation: the keys that lead to it in the file, and what is wrong."""
    return list(dict.fromkeys(
        (key_path(fault), message(fault)) for fault in error.errors() if fault["type"] not in CONSEQUENCES
    ))


def line(source: Source, location: Location, what: str) -> str:
    """Return ``file:line:column: key: what``."""
    key = ".".join(map(str, location))
    return f"{source.place(location)}: {key + ': ' if key else ''}{what}"


def message(fault: ErrorDetails) -> str:
    """Say what is wrong with a value, and what was meant."""
    value, context = describe(fault["input"]), fault.get("ctx", {})
    match fault["type"]:
        case "extra_forbidden":
            keys = keys_of(fault["loc"][:-1])
            return f"unknown key{nearest(str(fault['loc'][-1]), keys) or '; known here: ' + ', '.join(keys)}"
        case "missing":
            return "is missing"
        case "literal_error" | "union_tag_invalid":
            words = words_of(fault)
            if isinstance(fault["input"], dict):
                value = f"'{context.get('tag')}'"
            return f"{value} is unknown{nearest(value.strip(chr(39)), words) or '; one of ' + ', '.join(words)}"
        case "int_type" | "int_from_float":
            return f"{value} is not a whole number"
        case "float_type":
            return f"{value} is not a number"
        case "finite_number":
            return f"{value} is not finite"
        case "string_type":
            return f"{value} is not a word; put it in quotes if it is meant as one"
        case "tuple_type":
            return f"a list such as [1, 2] belongs here, not {value}"
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"a mapping belongs here, not {value}"
        case "too_short":
            return "the list is empty; name at least one value"
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            sign = {"gt": "greater than", "ge": "at least", "lt": "less than", "le": "at most"}
            (key, bound), *_ = context.items()
            return f"{value} is out of range; it must be {sign[key]} {bound}"
        case "string_pattern_mismatch":
            return f"{value} cannot name a run; use up to 64 letters, digits, '.', '_' and '-'"
        case "misfit":
            return str(context["message"])
        case "value_error":
            return str(context["error"])
        case _:
            return f"{fault['msg']} (given: {value})"


def words_of(fault: ErrorDetails) -> list[str]:
    """Return the words that a fault's place takes."""
    context = fault.get("ctx", {})
    expected = str(context.get("expected_tags") or context.get("expected"))
    return [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]


def key_path(fault: ErrorDetails) -> Location:
    """Return the keys that lead to a fault: pydantic's location without the tags of unions."""
    keys = tuple(step for step, _ in walk(fault["loc"]) if step is not None)
    return (*keys, *fault["ctx"]["key"].split(".")) if fault["type"] == "misfit" else keys


def keys_of(location: Location) -> list[str]:
    """Return the keys of the block at a pydantic location."""
    block: Any = Experiment
    for _, here in walk(location):
        block = here
    return list(block.model_fields) if isinstance(block, type) else []


def walk(location: Location) -> Iterator[tuple[str | int | None, Any]]:
    """Yield, for each step of a pydantic location, its key in the file (None for a tag) and its block."""
    block: Any = Experiment
    for step in location:
        if isinstance(block, type) and issubclass(block, BaseModel) and step in block.model_fields:
            block = _blocks(block.model_fields[str(step)].annotation)
            yield step, block
        elif isinstance(block, dict) and step in block:
            block = block[str(step)]
            yield None, block
        else:
            yield step, None


def _blocks(annotation: Any) -> Any:
    """Return the block of an annotation, or its blocks by tag where it is a union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    tags: dict[str, Any] = {}
    for member in get_args(annotation):
        model, *marks = get_args(member) or (member,)
        if isinstance(model, type) and issubclass(model, BaseModel) and "kind" in model.model_fields:
            tags |= dict.fromkeys(get_args(model.model_fields["kind"].annotation), model)
        tags |= {mark.tag: model for mark in marks if hasattr(mark, "tag")}
    return tags
