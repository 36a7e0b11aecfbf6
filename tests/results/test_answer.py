import json
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmoid_lab.environment import describe
from sigmoid_lab.errors import LabError
from sigmoid_lab.results.answer import SCHEMA_VERSION, Answer, encode, flatten
from sigmoid_lab.results.spread import Spread

SPREAD = Spread(median=1.0, mean=2.0, rms=3.0, low=0.5, high=None)


@dataclass(frozen=True)
class Inner:
    layer: int
    norm: Spread


@dataclass(frozen=True)
class Row:
    name: str
    value: float
    spread: Spread
    inner: tuple[Inner, ...] = ()


@dataclass(frozen=True)
class Toy(Answer):
    command: ClassVar[str] = "toy"
    table: ClassVar[str] = "rows"

    rows: tuple[Row, ...]
    others: tuple[Row, ...] = ()


def toy(*rows: Row, **more: Any) -> Toy:
    return Toy(settings={"seeds": 3, "at": (1.0, math.inf)}, environment=describe(), rows=rows, **more)


LAYERED = toy(
    Row("a", 1.0, SPREAD, (Inner(1, SPREAD), Inner(2, SPREAD))),
    Row("b", 2.0, SPREAD, (Inner(1, SPREAD),)),
)
FLAT_SPREAD = {"median": 1.0, "mean": 2.0, "rms": 3.0, "low": 0.5, "high": None}


# --------------------------------------------------------------------------------------------- encode


@pytest.mark.parametrize(
    ("value", "encoded"),
    [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity"), (np.float64("nan"), "NaN"), (1e-30, 1e-30)],
)
def test_floats_that_are_not_finite_become_words(value: float, encoded: Any) -> None:
    assert encode(value) == encoded


@pytest.mark.parametrize("value", [None, True, 0, -3, "NaN", "", 0.5])
def test_plain_values_stay(value: Any) -> None:
    assert encode(value) is value


def test_dataclasses_become_mappings_and_tuples_lists_however_deep() -> None:
    assert encode({"rows": (Row("a", math.nan, SPREAD),)}) == {
        "rows": [{"name": "a", "value": "NaN", "spread": FLAT_SPREAD, "inner": []}]
    }


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(PLAIN)
def test_what_is_encoded_is_strict_json(value: Any) -> None:
    text = json.dumps(encode(value), allow_nan=False)
    assert json.loads(text) == encode(value)


@given(PLAIN)
def test_to_encode_again_changes_nothing(value: Any) -> None:
    assert encode(encode(value)) == encode(value)


# -------------------------------------------------------------------------------------------- flatten


def test_nested_keys_are_joined_by_dots() -> None:
    assert flatten({"a": 1, "b": {"c": 2, "d": {"e": None}}}) == {"a": 1, "b.c": 2, "b.d.e": None}


NESTED = st.recursive(
    st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1), max_leaves=10
)


def leaves(value: Any) -> list[int]:
    return [leaf for inner in value.values() for leaf in leaves(inner)] if isinstance(value, dict) else [value]


@given(st.dictionaries(st.sampled_from("abc"), NESTED))
def test_flattening_keeps_every_leaf_in_its_order(row: dict[str, Any]) -> None:
    assert list(flatten(row).values()) == leaves(row)


# --------------------------------------------------------------------------------------------- answers


def test_an_answer_whole_holds_version_command_settings_and_environment() -> None:
    whole = LAYERED.plain()
    assert list(whole) == ["schema_version", "command", "settings", "environment", "rows", "others"]
    assert (whole["schema_version"], whole["command"]) == (SCHEMA_VERSION, "toy")
    assert whole["settings"] == {"seeds": 3, "at": [1.0, "Infinity"]}
    assert set(whole["environment"]) == {"versions", "platform", "processor", "device", "threads", "product_routine"}


def test_an_answer_whole_is_strict_json() -> None:
    whole = LAYERED.plain()
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole


def test_records_are_the_rows_of_the_first_table_without_the_lists_inside_them() -> None:
    spread = {f"spread.{key}": value for key, value in FLAT_SPREAD.items()}
    assert LAYERED.records() == [{"name": "a", "value": 1.0, **spread}, {"name": "b", "value": 2.0, **spread}]


def test_records_of_a_table_by_name() -> None:
    answer = toy(others=(Row("c", 0.0, SPREAD),))
    assert [row["name"] for row in answer.records("others")] == ["c"]
    assert answer.records() == []


def test_records_of_a_table_inside_rows_repeat_the_row_around_it() -> None:
    rows = LAYERED.records("rows.inner")
    assert [(row["name"], row["layer"], row["norm.median"]) for row in rows] == [
        ("a", 1, 1.0),
        ("a", 2, 1.0),
        ("b", 1, 1.0),
    ]


def test_records_tell_what_is_not_finite_as_json_does() -> None:
    assert toy(Row("a", math.nan, SPREAD)).records()[0]["value"] == "NaN"


@pytest.mark.parametrize("name", ["row", "settings", "command", "plain", "rows.name", "rows.outer", "rows.spread"])
def test_a_table_that_does_not_exist_is_refused_by_name(name: str) -> None:
    with pytest.raises(LabError, match=f"'{name}' is no table of this answer; try 'rows'"):
        LAYERED.records(name)
