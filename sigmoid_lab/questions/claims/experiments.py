"""Networks that a claim trains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.executors import here
from sigmoid_lab.plan import Plan
from sigmoid_lab.results.measured import NetworkResult, StackFailure, StackResult

Networks = Sequence[NetworkResult]


def stacks(values: dict[str, Any]) -> list[list[StackResult]]:
    """Return the stacks of each combination that an experiment compares, in the order of combinations."""
    plan = Plan(Experiment.model_validate(values), {})
    found: list[list[StackResult]] = [[] for _ in plan.groups]
    for result in here.run(plan.stacks(), lambda _: None):
        match result:
            case StackFailure(cause=cause):
                raise RuntimeError(cause)
            case StackResult(group=group):
                found[group].append(result)
    return found


def networks(values: dict[str, Any]) -> list[Networks]:
    """Return the networks of each combination that an experiment compares, by seed."""
    return [[network for stack in of_group for network in stack.networks] for of_group in stacks(values)]


def gradient_norm(of_group: Networks, layer: int) -> float:
    """Return the median of a layer's gradient norms before training."""
    return median(network.series[0].layers[layer - 1].gradient_norm for network in of_group)


def accuracy(of_group: Networks) -> float:
    """Return the median of the accuracies at the end."""
    return median(network.series[-1].metrics["accuracy"] for network in of_group)


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
