"""Starter files: every key of the schema with its default and what it means, for each kind of data."""

import shlex
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import PurePath
from textwrap import wrap
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo

from sigmoid_lab.config.blocks import Model, blocks
from sigmoid_lab.config.dump import plain
from sigmoid_lab.config.json_schema import FILE
from sigmoid_lab.config.schema import Experiment, Settings
from sigmoid_lab.vocabulary import DataKind

KEYS = ("name", *Settings.model_fields, "seeds", "seed", "compare")
COMMENTS_FROM = 26
LINE_LENGTH = 120
TIE = "\N{NO-BREAK SPACE}"
"""Keeps two words on one line until the lines are made."""


def starter(kind: DataKind, file: str) -> str:
    """Return the text of a config for a kind of data, to be kept as ``file``."""
    schema = shlex.quote(str(PurePath(file).parent / FILE))
    file = shlex.quote(file)
    head = (
        f"# sigmoid-lab train {file}",
        f"# yaml-language-server: $schema={FILE}",
        "#",
        "# Every key stands here with what it means; one that is left out has its default.",
        f"# sigmoid-lab config check {file} tells what is wrong with a change.",
        f"# sigmoid-lab config schema > {schema} lets editors complete and explain keys.",
        "",
    )
    values = _values(kind)
    lines = (line for key in KEYS for line in _setting(key, Experiment.model_fields[key], values[key]))
    return "\n".join((*head, *lines, ""))


def _values(kind: DataKind) -> dict[str, Any]:
    """Return every value of a starter: the defaults, and examples where there is none."""
    form = blocks(Experiment.model_fields["data"])[kind]
    needed = {
        key: _examples(field)[0] for key, field in form.model_fields.items() if key != "kind" and field.is_required()
    }
    given = {
        "name": kind,
        "data": {"kind": kind, **needed},
        "network": {"kind": "multilabel"} if kind == "multilabel" else {},
        "compare": _examples(Experiment.model_fields["compare"])[0],
    }
    values = plain(Experiment.model_validate(given))
    return values | {"data": values["data"] | needed}


def _setting(key: str, field: FieldInfo, value: Any) -> Iterator[str]:
    if forms := blocks(field):
        yield from _block(key, forms, value)
    elif isinstance(value, dict):
        yield from _commented(f"{key}:", [_meaning(field, value)])
        yield from (f"  {inner}: {_flow(item)}" for inner, item in value.items())
    else:
        yield from _commented(f"{key}: {_flow(value)}", [_meaning(field, value), _default({key: field})])


def _block(key: str, forms: dict[str, Model], value: dict[str, Any]) -> Iterator[str]:
    """Yield a block's keys; those that it could have instead, or as another kind, are commented out."""
    chosen = forms[value.get("kind", "")]
    yield from _commented(f"{key}:", [_plain_words(chosen.__doc__ or "")])
    if "kind" in value:
        words = " | ".join(forms)
        yield from _commented(f"  kind: {value['kind']}", [words, f"default{TIE}{next(iter(forms))}"])
    # Other data are other worlds, whose keys would only confuse here.
    relevant = {value["kind"]: chosen} if key == "data" else forms
    names = dict.fromkeys(name for form in (chosen, *relevant.values()) for name in form.model_fields if name != "kind")
    for name in sorted(names, key=lambda name: (name not in chosen.model_fields, name not in value)):
        having = {kind: form.model_fields[name] for kind, form in relevant.items() if name in form.model_fields}
        if name in value:
            field = chosen.model_fields[name]
            yield from _commented(f"  {name}: {_flow(value[name])}", [_meaning(field, value[name]), _default(having)])
        else:
            field = next(iter(having.values()))
            instead = (_examples(field) or [_usual(field)])[0]
            where = "" if name in chosen.model_fields else f"for {', '.join(having)}: "
            meaning = where + _meaning(field, instead)
            yield from _commented(f"  # {name}: {_flow(instead)}", [meaning, _default(having)])


def _commented(text: str, parts: list[str]) -> Iterator[str]:
    """Yield a line with a comment, which goes on below where it is long."""
    comment = wrap("; ".join(filter(None, parts)), LINE_LENGTH - COMMENTS_FROM - 2, break_on_hyphens=False)
    for left, right in zip_longest([text], comment, fillvalue=""):
        yield f"{left:<{COMMENTS_FROM - 2}}  # {right.replace(TIE, ' ')}"


def _meaning(field: FieldInfo, value: Any) -> str:
    """Return what a setting means, the words that it takes, and other forms of it than ``value``."""
    meaning = _plain_words(field.description or "")
    words = " | ".join(_words(field.annotation))
    others = [f"; or {_flow(example)}" for example in _examples(field) if example != value]
    return meaning[:1].lower() + meaning[1:] + (f": {words}" if words else "") + "".join(others)


def _plain_words(text: str) -> str:
    return text.strip().removesuffix(".").replace("``", "")


def _words(annotation: Any) -> list[str]:
    """Return the words that a setting takes."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [word for part in get_args(annotation) for word in _words(part)]


def _default(having: dict[str, FieldInfo]) -> str:
    """Return a setting's default, or each with the kinds that have it where they differ."""
    defaults: dict[str, list[str]] = {}
    for kind, field in having.items():
        if not field.is_required() and (usual := _usual(field)) is not None:
            defaults.setdefault(_flow(usual), []).append(kind)
    told = defaults if len(defaults) < 2 else [f"{value} ({', '.join(kinds)})" for value, kinds in defaults.items()]
    return f"default{TIE}" + ", ".join(told) if told else ""


def _usual(field: FieldInfo) -> Any:
    return field.get_default(call_default_factory=True, validated_data={})


def _examples(field: FieldInfo) -> list[Any]:
    return field.examples or []


def _flow(value: Any) -> str:
    value = list(value) if isinstance(value, tuple) else value
    return (
        yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000)
        .removesuffix("\n")
        .removesuffix("\n...")
    )
