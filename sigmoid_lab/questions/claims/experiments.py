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


def networks(values: dict[str, Any]) -> list[Networks]:
    """Return the networks of each combination that an experiment compares, by seed, in the order of combinations."""
    plan = Plan(Experiment.model_validate(values), {})
    found: list[list[NetworkResult]] = [[] for _ in plan.groups]
    for result in here.run(plan.stacks(), lambda _: None):
        match result:
            case StackFailure(cause=cause):
                raise RuntimeError(cause)
            case StackResult(group=group, networks=of_stack):
                found[group].extend(of_stack)
    return [*found]


def gradient_norms(network: NetworkResult) -> list[float]:
    """Return the gradient norm of every layer's weight before training, first layer to last."""
    return [layer.gradient_norm for layer in network.series[0].layers]


def accuracy(of_group: Networks) -> float:
    """Return the median of the accuracies at the end."""
    return median(network.series[-1].metrics["accuracy"] for network in of_group)


def by_name(names: Sequence[str], groups: Sequence[Networks], what: Callable[[Networks], float]) -> dict[str, float]:
    """Return one number of each group under its name."""
    return {name: what(group) for name, group in zip(names, groups, strict=True)}


def lines(values: dict[str, Any], printed: str, *before: str) -> str:
    """Return Python that trains an experiment and prints something of each of its groups, worked out before."""
    blocks = "\n".join(f"    {key!r}: {value!r}," for key, value in values.items())
    return (
        "import sigmoid_lab\nfrom sigmoid_lab.config.schema import Experiment\n\n"
        f"answer = sigmoid_lab.train(Experiment.model_validate({{\n{blocks}\n}}))\n"
        "for group in answer.groups:\n" + "".join(f"    {line}\n" for line in before) + f"    print({printed})"
    )
