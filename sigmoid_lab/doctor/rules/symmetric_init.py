"""Units that start alike and stay alike."""

from collections.abc import Iterator

import torch
from torch import Tensor

from sigmoid_lab.doctor.layers import affine, weight_name
from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.operations import LOOKUPS, anchors
from sigmoid_lab.doctor.origin import unclamped
from sigmoid_lab.doctor.rules.rule import Rule, Symptom


def look(observation: Observation) -> Iterator[Symptom]:
    """See which weights have equal rows, and whether two updates make them differ."""
    weights = dict(observation.case.model.named_parameters())
    mixing = {weight_name(op): op for op in affine(observation) if op.name not in LOOKUPS}
    heads = {weight_name(op) for sink in observation.sinks for op in anchors(unclamped(sink.given))}
    alike = [name for name in mixing if name in weights and _rows_alike(weights[name])]
    if not alike:
        yield from _copies(observation, {name: weights[name] for name in mixing if name in weights})
        return
    for name in alike:
        rows, different = _after(observation, name)
        if different is None or different > (1 if name in heads else rows // 2):
            continue
        value = weights[name].detach().flatten()[0].item()
        what = f"all {rows} rows of {name} are equal (its first value is {value:.4g})"
        evidence = f"{what}, and after two updates {different} of {rows} differ"
        yield Symptom("error", name, evidence, f"nn.init.xavier_uniform_(model.{name})")
        return


def _copies(observation: Observation, weights: dict[str, Tensor]) -> Iterator[Symptom]:
    """See whether several layers are copies of one and stay so, as in an ensemble made by deepcopy."""
    equal: dict[tuple[object, ...], list[str]] = {}
    for name, weight in weights.items():
        if weight.requires_grad and weight.ndim >= 2 and weight.numel() > 1:
            ends = (weight.flatten()[0].item(), weight.flatten()[-1].item())
            equal.setdefault((tuple(weight.shape), *ends), []).append(name)
    for names in equal.values():
        same = [name for name in names if torch.equal(weights[name], weights[names[0]])]
        if len(same) < 2 or observation.retry is None:
            continue
        marks = {observation.retry.fingerprints.get(name) for name in same}
        if len(marks) == 1 and None not in marks and all(mark and mark[1] > 0.0 for mark in marks):
            evidence = f"{len(same)} layers are copies of {same[0]}, and still are after two updates"
            yield Symptom(
                "error", same[-1], evidence, f"model.get_submodule('{same[-1].rpartition('.')[0]}').reset_parameters()"
            )
            return


def _rows_alike(weight: Tensor) -> bool:
    if weight.ndim < 2 or len(weight) < 2:
        return False
    return bool(torch.equal(weight[0], weight[1])) and bool((weight == weight[:1]).all())


def _after(observation: Observation, name: str) -> tuple[int, int | None]:
    rows = len(dict(observation.case.model.named_parameters())[name])
    if observation.retry is None or name not in observation.retry.units:
        return rows, None
    _, alive, different = observation.retry.units[name]
    return rows, different if alive or observation.retry.gradients.get(name) is not None else None


RULE = Rule(
    name="symmetric-init",
    reason=(
        "Units with equal weights give equal outputs and get equal gradients, so they stay equal for ever. "
        "A layer of them is worth one unit."
    ),
    met="Weights set to zeros, ones or a constant, by hand or by a loop over all parameters.",
    look=look,
)
