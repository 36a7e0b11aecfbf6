"""Numbers and lines of code, as findings write them."""

from collections.abc import Mapping
from dataclasses import replace

from sigmoid_lab.doctor.operations import Operation
from sigmoid_lab.doctor.rules.rule import Symptom
from sigmoid_lab.doctor.sinks import Sink


def reached(sink: Sink) -> str:
    """Write the range that arrives at a loss, now and whatever the last weights are."""
    now, ever = sink.now, sink.reach
    parts = [f"from {now.low:.4g} to {now.high:.4g} on this batch"] if now else []
    parts += [f"from {ever.low:.4g} to {ever.high:.4g} whatever the last weights are"] if ever else []
    return " and ".join(parts) or "an unknown range"


def most(found: Mapping[str, tuple[float, Symptom]]) -> list[Symptom]:
    """Return the worst of several places, with how many there are besides."""
    if not found:
        return []
    _, worst = max(found.values(), key=lambda pair: pair[0])
    besides = f"; {len(found) - 1} other places are alike" if len(found) > 1 else ""
    return [replace(worst, evidence=worst.evidence + besides)]


def without(op: Operation, what: str) -> str:
    """Write the line that takes an operation out of the model: its module's, or where it is called by hand."""
    if op.module and op.kind and op.name.removesuffix("_") in op.kind.lower() and not op.module.startswith("loss"):
        return f"{path(op.module)} = nn.Identity()"
    place = f"  # {op.place}" if op.place else ""
    return f"return logits, without {what}{place}"


def path(module: str) -> str:
    """Write a module's path as code, such as ``model.head[2]``."""
    return "model" + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in module.split("."))
