import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sigmoid_lab.config import source
from sigmoid_lab.config.source import Source, place_value, read, scalar
from sigmoid_lab.errors import LabError


def keep(folder: Path, text: str | bytes) -> Path:
    path = folder / "x.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def problems(path: Path) -> tuple[str, ...]:
    """Return what is wrong with a text, the file's folder left out."""
    with pytest.raises(LabError) as caught:
        read(path)
    return tuple(problem.replace(f"{path}", path.name) for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E-3", 0.001),
        ("1e3", 1000),
        ("-2e+2", -200),
        ("1.5e3", 1500.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("+7", 7),
        ("012", 12),
        ("-0", 0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("true", True),
        ("False", False),
        ("off", "off"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("2024-01-31", "2024-01-31"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("٣", "٣"),
        ("e3", "e3"),
        (".", "."),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_a_plain_scalar_is_what_yaml_1_2_says(text: str, value: object) -> None:
    found = scalar(text)
    assert (found, type(found)) == (value, type(value))


def test_not_a_number_is_read_as_one() -> None:
    assert math.isnan(float(str(scalar(".nan"))))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_python_writes_reads_as_itself(number: float) -> None:
    found = scalar(repr(number))
    assert isinstance(found, int | float)
    assert float(found) == number


@given(st.integers(-(10**30), 10**30))
def test_a_whole_number_reads_as_itself(number: int) -> None:
    assert scalar(str(number)) == number


def test_quotes_make_a_word(tmp_path: Path) -> None:
    assert read(keep(tmp_path, "a: '16'\nb: \"off\"\n")).values == {"a": "16", "b": "off"}


def test_an_alias_stands_for_what_it_names(tmp_path: Path) -> None:
    assert read(keep(tmp_path, "a: &x [1, 2]\nb: *x\n")).values == {"a": [1, 2], "b": [1, 2]}


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    assert read(keep(tmp_path, b"\xef\xbb\xbfseeds: 3\n")).values == {"seeds": 3}


def test_windows_line_ends_do_not_count_twice(tmp_path: Path) -> None:
    assert read(keep(tmp_path, "a: 1\r\nb: 2\r\n")).places[("b",)] == (2, 1)


def test_every_value_knows_its_place(tmp_path: Path) -> None:
    places = read(keep(tmp_path, "a:\n  b: [x, y]\nc: 1\n")).places
    assert places == {
        (): (1, 1),
        ("a",): (1, 1),
        ("a", "b"): (2, 3),
        ("a", "b", 0): (2, 7),
        ("a", "b", 1): (2, 10),
        ("c",): (3, 1),
    }


BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdef", "bcdefg", strict=True)
)

UNREADABLE: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "an empty file": ("", ("x.yaml: is empty; `sigmoid-lab config new` writes a file to start from",)),
    "comments alone": ("# x\n", ("x.yaml: is empty; `sigmoid-lab config new` writes a file to start from",)),
    "a list": ("- a\n", ("x.yaml:1:1: a mapping such as 'seeds: 16' belongs here, not a list",)),
    "a word": ("# x\nhello\n", ("x.yaml:2:1: a mapping such as 'seeds: 16' belongs here, not 'hello'",)),
    "a number": ("12\n", ("x.yaml:1:1: a mapping such as 'seeds: 16' belongs here, not 12",)),
    "a tab": ("network:\n\tdepth: 3\n", ("x.yaml:2:1: a tab cannot indent YAML; use spaces",)),
    "a tab after spaces": ("network:\n  \tdepth: 3\n", ("x.yaml:2:3: a tab cannot indent YAML; use spaces",)),
    "no colon": ("seeds 3\nname: x\n", ("x.yaml:2:5: is not YAML: mapping values are not allowed in this context",)),
    "an open list": (
        "seeds: 1\nname: [a\n",
        ("x.yaml:2:7: is not YAML: did not find expected ',' or ']' (while parsing a flow sequence)",),
    ),
    "an open quote": (
        "name: 'a\n",
        ("x.yaml:1:7: is not YAML: found unexpected end of stream (while scanning a quoted scalar)",),
    ),
    "an unknown alias": ("a: *x\n", ("x.yaml:1:4: is not YAML: found undefined alias",)),
    "two documents": (
        "a: 1\n---\nb: 2\n",
        ("x.yaml:2:1: is not YAML: but found another document (expected a single document in the stream)",),
    ),
    "a control character": ("a: 1\nb: x\0\n", (r"x.yaml:2:5: the character '\x00' cannot stand in YAML",)),
    "latin-1": (b"name: h\xe9\n", ("x.yaml: is not UTF-8 text (byte 7); save it as UTF-8",)),
    "utf-16": ("seeds: 3".encode("utf-16"), ("x.yaml: is not UTF-8 text (byte 0); save it as UTF-8",)),
    "an alias bomb": (BOMB, ("x.yaml:5:1: more than 100,000 values, aliases expanded",)),
    "an alias in itself": ("a: &a [*a]\n", ("x.yaml:1:4: an alias stands inside what it names",)),
    "an alias in its own mapping": ("a: &a\n  b: *a\n", ("x.yaml:1:4: an alias stands inside what it names",)),
    "900 lists": ("[" * 900, ("x.yaml:1:65: is nested more than 64 levels deep",)),
    "100,000 mappings": ("{a: " * 100_000, ("x.yaml:1:257: is nested more than 64 levels deep",)),
    "100,000 dashes": ("- " * 100_000, ("x.yaml:1:129: is nested more than 64 levels deep",)),
    "a long file": ("#" * 1_000_001, ("x.yaml: is larger than 1,000,000 bytes; a config is a page of YAML",)),
    "a tag for a whole file": (
        "!!python/name:os.system\n",
        ("x.yaml:1:1: the tag !!python/name:os.system is not allowed; plain values only",),
    ),
}


@pytest.mark.parametrize(("text", "expected"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_text_that_is_no_config_is_refused_with_its_place(
    text: str | bytes, expected: tuple[str, ...], tmp_path: Path
) -> None:
    assert problems(keep(tmp_path, text)) == expected


def test_a_hundred_thousand_lists_are_refused_by_whoever_counts_them_first(tmp_path: Path) -> None:
    (problem,) = problems(keep(tmp_path, "[" * 100_000))
    assert problem in {f"x.yaml:1:{column}: is nested more than 64 levels deep" for column in (65, 1001)}


LESSER: dict[str, tuple[str, list[str]]] = {
    "a key twice": (
        "seeds: 3\nname: x\nseeds: 4\n",
        ["x:3:1: seeds: this key stands twice, first at line 1; keep one"],
    ),
    "an inner key twice": (
        "data:\n  kind: moons\n  kind: xor\n",
        ["x:3:3: data.kind: this key stands twice, first at line 2; keep one"],
    ),
    "a python tag": (
        "name: !!python/object/apply:os.system [ls]\n",
        ["x:1:1: name: the tag !!python/object/apply:os.system is not allowed; plain values only"],
    ),
    "a tag of YAML's own": ("seeds: !!int 3\n", ["x:1:1: seeds: the tag !!int is not allowed; plain values only"]),
    "a tag of nobody's": ("seeds: !mine 3\n", ["x:1:1: seeds: the tag !mine is not allowed; plain values only"]),
    "a list as key": ("[a]: 3\n", ["x:1:1: a list cannot be a key; a key is a word"]),
    "a list as inner key": ("data:\n  ? [a]\n  : 3\n", ["x:1:1: data: a list cannot be a key; a key is a word"]),
}


@pytest.mark.parametrize(("text", "expected"), LESSER.values(), ids=LESSER)
def test_a_lesser_fault_of_the_text_is_noted_with_its_place(text: str, expected: list[str], tmp_path: Path) -> None:
    found = read(keep(tmp_path, text))
    found.name = "x"
    assert found.lines(found.faults) == expected


def test_no_tag_builds_an_object(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    found = read(keep(tmp_path, f"a: !!python/object/apply:pathlib.Path.touch [{witness}]\n"))
    assert found.values == {"a": None}
    assert not witness.exists()


def test_the_second_inner_mapping_of_a_key_that_stands_twice_is_no_fault_itself(tmp_path: Path) -> None:
    assert len(read(keep(tmp_path, "a: {x: 1}\na: {x: 2}\n")).faults) == 1


def test_a_missing_file_names_what_writes_one(tmp_path: Path) -> None:
    assert problems(tmp_path / "no.yaml") == ("no.yaml: no such file; `sigmoid-lab config new` writes one",)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert problems(tmp_path / "folder") == ("folder: is a directory; name the YAML file in it",)


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    keep(tmp_path, "a: 1\n")
    assert problems(tmp_path / "x.yaml" / "y") == ("y: cannot be read (Not a directory)",)


def test_a_path_that_no_system_has_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path / "a\0b") == ("a\0b: cannot be read (embedded null byte)",)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        ([1], "a list"),
        ((1,), "a list"),
        ({}, "a mapping"),
        (True, "true"),
        (1.0, "1.0"),
        ("word", "'word'"),
        ("two\nlines", r"'two\nlines'"),
        ("\x1b[31m", r"'\x1b[31m'"),
        ("x" * 100, "'" + "x" * 59 + "…'"),
    ],
)
def test_a_value_is_described_on_one_short_line(value: object, words: str) -> None:
    assert source.describe(value) == words


# -------------------------------------------------------------------------------------------- overrides


def overridden(values: dict[str, Any], assignment: str) -> dict[str, Any]:
    given = Source("x.yaml", Path(), values)
    given.override(assignment)
    return given.values


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("seeds=8", {"seeds": 8}),
        ("optimizer.learning_rate=1e-3", {"optimizer": {"learning_rate": 0.001}}),
        ("name=off", {"name": "off"}),
        ("name='16'", {"name": "16"}),
        ("name=a=b", {"name": "a=b"}),
        ("network.widths=[64, 32]", {"network": {"widths": [64, 32]}}),
        ("training={steps: 3}", {"training": {"steps": 3}}),
        ("compare.network.depth=[1, 2]", {"compare": {"network.depth": [1, 2]}}),
        ("compare={}", {"compare": {}}),
        ("training.steps=", {"training": {"steps": None}}),
        (" seeds =8", {"seeds": 8}),
    ],
)
def test_an_override_is_read_like_the_file(assignment: str, expected: dict[str, Any]) -> None:
    assert overridden({}, assignment) == expected


def test_an_override_leaves_its_neighbours() -> None:
    assert overridden({"network": {"depth": 3, "width": 4}}, "network.depth=5") == {"network": {"depth": 5, "width": 4}}


def test_an_override_is_stronger_than_what_the_file_compares() -> None:
    values = {"compare": {"network.depth": [1, 2], "loss": ["mse"]}}
    assert overridden(values, "network.depth=5") == {"compare": {"loss": ["mse"]}, "network": {"depth": 5}}


@pytest.mark.parametrize("assignment", ["network.depth", "=3", "a..b=3", ".=3", ""])
def test_an_override_without_key_or_value_is_refused(assignment: str) -> None:
    message = f"--set {assignment}: write --set key=value, such as --set network.depth=5"
    with pytest.raises(LabError, match=f"^{re.escape(message)}$"):
        overridden({}, assignment)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("seeds=[", "is not YAML: did not find expected node content (while parsing a flow node)"),
        ("seeds=\udcff", r"the character '\udcff' cannot stand in YAML"),
    ],
)
def test_an_override_that_is_no_yaml_names_itself(assignment: str, message: str) -> None:
    with pytest.raises(LabError, match=f"^{re.escape(f'--set {assignment}: {message}')}$"):
        overridden({}, assignment)


def test_a_fault_under_an_override_is_told_of_it_rather_than_of_the_line_that_it_replaced(tmp_path: Path) -> None:
    found = read(keep(tmp_path, "training:\n  steps: 3\nseeds: 4\n"))
    found.override("training={steps: -1}")
    assert found.lines([(("training", "steps"), "bad"), (("seeds",), "bad")]) == [
        "--set: training.steps: bad",
        f"{tmp_path}/x.yaml:3:1: seeds: bad",
    ]


def test_a_fault_beside_an_override_keeps_its_line(tmp_path: Path) -> None:
    found = read(keep(tmp_path, "network:\n  depth: 3\n"))
    found.override("network.width=0")
    assert found.lines([(("network", "depth"), "bad")]) == [f"{tmp_path}/x.yaml:2:3: network.depth: bad"]


def test_an_override_inside_a_value_replaces_the_value() -> None:
    assert overridden({"network": 3}, "network.depth=5") == {"network": {"depth": 5}}


@given(st.text(max_size=20))
@example("a: &a [*a]")
@example("compare.a.b={")
def test_any_override_applies_or_is_refused(text: str) -> None:
    told = "--set "
    try:
        overridden({"network": {"depth": 3}, "compare": {"loss": ["mse"]}}, text)
    except LabError as error:
        told = str(error)
    assert told.startswith("--set ")


def test_a_value_is_placed_where_its_keys_lead() -> None:
    values: dict[str, Any] = {"a": {"b": 1}, "c": 2}
    place_value(values, ("a", "d", "e"), 3)
    assert values == {"a": {"b": 1, "d": {"e": 3}}, "c": 2}
