"""What theory predicts of the networks that are measured, on the batches that they are measured on."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sigmoid_lab.config.schema import Settings
from sigmoid_lab.data.batches import batches
from sigmoid_lab.data.split import make
from sigmoid_lab.plan import Plan, Table
from sigmoid_lab.theory.activations import Array
from sigmoid_lab.theory.gradients import forward, layers_of, rms_by_layer, rms_of_first_layer
from sigmoid_lab.vocabulary import ActivationName, InitialisationName, LossName

MOST_PAIRS = 2**18
"""Pairs of examples of all batches of one prediction: 256 batches of 32. Mean squares differ between batches by 0.4 to
1.2 of themselves, so that every seed's own batch is taken where that can be paid."""
ALL_PAIRS = 2**22
"""Pairs of all predictions together that are always paid, a second or two at three layers: a batch of 2048."""
OPERATIONS_A_PAIR = 2**20
"""A pair takes as long as some 5·10⁴ operations of a training, so that one for so many takes a twentieth of it."""
MOST_KEPT = 2**24
"""Numbers of a kind kept at a time: pairs of every layer, or inputs of every data set; four layers have room for
a batch of 2048."""


@dataclass(frozen=True)
class Batches:
    """The first mini-batches of R seeds: inputs (R, B examples, F features) and 0/1 targets (R, B, K labels)."""

    inputs: Array
    targets: Array


def by_group(plan: Plan) -> list[list[float] | None]:
    """Return what ``by_layer`` predicts of every group of a plan; groups that theory cannot tell apart share it."""
    predicted = {_told(settings): by_layer(settings, found) for settings, found in batches_of(plan)}
    return [predicted[_told(group.settings)] for group in plan.groups]


def batches_of(plan: Plan) -> Iterator[tuple[Settings, Batches | None]]:
    """Yield the settings that theory tells apart and the batches that it looks at, which share what can be paid."""
    apart = {_told(group.settings): group for group in plan.groups}
    pairs = max(ALL_PAIRS, int(plan.operations / OPERATIONS_A_PAIR)) // len(apart)
    seeds = range(plan.experiment.seed, plan.experiment.seed + plan.experiment.seeds)
    for group in apart.values():
        yield group.settings, first_batches(group.settings, seeds, plan.table(group), pairs)


def _told(settings: Settings) -> Hashable:
    """Return all that a prediction depends on, but for the seeds."""
    return settings.network, settings.data, settings.loss, settings.training.batch_size


def first_batches(
    settings: Settings, seeds: Sequence[int], table: Table | None, pairs: int = ALL_PAIRS
) -> Batches | None:
    """Return the first mini-batch of as many seeds, first to last, as ``pairs`` and memory allow; None for none."""
    size = settings.training.batch_size
    kept = size**2 * (len(settings.network.hidden_widths) + 1)
    if kept > MOST_KEPT or size**2 > pairs:
        return None
    first = make(settings.data, seeds[0], table)
    most = max(1, min(min(MOST_PAIRS, pairs) // size**2, MOST_KEPT // kept, MOST_KEPT // first.inputs.size))
    chosen = tuple(seeds[:most])
    splits = [first, *(make(settings.data, seed, table) for seed in chosen[1:])]
    rows = next(batches(chosen, len(first.inputs), size))
    inputs, targets = (
        np.stack([part[of_seed] for part, of_seed in zip(parts, rows, strict=True)])
        for parts in ([split.inputs for split in splits], [split.targets for split in splits])
    )
    return Batches(inputs, targets)


def by_layer(settings: Settings, found: Batches | None) -> list[float] | None:
    """Return the predicted root mean square of every layer's gradient norm; None where there is no theory."""
    if found is None:
        return None
    network = settings.network
    widths = (found.inputs.shape[2], *network.hidden_widths, found.targets.shape[2])
    layers = layers_of(network.init, widths)
    kernels = forward(network.activation, layers[:-1], found.inputs)
    return None if kernels is None else rms_by_layer(kernels, layers, settings.loss, found.targets)


def first_layer_and_every_layer(
    activation: ActivationName, init: InitialisationName, depth: int, width: int, loss: LossName, found: Batches | None
) -> tuple[Sequence[float | None], Sequence[float | None]]:
    """Predict the first layer's norm at depths 1 to ``depth``, and every layer's at ``depth``; null without theory."""
    silence = (None,) * depth, (None,) * (depth + 1)
    if found is None:
        return silence
    layers = layers_of(init, (found.inputs.shape[2], *(width,) * depth, found.targets.shape[2]))
    kernels = forward(activation, layers[:-1], found.inputs)
    if kernels is None:
        return silence
    first = rms_of_first_layer(kernels, layers[:-1], layers[-1], loss, found.targets)
    return first, rms_by_layer(kernels, layers, loss, found.targets) or silence[1]
