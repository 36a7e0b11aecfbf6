"""A run as TensorBoard's event files: a folder a network, by group and seed, of scalars, histograms and settings."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sigmoid_lab.config.combinations import combinations
from sigmoid_lab.config.schema import Settings
from sigmoid_lab.errors import LabError
from sigmoid_lab.results.answer import flatten
from sigmoid_lab.results.measured import HISTOGRAM_BINS
from sigmoid_lab.store.run import EXPERIMENT, Run
from sigmoid_lab.vocabulary import METRICS

WEIGHT_BINS = 30
NETWORKS = (
    "SELECT id, group_id, seed, diverged, probability_histogram, probability_low, probability_high FROM networks "
    "ORDER BY id"
)
MEASUREMENTS = "SELECT step, {columns} FROM measurements WHERE network_id = ? ORDER BY step"
LAYERS = "SELECT step, layer, {columns} FROM layers WHERE network_id = ? ORDER BY step, layer"
LAYER_VALUES = ("gradient_norm", "saturated_share", "dead_share")


def check() -> None:
    """Raise LabError where TensorBoard is not installed."""
    if find_spec("tensorboard") is None:
        raise LabError("--to tensorboard: needs TensorBoard: pip install 'sigmoid-lab[tensorboard]'")


def write_events(run: Run, folder: Path) -> Iterator[Path]:
    """Write a network a file, and one of what is compared; yield their paths as they are written.

    TensorBoard's numbers are float32: what is smaller than 1e-45 is 0 in it. A trial of its HPARAMS tab is a group,
    its sessions are the group's networks.
    """
    groups = {
        index: _hyperparameters(experiment, compared)
        for index, (compared, experiment) in enumerate(combinations(run.experiment))
    }
    stored = len(run.database.groups())
    if len(groups) != stored:
        raise LabError(
            f"{run.path / EXPERIMENT}: is of {len(groups)} groups, the results are of {stored}; it was changed"
        )
    with run.database.reading():
        created = datetime.fromisoformat(run.database.tally().created).timestamp()
        yield _write(folder, created, [(0, _compared([*groups.values()]))])
        for values in run.database.read(NETWORKS):
            network = _Network(run, *values)
            yield _write(folder / network.name, created, network.summaries(groups[network.group], created))


@dataclass(frozen=True)
class _Network:
    """One network of a run, and its numbers as TensorBoard has them."""

    run: Run
    index: int
    group: int
    seed: int
    diverged: bool
    histogram: str
    low: float | None
    high: float | None

    @property
    def name(self) -> str:
        return f"group-{self.group:02d}/seed-{self.seed}"

    def summaries(self, hyperparameters: Mapping[str, Any], created: float) -> Iterator[tuple[int, Any]]:
        """Yield summaries with their steps."""
        from tensorboard.plugins.hparams.summary_v2 import hparams_pb

        yield 0, hparams_pb(hyperparameters, trial_id=f"group-{self.group:02d}", start_time_secs=created)
        last = 0
        for last, scalars in self._scalars():
            yield last, _summary([{"tag": tag, "simple_value": value} for tag, value in scalars.items()])
        yield last, _summary(list(self._histograms()))
        yield last, _ended(self.diverged, created)

    def _scalars(self) -> Iterator[tuple[int, dict[str, float]]]:
        steps: dict[int, dict[str, float]] = {}
        for step, *values in self._read(MEASUREMENTS, METRICS):
            steps[step] = {name: x for name, x in zip(METRICS, values, strict=True) if x is not None}
        for step, layer, *values in self._read(LAYERS, LAYER_VALUES):
            found = zip(LAYER_VALUES, values, strict=True)
            steps.setdefault(step, {}).update({f"{name}/layer_{layer:02d}": x for name, x in found if x is not None})
        yield from sorted(steps.items())

    def _read(self, query: str, columns: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        return self.run.database.read(query.format(columns=", ".join(columns)), (self.index,))

    def _histograms(self) -> Iterator[dict[str, Any]]:
        import numpy as np

        if self.low is not None:
            edges = np.linspace(0.0, 1.0, HISTOGRAM_BINS + 1)
            counts = np.array(json.loads(self.histogram), dtype=np.int64)
            yield _histogram("probabilities", edges, counts, self.low, self.high)
        for name, values in self.run.weights(self.group, self.seed).items():
            if np.isfinite(values).all():
                counts, edges = np.histogram(values.astype(np.float64), bins=WEIGHT_BINS)
                yield _histogram(f"weights/{name}", edges, counts, values.min(), values.max())


def _hyperparameters(experiment: Settings, compared: Mapping[str, Any]) -> dict[str, Any]:
    """Return every setting of a group that is one for all its networks, what is a list or a mapping as JSON."""
    settings = {**flatten(experiment.model_dump(mode="json")), **compared}
    return {
        key: json.dumps(value) if isinstance(value, list | dict) else value
        for key, value in settings.items()
        if value is not None
    }


def _compared(groups: Sequence[Mapping[str, Any]]) -> Any:
    """Name what differs between groups, and the metrics that trials are judged by."""
    from tensorboard.plugins.hparams.summary_v2 import HParam, Metric, hparams_config_pb

    keys = dict.fromkeys(key for group in groups for key in group)
    differing = [key for key in keys if len({group.get(key) for group in groups}) > 1]
    metrics = [Metric(name) for name in ("loss", "accuracy", "test_loss", "test_accuracy", "gradient_norm/layer_01")]
    return hparams_config_pb([HParam(key) for key in differing], metrics, time_created_secs=0.0)


def _ended(diverged: bool, created: float) -> Any:
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

    status = api_pb2.STATUS_FAILURE if diverged else api_pb2.STATUS_SUCCESS
    ended = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=created)
    told = metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(session_end_info=ended))
    return Summary(value=[Summary.Value(tag=metadata.SESSION_END_INFO_TAG, metadata=told, tensor=metadata.NULL_TENSOR)])


def _summary(values: Sequence[Mapping[str, Any]]) -> Any:
    from tensorboard.compat.proto.summary_pb2 import Summary

    return Summary(value=[Summary.Value(**value) for value in values])


def _histogram(tag: str, edges: Any, counts: Any, least: Any, greatest: Any) -> dict[str, Any]:
    """Return counts between edges as TensorBoard holds them: each count at its bin's upper edge.

    TensorBoard draws the outermost bins from the least value and to the greatest; sums are those of the bins' middles.
    """
    from tensorboard.compat.proto.summary_pb2 import HistogramProto

    middles = (edges[1:] + edges[:-1]) / 2.0
    proto = HistogramProto(
        min=least,
        max=greatest,
        num=counts.sum(),
        sum=(counts * middles).sum(),
        sum_squares=(counts * middles**2).sum(),
        bucket_limit=edges[1:].tolist(),
        bucket=counts.tolist(),
    )
    return {"tag": tag, "histo": proto}


def _write(folder: Path, created: float, summaries: Any) -> Path:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"events.out.tfevents.{int(created)}.sigmoid-lab"
    with path.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=created, file_version="brain.Event:2").SerializeToString())
        for step, summary in summaries:
            writer.write(Event(wall_time=created, step=step, summary=summary).SerializeToString())
    return path
