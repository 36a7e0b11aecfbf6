"""Parameters that the loss never reaches."""

from collections.abc import Iterator

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import CONSTANT, PARAMETER, Operation, ancestors
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.vocabulary import Severity

CUTTING = frozenset(
    {
        "detach",
        "data",
        "argmax",
        "argmin",
        "round",
        "floor",
        "ceil",
        "sign",
        "trunc",
        "numpy",
        "item",
        "long",
        "int",
        "bool",
    }
    | {
        "gt",
        "ge",
        "lt",
        "le",
        "eq",
        "ne",
        "heaviside",
        "bernoulli",
        "multinomial",
        "from_numpy",
        "tensor",
        "one_hot",
        "fix",
    }
)


def look(observation: Observation) -> Iterator[Symptom]:
    """See which parameters get no gradient at all, or one that stays exactly zero after two updates."""
    if observation.failure is not None:
        return
    unreached = [name for name, norm in observation.gradients.items() if norm is None]
    used = _users(observation)
    dead = [name for name in unreached if name in used]
    unused = [name for name in unreached if name not in used]
    if dead:
        op, severity = _cut(observation, used[dead[0]])
        what = f" ({op.name})" if op is not None else ""
        evidence = f"{_list(dead)} took part in the outputs, but the gradient is cut off on the way{what}"
        fix = (
            f"x = x  # without .{op.name}()"
            if op is not None and op.name in ("detach", "data")
            else "keep the loss differentiable"
        )
        yield Symptom(severity, op or dead[0], evidence, f"{fix}; or {_freeze(dead[0])}")
    if unused:
        severity = "note" if all(_optional(observation, name, used) for name in unused) else "error"
        evidence = f"{_list(unused)} took no part in the outputs"
        yield Symptom(severity, unused[0], evidence, f"use it in forward, delete it, or {_freeze(unused[0])}")
    if not unreached:
        yield from _zero(observation)
        yield from _unregistered(observation)


def _users(observation: Observation) -> dict[str, Operation]:
    """Return an operation that used each parameter, by its name."""
    used: dict[str, Operation] = {}
    for op in observation.operations:
        for source in op.sources:
            if source.name == PARAMETER:
                used.setdefault(source.label, op)
    return used


def _cut(observation: Observation, start: Operation) -> tuple[Operation | None, Severity]:
    """Return the operation behind ``start`` that lets no gradient through, and whether that is on purpose."""
    if not start.grad_enabled:
        return start, "warning"
    for op in observation.operations[start.index :]:
        if op.name in CUTTING and start in ancestors(op, most=2000):
            return op, "error"
        if not op.grad_enabled and start in ancestors(op, most=2000):
            return op, "warning"
    return None, "error"


def _optional(observation: Observation, name: str, used: dict[str, Operation]) -> bool:
    """Say whether siblings in a list of modules ran instead, as with experts of which some are chosen."""
    modules = dict(observation.case.model.named_modules())
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        holder = modules.get(".".join(parts[: end - 1])) if end > 1 else observation.case.model
        if type(holder).__name__ in ("ModuleList", "ModuleDict"):
            prefix = ".".join(parts[: end - 1]) + "."
            own = ".".join(parts[:end]) + "."
            return any(other.startswith(prefix) and not other.startswith(own) for other in used)
    return False


def _zero(observation: Observation) -> Iterator[Symptom]:
    zero = [name for name, norm in observation.gradients.items() if norm == 0.0]
    if not zero or observation.retry is None:
        return
    still = [name for name in zero if not observation.retry.gradients.get(name)]
    weights = [name for name in still if not name.endswith("bias")]
    if not weights or len(weights) < len([name for name in observation.gradients if not name.endswith("bias")]):
        if weights:
            evidence = f"the gradient of {_list(weights)} is exactly 0, also after two updates of a copy"
            yield Symptom("warning", weights[0], evidence, "look at what multiplies or replaces its output")
        return
    op = next((op for op in reversed(observation.operations) if op.name in CUTTING and op.from_output), None)
    evidence = "every gradient is exactly 0, also after two updates of a copy"
    yield Symptom("error", op or weights[0], evidence, "keep a slope between the last weights and the loss")


def _unregistered(observation: Observation) -> Iterator[Symptom]:
    found = [
        source
        for op in observation.operations
        for source in op.sources
        if source.name == CONSTANT and source.requires_grad and not op.in_loss and op.is_affine
    ]
    if found:
        evidence = f"weights of shape {found[0].shape} are no parameters of the model, so no optimiser gets them"
        yield Symptom("error", observation.operations[0].module, evidence, "self.layers = nn.ModuleList(self.layers)")


def _list(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _freeze(name: str) -> str:
    return f"model.get_parameter('{name}').requires_grad_(False)"


RULE = Rule(
    name="no-gradient",
    reason=(
        "A parameter that the loss does not reach never changes, and no error says so. "
        "It stays at its random start while it looks like a part of the model."
    ),
    met="detach, item, argmax or numpy inside forward, torch.no_grad around too much, a layer never called.",
    look=look,
    yields_to=(
        "sigmoid-then-bce-loss",
        "symmetric-init",
        "dead-relu",
        "single-logit-cross-entropy",
        "vanishing-gradient",
        "saturated-activation",
    ),
)
