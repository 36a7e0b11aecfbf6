"""Stacks that train in a moment, and whether two results are the same bit for bit."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigmoid_lab.config.schema import Experiment, Settings
from sigmoid_lab.plan import Group, Plan, Stack, Table
from sigmoid_lab.results.measured import Column, StackFailure, StackResult


def plan_for(**raw: Any) -> Plan:
    usual = {"data": {"samples": 40, "features": 3}, "training": {"steps": 3, "batch_size": 8}, "seeds": 2}
    return Plan(Experiment.model_validate(usual | raw), {})


LONG = {"compare": {"training.steps": [2000, 3, 4]}, "measure": {"every": 100}}
"""Settings of which the first stack is in work for long enough to be disturbed."""
FOR_SECONDS = LONG | {"compare": {"training.steps": [8_000, 3, 4]}}
"""Settings of which it is so for some seconds."""


def broken(index: int = 0, group: int = 0) -> Stack:
    """Return a stack that fails in the middle of the engine: a csv without rows to learn from."""
    settings = Settings.model_validate({"data": {"kind": "csv", "path": "own.csv", "target": "y"}})
    return Stack(index, Group(group, {}, settings), (7, 8), Table(np.zeros((0, 2)), np.zeros((0, 1))))


def by_stack(results: list[StackResult | StackFailure]) -> dict[int, StackResult]:
    return {result.stack: result for result in results if isinstance(result, StackResult)}


def of_network(result: StackResult, copy: int) -> dict[str, Any]:
    """Return every number measured of one network of a stack, by name; those of a series first to last."""
    metrics: dict[str, Any] = {
        name: [at.metrics[name][copy] for at in result.series] for name in result.series[0].metrics
    }
    layers = {
        f"{name} {layer}": [_at(getattr(at.layers[layer], name), copy) for at in result.series]
        for layer in range(len(result.series[0].layers))
        for name in ("gradient_norm", "saturated_share", "dead_share")
    }
    ends = {name: column[copy] for name, column in vars(result.ends).items()}
    return {"seed": result.seeds[copy], "step": [at.step for at in result.series], **metrics, **layers, **ends}


def _at(column: Column | None, copy: int) -> float | None:
    return None if column is None else column[copy]


def assert_equal(some: StackResult, other: StackResult) -> None:
    assert (some.seeds, some.series, some.ends) == (other.seeds, other.series, other.ends)
    weights: list[dict[str, NDArray[Any]]] = [dict(some.weights), dict(other.weights)]
    assert weights[0].keys() == weights[1].keys()
    assert all(np.array_equal(weights[0][name], weights[1][name]) for name in weights[0])
