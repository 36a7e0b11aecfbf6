"""Networks that a claim trains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan
from statistics import median
from typing import Any

from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.executors import here
from sigmoid_lab.plan import Plan
from sigmoid_lab.results.measured import Column, StackFailure, StackResult

Networks = Sequence[StackResult]
"""The networks of one combination, stack by stack."""


def networks(values: dict[str, Any]) -> list[Networks]:
    """Return the networks of each combination that an experiment compares, in the order of combinations."""
    plan = Plan(Experiment.model_validate(values), {})
    found: list[list[StackResult]] = [[] for _ in plan.groups]
    for result in here.run(plan.stacks(), lambda _: None):
        match result:
            case StackFailure(cause=cause):
                raise RuntimeError(cause)
            case StackResult(group=group):
                found[group].append(result)
    return [*found]


def by_seed(of_group: Networks, column: Callable[[StackResult], Column | None]) -> list[float]:
    """Return one value of each network; NaN where it is not finite."""
    return [nan if value is None else value for stack in of_group for value in column(stack) or ()]


def gradient_norm(of_group: Networks, layer: int) -> float:
    """Return the median of a layer's gradient norms before training."""
    return median(by_seed(of_group, lambda stack: stack.series[0].layers[layer - 1].gradient_norm))


def accuracy(of_group: Networks) -> float:
    """Return the median of the accuracies at the end."""
    return median(by_seed(of_group, lambda stack: stack.series[-1].metrics["accuracy"]))


def by_name(names: Sequence[str], groups: Sequence[Networks], what: Callable[[Networks], float]) -> dict[str, float]:
    """Return one number of each group under its name."""
    return {name: what(group) for name, group in zip(names, groups, strict=True)}


def lines(values: dict[str, Any], names: Sequence[str], number: str) -> str:
    """Return Python that trains an experiment and prints a number of each of its groups after its name."""
    blocks = "\n".join(f"    {key!r}: {value!r}," for key, value in values.items())
    return (
        "from tempfile import mkdtemp\n\n"
        "import sigmoid_lab\n"
        "from sigmoid_lab.config.schema import Experiment\n\n"
        f"experiment = Experiment.model_validate({{\n{blocks}\n}})\n"
        "groups = sigmoid_lab.train(experiment, runs=mkdtemp()).groups\n"
        f"for name, group in zip({list(names)!r}, groups, strict=True):\n"
        f"    print(name, {number})"
    )
