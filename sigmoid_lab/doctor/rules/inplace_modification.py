"""Values overwritten while they are still needed."""

from collections.abc import Iterator

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import Operation, ancestors
from sigmoid_lab.doctor.rules.rule import Rule, Symptom

MESSAGES = (
    "modified by an inplace operation",
    "a leaf Variable that requires grad",
    "is a view and is being modified inplace",
    "is being modified inplace",
    "in-place operation",
    "in-place operations",
    "a view of a leaf Variable",
)


def look(observation: Observation) -> Iterator[Symptom]:
    """See whether torch refused to differentiate, the batch was written into, or a write went round autograd."""
    failure = observation.failure
    if failure is not None:
        if any(message in str(failure.error) for message in MESSAGES):
            op = failure.operation or _suspect(observation)
            evidence = f"torch stops: {str(failure.error).partition(';')[0].partition(chr(10))[0]}"
            yield Symptom("error", op, evidence, _fix(op))
        return
    for name in observation.changed:
        op = _writer(observation, name.removesuffix("s"))
        evidence = f"the {name} of the batch are other numbers after the pass than before, and differ in every epoch"
        yield Symptom("error", op, evidence, _fix(op))
    hidden = _round_autograd(observation)
    if hidden is not None:
        evidence = f"{hidden.name} writes past autograd, so the gradient that follows is that of the old value"
        yield Symptom("error", hidden, evidence, _fix(hidden))


def _suspect(observation: Observation) -> Operation | None:
    """Return the last in-place operation on something that needs a gradient."""
    writes = [op for op in observation.operations if op.in_place and op.requires_grad]
    by_user = [op for op in writes if op.kind is None or op.name.removesuffix("_") not in op.kind.lower()]
    return (by_user or writes)[-1] if writes else None


def _writer(observation: Observation, leaf: str) -> Operation | None:
    return next(
        (op for op in observation.operations if op.in_place and any(s.name == leaf for s in ancestors(op, most=6))),
        None,
    )


def _round_autograd(observation: Observation) -> Operation | None:
    for op in observation.operations:
        if not op.in_place or not op.from_input or not op.sources or op.by_library:
            continue
        source = op.sources[0]
        aliased = source.name in ("data", "detach", "detach_") and source.sources and source.sources[0].requires_grad
        if aliased and not source.sources[0].is_leaf:
            return op
        if not op.grad_enabled and source.requires_grad and not source.is_leaf:
            return op
    return None


def _fix(op: Operation | None) -> str:
    if op is None:
        return "replace x += y by x = x + y"
    name = {"iadd": "x = x + y", "isub": "x = x - y", "imul": "x = x * y", "itruediv": "x = x / y"}.get(op.name)
    plain = op.name.removesuffix("_")
    where = f"  # {op.place}" if op.place else ""
    if op.name == "__setitem__":
        return f"x = torch.where(mask, value, x){where}"
    return (name or f"x = x.{plain}(…), without the underscore (or inplace=False)") + where


RULE = Rule(
    name="inplace-modification",
    reason=(
        "Backpropagation needs the values of the forward pass, and an in-place operation has overwritten one. "
        "Torch stops at that if it notices; written through .data it does not, and gradients are silently wrong."
    ),
    met="x += y on an activation, inplace=True after a sigmoid, masks written into outputs, labels smoothed in place.",
    look=look,
)
