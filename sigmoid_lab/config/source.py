"""YAML text with positions: plain values, and where in the text each of them stands.

YAML 1.2's core schema: ``1e-3`` is a number, ``off`` and ``12:30`` are words, a key stands once, and no
tag builds an object.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sigmoid_lab.errors import LabError

Location = tuple[str | int, ...]

LONGEST_FILE = 1_000_000
MOST_VALUES = 100_000
DEEPEST = 64

WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
INTEGER = re.compile(r"[-+]?\d+")
SCIENTIFIC_INTEGER = re.compile(r"[-+]?\d+[eE]\+?\d{1,2}")
NUMBER = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")
NOT_FINITE = re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE)


@dataclass
class Source:
    """A file's values, and the place of each: ``file:line:column``, or the option that set it."""

    name: str
    folder: Path
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[Location, str] = field(default_factory=dict)

    def place(self, location: Location) -> str:
        """Return where ``location`` stands, or the nearest thing around it that stands somewhere."""
        while location not in self.places and location:
            location = location[:-1]
        return self.places.get(location, self.name)

    def override(self, assignment: str) -> None:
        """Apply ``a.b=VALUE``, as ``--set`` does; raise LabError if it cannot be read."""
        key, equals, text = assignment.partition("=")
        path = tuple(key.strip().split("."))
        if not equals or not all(path):
            raise LabError(f"--set {assignment}: write --set key=value, such as --set network.depth=5")
        reader = _Reader(f"--set {key}")
        value = reader.read(text)
        reader.raise_problems()
        self.places |= {path[:i] or (): f"--set {key}" for i in range(len(path), 0, -1)
                        if path[:i] not in self.places or i == len(path)}
        place_value(self.values, path, value)


def place_value(values: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    """Set ``values[path[0]][path[1]]… = value``, making the mappings on the way."""
    for key in path[:-1]:
        if not isinstance(values.get(key), dict):
            values[key] = {}
        values = values[key]
    values[path[-1]] = value


def read(path: Path) -> Source:
    """Read a YAML file; raise LabError naming every fault of its text."""
    try:
        if path.stat().st_size > LONGEST_FILE:
            raise LabError(f"{path}: is larger than {LONGEST_FILE:,} bytes; a config is a page of YAML")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except FileNotFoundError:
        raise LabError(f"{path}: no such file; `sigmoid-lab config new` writes one") from None
    except IsADirectoryError:
        raise LabError(f"{path}: is a directory; name the YAML file in it") from None
    except (OSError, ValueError) as error:
        raise LabError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    reader = _Reader(str(path))
    values = reader.read(text)
    if values is None:
        raise LabError(f"{path}: is empty; `sigmoid-lab config new` writes a file to start from")
    if not isinstance(values, dict):
        reader.problem((), f"a mapping such as 'seeds: 16' belongs here, not {describe(values)}")
    reader.raise_problems()
    return Source(str(path), path.parent, values, reader.places)


def describe(value: object) -> str:
    """Say what a YAML value is, as a person would."""
    if value is None:
        return "nothing"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}'" if isinstance(value, str) else str(value)


class _Reader:
    """One pass over the nodes of a text: values, places and problems."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.places: dict[Location, str] = {}
        self.problems: list[str] = []
        self.count = 0

    def read(self, text: str) -> Any:
        try:
            self.refuse_depth(text)
            node = yaml.compose(text, Loader=yaml.CBaseLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = f"{self.name}:{mark.line + 1}:{mark.column + 1}" if mark else self.name
            raise LabError(f"{place}: {_explain(error)}") from None
        except yaml.YAMLError as error:
            raise LabError(f"{self.name}: is not YAML ({' '.join(str(error).split())})") from None
        return self.value(node, ()) if node else None

    def refuse_depth(self, text: str) -> None:
        """Refuse deep nesting by the parser's events, before anything recurses into it."""
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise LabError(f"{self.name}: is nested more than {DEEPEST} levels deep")

    def problem(self, location: Location, message: str) -> None:
        key = ".".join(map(str, location))
        self.problems.append(f"{self.places.get(location, self.name)}: {key + ': ' if key else ''}{message}")

    def raise_problems(self) -> None:
        if self.problems:
            raise LabError(*self.problems)

    def value(self, node: yaml.Node, location: Location) -> Any:
        self.count += 1
        if self.count > MOST_VALUES:
            raise LabError(f"{self.name}: its aliases expand to more than {MOST_VALUES:,} values")
        if len(location) > DEEPEST:
            raise LabError(f"{self.name}: an alias contains itself")
        self.places.setdefault(location, self.mark(node))
        if node.tag not in PLAIN_TAGS:
            self.problem(location, f"the tag {node.tag} is not allowed; plain values only")
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, location)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*location, i)) for i, child in enumerate(node.value)]
        return node.value if node.style else scalar(node.value)

    def mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, child in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.problem(location, "a key must be a word")
                continue
            key = str(key_node.value)
            here = (*location, key)
            if key in values:
                self.problem(location, f"the key '{key}' stands twice, at {self.places[here]} and "
                                       f"{self.mark(key_node)}; keep one")
            self.places[here] = self.mark(key_node)
            values[key] = self.value(child, here)
        return values

    def mark(self, node: yaml.Node) -> str:
        if self.name.startswith("--set"):
            return self.name
        return f"{self.name}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"


PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}


def scalar(text: str) -> str | int | float | bool | None:
    """Return the value of a plain YAML 1.2 scalar."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if INTEGER.fullmatch(text) and len(text) < 40:
        return int(text)
    if SCIENTIFIC_INTEGER.fullmatch(text):
        mantissa, exponent = text.lower().split("e")
        return int(mantissa) * 10 ** int(exponent)
    if NUMBER.fullmatch(text):
        return float(text)
    if NOT_FINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def _explain(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "cannot be read"
    if "'\\t'" in problem or " tab " in problem:
        return "a tab cannot indent YAML; use spaces"
    if "alias" in problem or "anchor" in problem:
        return problem
    return f"is not YAML: {problem}" + (f" ({error.context})" if error.context else "")
