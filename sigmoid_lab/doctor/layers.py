"""The table of layers: one row for each set of weights, in the order they first ran."""

from collections.abc import Sequence

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import PARAMETER, Operation, ancestors
from sigmoid_lab.results.doctor import Layer


def affine(observation: Observation) -> list[Operation]:
    """Return the operations with weights in the order they ran."""
    return [op for op in observation.operations if op.is_affine and not op.in_loss]


def label(op: Operation) -> str:
    """Name a layer by its module's path, or where the model calls functions by its weight."""
    weight = weight_name(op)
    if weight is None:
        return op.module or op.name
    return weight.rpartition(".")[0] or (op.module or weight)


def weight_name(op: Operation) -> str | None:
    """Return the name of the parameter that an operation mixes with."""
    for source in op.sources:
        if source.is_weight:
            leaf = next((found for found in ancestors(source) if found.name == PARAMETER), None)
            if leaf is not None:
                return leaf.label
    return None


def layers(observation: Observation) -> tuple[Layer, ...]:
    """Return a row for each set of weights."""
    ran: dict[str, list[Operation]] = {}
    for op in affine(observation):
        ran.setdefault(weight_name(op) or label(op), []).append(op)
    rows = [_row(observation, operations) for operations in ran.values()]
    following = [*(row.output_gradient_norm for row in rows), None][1:]
    return tuple(
        Layer(**{**vars(row), "ratio": _ratio(row.output_gradient_norm, after)})
        for row, after in zip(rows, following, strict=True)
    )


def _ratio(own: float | None, after: float | None) -> float | None:
    return own / after if own is not None and after else None


def _row(observation: Observation, operations: Sequence[Operation]) -> Layer:
    op = operations[0]
    activation = activation_after(observation, op)
    figures = {} if activation is None else activation.figures
    name = weight_name(op)
    own = [found.figures["gradient"] for found in operations if "gradient" in found.figures]
    return Layer(
        layer=label(op),
        kind=op.kind or op.name,
        output_mean=op.figures.get("mean"),
        output_spread=op.figures.get("spread"),
        activation=(activation.activation or activation.name)
        if activation is not None and activation is not op
        else None,
        saturated_share=figures.get("saturated"),
        dead_share=figures.get("dead"),
        weight_gradient_norm=observation.gradients.get(name) if name else None,
        output_gradient_norm=sum(norm**2 for norm in own) ** 0.5 if own else None,
        ratio=None,
    )


def activation_after(observation: Observation, op: Operation) -> Operation | None:
    """Return the activation that runs on a layer's output before the next weights do."""
    for later in observation.operations[op.index : op.index + 30]:
        if later is not op and later.is_affine:
            return None
        if later.activation is not None and op in ancestors(later, most=12):
            return later
    return None
