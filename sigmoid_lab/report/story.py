"""What a run asked and what came out, in sentences made from its settings and numbers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sigmoid_lab.report.training import Groups
from sigmoid_lab.results.train import GroupSummary
from sigmoid_lab.vocabulary import MetricName
from sigmoid_lab.wording.labels import counted, word
from sigmoid_lab.wording.numbers import number

MOST_TOLD = 4
"""More differences than this are counted, not told."""


def question(settings: Mapping[str, Any]) -> str:
    """Ask what an experiment compares."""
    compared = [f"the {_word(key)} ({_values(values)})" for key, values in settings.get("compare", {}).items()]
    if not compared:
        return "Do gradients reach every layer of these networks, and what do they learn?"
    verb = "does" if len(compared) == 1 else "do"
    return f"What {verb} {_joined(compared)} do to a network's gradients, and to what it learns?"


def contrast(differences: Mapping[str, Sequence[Any]]) -> str:
    """Say in which settings runs differ: their names, and the values of the runs."""
    if not differences:
        return "These runs have the same settings."
    told = [_contrast(key, values) for key, values in differences.items()]
    more = [f"{counted(len(told) - MOST_TOLD, 'more setting')}"] if len(told) > MOST_TOLD else []
    return f"These runs differ in {_joined(told[:MOST_TOLD] + more)}."


def _contrast(key: str, values: Sequence[Any]) -> str:
    compared = "compared " if key.startswith("compare.") else ""
    return f"{compared}{_word(key)} ({', '.join(dict.fromkeys(map(_value, values)))})"


def answer(groups: Groups) -> Iterator[str]:
    """Yield what the numbers say: of gradients, of theory, of learning, of networks that diverged."""
    if not any(group.networks for group in groups.values()):
        yield "No network is finished yet."
        return
    yield from _gradients(groups)
    yield from _theory(groups)
    yield from _learning(groups)
    diverged = sum(group.diverged for group in groups.values())
    yield f"{diverged:,} of {sum(group.networks for group in groups.values()):,} networks diverged."


def _gradients(groups: Groups) -> Iterator[str]:
    norms = _by_value(groups, _first_gradient)
    if not norms:
        return
    (least, low), (most, high) = norms[0], norms[-1]
    if least == most:
        (group,) = (group for name, group in groups.items() if name == least)
        last = group.layers[-1]
        yield (
            f"Before training the gradient of layer 1 has a norm of {number(low)}, that of the output layer "
            f"{number(last.gradient_norm.start.median)} (medians)."
        )
        return
    times = f"{number(low / high)} times" if high else "no more than"
    yield (
        f"Before training layer 1 gets the least gradient with {least}: {number(low)}, {times} that with {most}, "
        f"{number(high)} (medians of the networks' norms)."
    )


def _theory(groups: Groups) -> Iterator[str]:
    pairs = [
        (layer.predicted_rms, layer.gradient_norm.start.rms) for group in groups.values() for layer in group.layers
    ]
    off = sorted(abs(measured / told - 1.0) for told, measured in pairs if told and measured)
    if off:
        typical, worst = off[len(off) // 2], off[-1]
        yield f"Theory, which saw no network, is off by {typical:.1%} for a typical layer, by {worst:.1%} at worst."


def _learning(groups: Groups) -> Iterator[str]:
    losses = _by_value(groups, _ending("loss"))
    if not losses:
        return
    told = losses if len(losses) < 3 else [losses[0], losses[-1]]
    accuracy: MetricName = "test_accuracy" if _ending("test_accuracy")(groups[told[0][0]]) is not None else "accuracy"
    part = "held-out" if accuracy == "test_accuracy" else "training"
    found = [
        f"{number(loss)} with {name} ({part} accuracy {number(_ending(accuracy)(groups[name]))})" for name, loss in told
    ]
    yield f"After training the loss on the training part is {_joined(found)}."


def _by_value(groups: Groups, value: Callable[[GroupSummary], float | None]) -> list[tuple[str, float]]:
    """Return the names of groups that have a value, and the value, from the least to the greatest."""
    values = ((name, value(group)) for name, group in groups.items())
    return sorted(((name, x) for name, x in values if x is not None), key=lambda pair: pair[1])


def _first_gradient(group: GroupSummary) -> float | None:
    return group.layers[0].gradient_norm.start.median if group.layers else None


def _ending(metric: MetricName) -> Callable[[GroupSummary], float | None]:
    return lambda group: group.metrics[metric].end.median if metric in group.metrics else None


def _word(key: str) -> str:
    head, _, last = key.rpartition(".")
    return (f"{head} {last}" if last == "kind" else last).replace("_", " ")


def _values(values: Sequence[Any]) -> str:
    return ", ".join(map(word, values))


def _value(value: Any) -> str:
    return "none" if value is None else " + ".join(map(word, value)) if isinstance(value, list) else word(value)


def _joined(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
