"""YAML text with positions: plain values, and where in the text each of them stands.

YAML 1.2's core schema: ``1e-3`` is a number, ``off`` and ``12:30`` are words, a key stands once, and no
tag builds an object.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sigmoid_lab.config.schema import Settings
from sigmoid_lab.errors import LabError

Location = tuple[str | int, ...]
"""The keys and list indices that lead to a value."""
Fault = tuple[Location, str]
"""Where something is wrong, and what."""
Place = tuple[int, int] | None
"""Line and column, from 1; null for what an option says."""

LONGEST_FILE = 1_000_000
MOST_VALUES = 100_000
DEEPEST = 64
TOO_DEEP = f"is nested more than {DEEPEST} levels deep"
BEYOND_THE_SCANNER = "exceeded maximum nesting depth"
"""What PyYAML 6.0.4 says of a thousand levels, which it may meet before it tells of the first."""
LONGEST_QUOTE = 60

NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
INTEGER = re.compile(r"[-+]?[0-9]{1,39}")
SCIENTIFIC_INTEGER = re.compile(r"([-+]?[0-9]{1,39})[eE]\+?([0-9]{1,2})")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NOT_FINITE = re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE)


@dataclass
class Source:
    """A file's values, the place of each, and what is wrong with the text itself."""

    name: str
    folder: Path
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[Location, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def lines(self, faults: Iterable[Fault]) -> list[str]:
        """Return ``file:line:column: key: what`` for each fault, in the order of the file."""
        ordered = sorted(dict.fromkeys(faults), key=lambda fault: self._place(fault[0]) or (0, 0))
        return [": ".join(filter(None, (self._where(at), dotted(at), what))) for at, what in ordered]

    def override(self, assignment: str) -> None:
        """Apply ``a.b=VALUE``, as ``--set`` does: stronger than the file, what it compares included."""
        key, equals, text = assignment.partition("=")
        path = setting_path(key.strip())
        if not equals or not all(path):
            raise LabError(f"--set {assignment}: write --set key=value, such as --set network.depth=5")
        reader = _Reader(f"--set {assignment}", numbered=False)
        value = reader.read(text, path)
        self.faults += reader.faults
        replaced = path[: _depth_of_mappings(self.values, path) + 1]
        self.places = {at: place for at, place in self.places.items() if at[: len(replaced)] != replaced}
        self.places[replaced] = None
        place_value(self.values, path, value)
        if path[0] in Settings.model_fields and isinstance(compare := self.values.get("compare"), dict):
            compare.pop(".".join(path), None)

    def _where(self, location: Location) -> str:
        place = self._place(location)
        return f"{self.name}:{place[0]}:{place[1]}" if place else "--set"

    def _place(self, location: Location) -> Place:
        """Return where ``location`` stands, or the nearest thing around it that stands somewhere."""
        while location and location not in self.places:
            location = location[:-1]
        return self.places.get(location, (1, 1))


def read_value(option: str, text: str) -> Any:
    """Return the value of an option's text, read as YAML; raise LabError where it is none."""
    reader = _Reader(option, numbered=False)
    value = reader.read(text)
    if reader.faults:
        raise LabError(*(f"{option}: {what}" for _, what in reader.faults))
    return value


def setting_path(key: str) -> tuple[str, ...]:
    """Return the keys that a dotted key names; what follows ``compare.`` is one key."""
    head, _, compared = key.partition(".")
    return (head, compared) if head == "compare" and compared else tuple(key.split("."))


def place_value(values: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    """Set ``values[path[0]][path[1]]… = value``, making the mappings on the way."""
    for key in path[:-1]:
        if not isinstance(values.get(key), dict):
            values[key] = {}
        values = values[key]
    values[path[-1]] = value


def _depth_of_mappings(values: dict[str, Any], path: tuple[str, ...]) -> int:
    """Return how many keys of ``path``, short of its last, lead to a mapping that is there already."""
    for depth, key in enumerate(path[:-1]):
        if not isinstance(values.get(key), dict):
            return depth
        values = values[key]
    return len(path) - 1


def read(path: Path) -> Source:
    """Read a YAML file; raise LabError where it is no mapping of YAML, and note lesser faults of its text."""
    reader = _Reader(str(path))
    values = reader.read(_text(path))
    source = Source(str(path), path.parent, values, dict(reader.places), reader.faults)
    if values is None and not reader.faults:
        raise LabError(f"{path}: is empty; `sigmoid-lab config new` writes a file to start from")
    if not isinstance(values, dict):
        fault = ((), f"a mapping such as 'seeds: 16' belongs here, not {describe(values)}")
        raise LabError(*source.lines(reader.faults or [fault]))
    return source


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_FILE + 1)
        if len(content) > LONGEST_FILE:
            raise LabError(f"{path}: is larger than {LONGEST_FILE:,} bytes; a config is a page of YAML")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except FileNotFoundError:
        raise LabError(f"{path}: no such file; `sigmoid-lab config new` writes one") from None
    except IsADirectoryError:
        raise LabError(f"{path}: is a directory; name the YAML file in it") from None
    except (OSError, ValueError) as error:
        raise LabError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


def describe(value: object) -> str:
    """Say what a YAML value is, as a person would, on one short line."""
    if value is None:
        return "nothing"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{shown(value)}'" if isinstance(value, str) else shown(str(value))


def shown(text: str) -> str:
    """Return ``text`` fit for one line of a terminal: shortened, with what cannot be printed spelled out."""
    short = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    return short if short.isprintable() else repr(short)[1:-1]


def dotted(location: Location) -> str:
    """Return a location as people write it, such as ``compare.network.depth[1]``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{shown(step) or chr(39) * 2}" for step in location)
    return "".join(steps).removeprefix(".")


class _Reader:
    """One pass over the nodes of a text: values, places and faults."""

    def __init__(self, name: str, *, numbered: bool = True) -> None:
        self.name = name
        self.numbered = numbered
        self.places: dict[Location, tuple[int, int]] = {}
        self.faults: list[Fault] = []
        self.count = 0

    def read(self, text: str, location: Location = ()) -> Any:
        """Return the value of a text that stands at ``location``; raise LabError where it is not YAML."""
        if bad := NOT_YAML.search(text):
            raise self.refusal(_place_at(text, bad.start()), f"the character {bad.group()!a} cannot stand in YAML")
        try:
            self.refuse_depth(text)
            node = yaml.compose(text, Loader=yaml.CBaseLoader)
        except yaml.MarkedYAMLError as error:
            index = _telling_index(error, text)
            raise self.refusal(_place_at(text, index), _explain(error, text, index)) from None
        return self.value(node, location, 0) if node else None

    def refuse_depth(self, text: str) -> None:
        """Refuse deep nesting by the parser's events, before anything recurses into it."""
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise self.refusal(_place(event.start_mark), TOO_DEEP)

    def value(self, node: yaml.Node, location: Location, depth: int) -> Any:
        """Return a node's value, having noted where it stands."""
        self.count += 1
        if self.count > MOST_VALUES:
            raise self.refusal(self.places[location[:1]], f"more than {MOST_VALUES:,} values, aliases expanded")
        if depth > DEEPEST:
            raise self.refusal(_place(node.start_mark), "an alias stands inside what it names")
        self.places.setdefault(location, _place(node.start_mark))
        if node.tag not in PLAIN_TAGS:
            tag = shown(node.tag.replace("tag:yaml.org,2002:", "!!"))
            self.faults.append((location, f"the tag {tag} is not allowed; plain values only"))
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, location, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*location, i), depth + 1) for i, child in enumerate(node.value)]
        return node.value if getattr(node, "style", None) else scalar(node.value)

    def mapping(self, node: yaml.MappingNode, location: Location, depth: int) -> dict[str, Any]:
        """Return a mapping, having noted what is wrong with its keys."""
        values: dict[str, Any] = {}
        for key_node, child in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append((location, f"{describe(key_node.value)} cannot be a key; a key is a word"))
                continue
            key = str(key_node.value)
            here = (*location, key)
            if key in values:
                earlier = f", first at line {self.places[here][0]}" if self.numbered else ""
                self.faults.append((here, f"this key stands twice{earlier}; keep one"))
            self.places[here] = _place(key_node.start_mark)
            values[key] = self.value(child, here, depth + 1)
        return values

    def refusal(self, place: tuple[int, int], what: str) -> LabError:
        """Return the error that ends the reading."""
        return LabError(f"{self.name}:{place[0]}:{place[1]}: {what}" if self.numbered else f"{self.name}: {what}")


PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}


def scalar(text: str) -> str | int | float | bool | None:
    """Return the value of a plain YAML 1.2 scalar."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if INTEGER.fullmatch(text):
        return int(text)
    if scientific := SCIENTIFIC_INTEGER.fullmatch(text):
        mantissa, exponent = map(int, scientific.groups())
        return mantissa * int(10**exponent)
    if NUMBER.fullmatch(text):
        return float(text)
    if NOT_FINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def _place(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _place_at(text: str, index: int) -> tuple[int, int]:
    lines = LINE_END.split(text[:index])
    return len(lines), len(lines[-1]) + 1


def _telling_index(error: yaml.MarkedYAMLError, text: str) -> int:
    """Return where a person should look: at what was opened, where only the end of the text showed the fault."""
    end = len(text.rstrip())
    problem, context = (min(mark.index, end) if mark else end for mark in (error.problem_mark, error.context_mark))
    return context if problem == end else problem


def _explain(error: yaml.MarkedYAMLError, text: str, index: int) -> str:
    margin = LINE_END.split(text[: index + 1])[-1]
    if "\t" in margin and not margin.strip():
        return "a tab cannot indent YAML; use spaces"
    if error.problem == BEYOND_THE_SCANNER:
        return TOO_DEEP
    return f"is not YAML: {error.problem}" + (f" ({error.context})" if error.context else "")
