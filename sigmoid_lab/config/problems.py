"""From pydantic's errors to what a person can act on: the key, what is wrong, what was meant."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sigmoid_lab.config.blocks import Model, as_block, blocks, forms, kinds
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.config.source import Fault, Location, describe, scalar
from sigmoid_lab.errors import nearest

FEW_WORDS = 4
"""So many words are listed whole, rather than the nearest of them."""
BOUNDS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def faults(error: ValidationError) -> list[Fault]:
    """Return each fault of a validation: the keys that lead to it in the file, and what is wrong."""
    details = (fault for fault in error.errors() if not _follows(fault))
    return list(dict.fromkeys((location(fault), message(fault)) for fault in details))


def _follows(fault: ErrorDetails) -> bool:
    """Say whether a fault only follows from others: of the same block, or of every item of the list."""
    return fault["type"] == "default_factory_not_called" or bool(fault["type"] == "too_short" and fault["input"])


def location(fault: ErrorDetails) -> Location:
    """Return the keys that lead to a fault: pydantic's location without the tags of unions."""
    keys = tuple(step for step, _ in _walk(fault["loc"]) if step is not None)
    match fault["type"]:
        case "misfit":
            return (*keys, *fault["ctx"]["key"].split("."))
        case "union_tag_invalid":
            return (*keys, "kind")
        case _:
            return keys


def message(fault: ErrorDetails) -> str:
    """Say what is wrong with a value, and what was meant."""
    given, context = fault["input"], fault.get("ctx", {})
    value = describe(given)
    match fault["type"]:
        case "extra_forbidden":
            return f"unknown key{_meant(fault['loc'])}"
        case "missing":
            return "is missing"
        case "literal_error":
            return _unknown(given, _words(context["expected"]))
        case "union_tag_invalid":
            return _unknown(given["kind"], _words(context["expected_tags"]))
        case "int_type" | "int_from_float":
            return f"{value} is not a whole number{_unquote(given)}"
        case "float_type":
            return f"{value} is not a number{_unquote(given)}"
        case "finite_number":
            return f"{value} is not finite"
        case "string_type":
            return f"{value} is not a word; put it in quotes if it is meant as one"
        case "tuple_type":
            return f"a list such as [1, 2] belongs here, not {value}"
        case "dict_type" | "model_type" | "model_attributes_type":
            hint = f"; write {{kind: {given}}}" if given in _kinds(fault["loc"]) else ""
            return f"a mapping belongs here, not {value}{hint}"
        case "too_short":
            return "the list is empty; name at least one value"
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal" as kind:
            key, relation = BOUNDS[kind]
            return f"{value} is out of range; it must be {relation} {context[key]}"
        case "string_pattern_mismatch":
            return f"{value} cannot name a run; use up to 64 letters, digits, '.', '_' and '-'"
        case "misfit":
            return str(context["message"])
        case "value_error":
            return str(context["error"])
        case _:
            return f"{fault['msg']} (given: {value})"


def _unquote(given: object) -> str:
    return "; take the quotes off" if isinstance(given, str) and not isinstance(scalar(given), str) else ""


def _unknown(given: object, words: Sequence[str]) -> str:
    listed = ", ".join(words)
    if not isinstance(given, str):
        return f"{describe(given)} is no word known here; one of {listed}"
    hint = "" if len(words) <= FEW_WORDS else nearest(given, words)
    return f"{describe(given)} is unknown{hint or '; one of ' + listed}"


def _words(expected: str) -> list[str]:
    return [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]


def _meant(loc: Location) -> str:
    """Return what an unknown key was meant as: at home elsewhere, misspelled, or one of what is known here."""
    key = str(loc[-1])
    *_, choices, block = ({}, Experiment, *(form for _, form in _walk(loc[:-1])))
    having = [kind for kind, form in _by_kind(choices).items() if key in form.model_fields]
    if having:
        few = len(having) <= FEW_WORDS
        return f"; it goes with kind: {' or '.join(having)}" if few else f"; it does not go with kind: {loc[-2]}"
    head, _, rest = key.partition(".")
    if rest and head in Experiment.model_fields:
        return f"; write '{rest}' inside '{head}'"
    if key in Experiment.model_fields:
        return "; it belongs at the top of the file"
    for name, field in Experiment.model_fields.items():
        if key != "kind" and any(key in form.model_fields for form in blocks(field).values()):
            return f"; it belongs inside '{name}'"
    known = list(block.model_fields)
    return nearest(key, known) or "; known here: " + ", ".join(known)


def _by_kind(choices: Any) -> dict[str, Model]:
    """Return those of a union's blocks that a ``kind`` chooses."""
    found = choices.items() if isinstance(choices, dict) else ()
    return {kind: block for kind, form in found if (block := as_block(form)) and kind in kinds(block)}


def _kinds(loc: Location) -> list[str]:
    """Return the kinds of the block that belongs at a pydantic location."""
    *_, form = (None, *(form for _, form in _walk(loc)))
    return list(_by_kind(form))


def _walk(loc: Location) -> Iterator[tuple[str | int | None, Any]]:
    """Yield, for each step of a pydantic location, its key in the file (None for a tag) and what belongs there."""
    here: Any = Experiment
    for step in loc:
        if isinstance(here, dict) and step in here:
            here = here[str(step)]
            yield None, here
        else:
            block = as_block(here)
            field = block.model_fields.get(str(step)) if block else None
            here = (as_block(field.annotation) or forms(field.annotation)) if field else None
            yield step, here
