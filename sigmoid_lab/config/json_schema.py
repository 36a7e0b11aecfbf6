"""The schema of a file as JSON Schema, for editors that complete, explain and check YAML.

Draft 7, since that is what the YAML language server reads.
"""

from typing import Any

from sigmoid_lab.config.blocks import blocks
from sigmoid_lab.config.schema import Experiment, Settings

DRAFT = "http://json-schema.org/draft-07/schema#"
FILE = "experiment.schema.json"
"""What the schema is called beside the files that it describes."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of an experiment, every key with what it means."""
    schema = _tidy(Experiment.model_json_schema(ref_template="#/definitions/{model}"))
    definitions = schema.pop("$defs")
    schema["properties"]["compare"] |= _compare()
    head = {"$schema": DRAFT, "title": "sigmoid-lab experiment"}
    return head | {key: value for key, value in schema.items() if key != "title"} | {"definitions": definitions}


def _tidy(node: Any) -> Any:
    """Drop what pydantic adds for others than editors, and set names in text as Markdown does."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node.replace("``", "`") if isinstance(node, str) else node
    tidied = {key: _tidy(value) for key, value in node.items() if key != "discriminator"}
    for described in tidied.get("properties", {}).values():
        described.pop("title", None)
    return tidied


def _compare() -> dict[str, Any]:
    """Return what ``compare`` takes: a list of values for a dotted key, each as its own setting takes it."""
    items: dict[str, list[str]] = {name: [f"#/properties/{name}"] for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        for form in dict.fromkeys(blocks(field).values()):
            for key in form.model_fields:
                items.setdefault(f"{name}.{key}", []).append(f"#/definitions/{form.__name__}/properties/{key}")
    values = {"type": "array", "minItems": 1, "uniqueItems": True}
    return {
        "propertyNames": {"pattern": rf"^({'|'.join(Settings.model_fields)})(\.|$)"},
        "properties": {key: {**values, "items": _any_of(references)} for key, references in items.items()},
        "additionalProperties": values,
    }


def _any_of(references: list[str]) -> dict[str, Any]:
    forms = [{"$ref": reference} for reference in references]
    return forms[0] if len(forms) == 1 else {"anyOf": forms}
