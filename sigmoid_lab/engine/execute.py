"""One stack, from its description to its results."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sigmoid_lab.config.schema import Data, Settings
from sigmoid_lab.data.batches import batches, step_count
from sigmoid_lab.data.split import Split, make
from sigmoid_lab.engine.build import INPUT_DEVIATION, INPUT_MEAN, build
from sigmoid_lab.engine.devices import device_of, one_thread
from sigmoid_lab.engine.flat import flatten
from sigmoid_lab.engine.graphs import passes
from sigmoid_lab.engine.initialise import initialise
from sigmoid_lab.engine.measure import LayerState, decide, evaluate, histograms, layer_states, metrics
from sigmoid_lab.engine.networks import Network
from sigmoid_lab.engine.optimisers import optimiser
from sigmoid_lab.functions.dtypes import DTYPES
from sigmoid_lab.functions.losses import LOSSES
from sigmoid_lab.plan import Stack, Table
from sigmoid_lab.results.measured import Column, EndColumns, LayerColumns, Progress, StackResult, StepColumns
from sigmoid_lab.theory.slopes import GREATEST_SLOPES
from sigmoid_lab.vocabulary import MetricName


@dataclass(frozen=True)
class Part:
    """Inputs (E networks, N examples, F features) and targets (E, N, K labels)."""

    inputs: Tensor
    targets: Tensor


@dataclass(frozen=True)
class Record:
    """A measurement of the whole stack, (E networks,) a value."""

    step: int
    metrics: dict[str, Tensor]
    layers: list[LayerState]


@one_thread()
def execute(stack: Stack, on_progress: Callable[[Progress], None]) -> StackResult:
    """Train and measure a stack; its numbers depend on its settings and seeds alone."""
    started = time.perf_counter()
    settings = stack.group.settings
    device, dtype = device_of(settings.device), DTYPES[settings.dtype]
    training, held_out, scales = _data(settings.data, stack.seeds, stack.table, device, dtype)
    features, labels = training.inputs.shape[2], training.targets.shape[2]
    network = build(settings.network, features, labels, copies=1)
    initialise(network, settings.network.init, stack.seeds, device, dtype)
    steps = step_count(settings.training, training.inputs.shape[1])
    records: list[Record] = []
    loss, gradient_norm = None, None
    for step, record in _train(network, settings, stack.seeds, training, held_out, steps):
        if record:
            records.append(record)
            loss, gradient_norm = _median(record.metrics["loss"]), _median(record.layers[0].gradient_norm)
        on_progress(Progress(stack.index, stack.group.index, len(stack.seeds), step, steps, loss, gradient_norm))
    return StackResult(
        stack=stack.index,
        group=stack.group.index,
        seeds=stack.seeds,
        series=[_step_columns(record) for record in records],
        ends=_end_columns(network, records, held_out, training),
        weights={name: _numpy(value) for name, value in network.state_dict().items()} | scales,
        seconds=time.perf_counter() - started,
    )


@lru_cache(maxsize=1)
def _data(
    data: Data, seeds: tuple[int, ...], table: Table | None, device: torch.device, dtype: torch.dtype
) -> tuple[Part, Part, dict[str, NDArray[np.float64]]]:
    """Return the training and the held-out part of every network's data, and what tables were standardised with.

    Kept for the next stack, which has the same seeds and often the same data.
    """
    splits = [make(data, seed, table) for seed in seeds]
    arrays = ((split.inputs, split.targets, split.test_inputs, split.test_targets) for split in splits)
    networks = [[torch.from_numpy(array).to(device, dtype) for array in of_network] for of_network in arrays]
    inputs, targets, test_inputs, test_targets = map(torch.stack, zip(*networks, strict=True))
    return Part(inputs, targets), Part(test_inputs, test_targets), _scales(splits)


def _scales(splits: list[Split]) -> dict[str, NDArray[np.float64]]:
    """Return what each network's table was standardised with, (E networks, F), for a reader of the weights."""
    means = [split.mean for split in splits if split.mean is not None]
    deviations = [split.deviation for split in splits if split.deviation is not None]
    return {INPUT_MEAN: np.stack(means), INPUT_DEVIATION: np.stack(deviations)} if means else {}


def _train(
    network: Network, settings: Settings, seeds: tuple[int, ...], training: Part, held_out: Part, steps: int
) -> Iterator[tuple[int, Record | None]]:
    """Yield, after each update, its number and what was measured then; with no steps, what is measured first."""
    update = optimiser(settings.optimizer, flatten(network))
    backpropagate = passes(network, settings.loss)
    greatest_slope = GREATEST_SLOPES[settings.network.activation].slope

    def record(step: int, layers: list[LayerState]) -> Record:
        return Record(step, _metrics(network, settings, training, held_out), layers)

    examples = training.inputs.shape[1]
    for step, rows in enumerate(batches(seeds, examples, settings.training.batch_size), start=1):
        x, y = _take(training, rows)
        measured = step >= steps or step % settings.measure.every == 0
        looked_at = step == 1 or measured
        gradients = backpropagate(x, y, slopes=looked_at)
        if looked_at:
            layers = layer_states(gradients, greatest_slope)
        if step == 1:
            yield 0, record(0, layers)
        if steps == 0:
            return
        update(gradients.vector)
        yield step, record(step, layers) if measured else None
        if step == steps:
            return


def _take(part: Part, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """Gather each network's own examples, (E networks, B examples)."""
    copies, examples, _ = part.inputs.shape
    of_all = rows + examples * np.arange(copies)[:, None]
    index = torch.from_numpy(of_all.ravel()).to(part.inputs.device)
    x, y = (torch.embedding(of_part.flatten(0, 1), index) for of_part in (part.inputs, part.targets))
    return x.unflatten(0, rows.shape), y.unflatten(0, rows.shape)


def _metrics(network: Network, settings: Settings, training: Part, held_out: Part) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for prefix, part in (("", training), ("test_", held_out)):
        if part.inputs.shape[1]:
            logits = evaluate(network, part.inputs)
            of_part = metrics(logits, part.targets, LOSSES[settings.loss], settings.network.kind == "multilabel")
            found |= {prefix + name: values for name, values in of_part.items()}
    return found


def _median(values: Tensor) -> float:
    return values.nanmedian().item()


def _end_columns(network: Network, records: list[Record], held_out: Part, training: Part) -> EndColumns:
    evaluated = held_out if held_out.inputs.shape[1] else training
    logits = evaluate(network, evaluated.inputs)
    diverged = _diverged(network, records)
    probabilities = torch.sigmoid(logits).flatten(1).masked_fill(diverged[:, None], torch.nan)
    low, high = torch.aminmax(probabilities.double(), dim=1)
    counts = zip(decide(logits).sum((1, 2)).tolist(), diverged.tolist(), strict=True)
    return EndColumns(
        diverged=diverged.tolist(),
        probability_low=_column(low),
        probability_high=_column(high),
        predicted_positive=[count if evaluated is held_out and not lost else None for count, lost in counts],
        probability_histogram=histograms(probabilities),
    )


def _diverged(network: Network, records: list[Record]) -> Tensor:
    """Return which networks went non-finite: in a weight at the end, or in a metric or gradient norm measured."""
    updated = network.parameters() if records[-1].step else ()
    finite = [bound.isfinite() for parameter in updated for bound in torch.aminmax(parameter.flatten(1), dim=1)]
    finite += [values.isfinite() for record in records for values in record.metrics.values()]
    finite += [layer.gradient_norm.isfinite() for record in records for layer in record.layers]
    return ~torch.stack(finite).all(0)


def _step_columns(record: Record) -> StepColumns:
    return StepColumns(
        step=record.step,
        metrics={cast("MetricName", name): _column(values) for name, values in record.metrics.items()},
        layers=[
            LayerColumns(layer, _column(state.gradient_norm), _share(state.saturated_share), _share(state.dead_share))
            for layer, state in enumerate(record.layers, start=1)
        ],
    )


def _share(values: Tensor | None) -> Column | None:
    return None if values is None else _column(values)


def _column(values: Tensor) -> Column:
    return [value if isfinite(value) else None for value in values.tolist()]


def _numpy(parameter: Tensor) -> NDArray[Any]:
    """Return a parameter's values; numpy has no bfloat16, which float32 holds exactly."""
    values = parameter.detach().cpu()
    return (values.float() if values.dtype == torch.bfloat16 else values).numpy()
