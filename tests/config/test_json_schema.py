import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from sigmoid_lab.config.dump import plain
from sigmoid_lab.config.json_schema import json_schema
from sigmoid_lab.config.schema import Experiment

SCHEMA = json_schema()

TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
ANNOTATIONS = {"$schema", "title", "description", "default", "examples", "definitions"}


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Validate as JSON Schema's draft 7 says, for the keywords that the schema uses and no others."""
    if "$ref" in schema:  # draft 7 ignores what stands beside a reference
        return fits(value, resolve(schema["$ref"]))
    return all(check(keyword, value, schema) for keyword in schema if keyword not in ANNOTATIONS)


def resolve(reference: str) -> dict[str, Any]:
    node: Any = SCHEMA
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    found: dict[str, Any] = node
    return found


def check(keyword: str, value: Any, schema: dict[str, Any]) -> bool:
    rule = schema[keyword]
    number, words, items, mapping = (TYPES[kind](value) for kind in ("number", "string", "array", "object"))
    match keyword:
        case "type":
            return TYPES[rule](value)
        case "enum":
            return value in rule
        case "const":
            return bool(value == rule)
        case "anyOf":
            return any(fits(value, form) for form in rule)
        case "oneOf":
            return sum(fits(value, form) for form in rule) == 1
        case "minimum":
            return not number or value >= rule
        case "maximum":
            return not number or value <= rule
        case "exclusiveMinimum":
            return not number or value > rule
        case "exclusiveMaximum":
            return not number or value < rule
        case "pattern":
            return not words or re.search(rule, value) is not None
        case "items":
            return not items or all(fits(item, rule) for item in value)
        case "minItems":
            return not items or len(value) >= rule
        case "maxItems":
            return not items or len(value) <= rule
        case "uniqueItems":
            return not items or len(set(map(repr, value))) == len(value)
        case "required":
            return not mapping or set(rule) <= set(value)
        case "properties":
            return not mapping or all(fits(value[key], rule[key]) for key in rule.keys() & value.keys())
        case "propertyNames":
            return not mapping or all(fits(key, rule) for key in value)
        case "additionalProperties":
            others = value.keys() - schema.get("properties", {}).keys() if mapping else set()
            return not others if rule is False else all(fits(value[key], rule) for key in others)
        case _:
            raise AssertionError(f"the schema uses {keyword}, which this validator does not know")


@given(draw=st.data())
def test_every_experiment_that_can_be_read_fits_the_schema(
    experiments: SearchStrategy[Experiment], draw: st.DataObject
) -> None:
    given_values = draw.draw(experiments).model_dump(mode="json", exclude_unset=True)
    assert fits(given_values, SCHEMA)


@given(draw=st.data())
def test_every_experiment_with_its_defaults_fits_the_schema(
    experiments: SearchStrategy[Experiment], draw: st.DataObject
) -> None:
    assert fits(plain(draw.draw(experiments)), SCHEMA)


WRONG: dict[str, dict[str, Any]] = {
    "an unknown key": {"netwrok": {}},
    "an inner unknown key": {"network": {"dpeth": 3}},
    "a key of another kind": {"optimizer": {"momentum": 0.9}},
    "an unknown kind": {"data": {"kind": "moon"}},
    "an unknown activation": {"network": {"activation": "sigmod"}},
    "an unknown loss": {"loss": "bce"},
    "depth 0": {"network": {"depth": 0}},
    "a negative learning rate": {"optimizer": {"learning_rate": -0.1}},
    "a word for a number": {"seeds": "many"},
    "a fraction for a whole number": {"seeds": 1.5},
    "a list for a mapping": {"network": [1]},
    "an empty list": {"network": {"widths": []}},
    "a missing key": {"data": {"kind": "csv", "path": "a"}},
    "a name with a slash": {"name": "a/b"},
    "an initialisation of both forms": {"network": {"init": {"kind": "he", "weight_variance": 2.0}}},
    "a compared block that does not exist": {"compare": {"netwrok.depth": [1]}},
    "compared seeds": {"compare": {"seeds": [1]}},
    "a compared word that does not exist": {"compare": {"network.activation": ["sigmoid", "rleu"]}},
    "a compared value out of range": {"compare": {"network.depth": [0]}},
    "nothing to compare": {"compare": {"network.depth": []}},
    "a value compared with itself": {"compare": {"network.depth": [1, 1]}},
    "a comparison without list": {"compare": {"network.init.gain": 3}},
}


@pytest.mark.parametrize("values", WRONG.values(), ids=WRONG)
def test_an_editor_sees_what_is_wrong(values: dict[str, Any]) -> None:
    assert not fits(values, SCHEMA)


def described(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every key that the schema describes: those of the file and of its blocks."""
    for block in (node, *node["definitions"].values()):
        for key, about in block["properties"].items():
            yield f"{block['title']}.{key}", about


KEYS = dict(described(SCHEMA))


@pytest.mark.parametrize("key", [key for key in KEYS if not key.endswith(".kind")])
def test_every_key_is_explained(key: str) -> None:
    assert KEYS[key]["description"]


def test_every_block_is_explained() -> None:
    assert all(block["description"] for block in SCHEMA["definitions"].values())


@pytest.mark.parametrize(
    ("key", "default"), [("DeepNetwork.depth", 3), ("DeepNetwork.width", 64), ("Training.steps", 500)]
)
def test_a_default_that_hangs_on_another_key_is_shown(key: str, default: int) -> None:
    assert KEYS[key]["default"] == default


def test_compared_keys_can_be_completed() -> None:
    compared = SCHEMA["properties"]["compare"]["properties"]
    assert {"loss", "network", "network.activation", "optimizer.momentum", "data.noise"} <= compared.keys()


def test_the_schema_says_which_draft_it_is() -> None:
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_the_schema_holds_nothing_that_a_pipe_could_spoil() -> None:
    assert json.dumps(SCHEMA, ensure_ascii=False).isascii()
