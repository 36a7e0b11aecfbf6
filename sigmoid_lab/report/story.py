"""What a run asked and what came out, in sentences made from its settings and numbers."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sigmoid_lab.report.training import Groups, trained
from sigmoid_lab.results.spread import Spread
from sigmoid_lab.results.train import GroupSummary
from sigmoid_lab.vocabulary import CROSS_ENTROPIES, MetricName
from sigmoid_lab.wording.labels import counted, networks, word
from sigmoid_lab.wording.numbers import number, share

MOST_TOLD = 4
"""More differences than this are counted, not told."""
MOST_IN_PERCENT = 10.0
"""A greater deviation is told as a factor."""
WORDS: dict[MetricName, str] = {"test_accuracy": "held-out accuracy", "accuracy": "training accuracy"}


def question(compared_values: Mapping[str, Sequence[Any]]) -> str:
    """Ask what groups are compared for: the settings in which they differ, with their values."""
    compared = [f"the {_word(key)} ({_values(values)})" for key, values in compared_values.items()]
    if not compared:
        return "Do gradients reach every layer of these networks, and what do they learn?"
    verb = "does" if len(compared) == 1 else "do"
    return f"What {verb} {_joined(compared)} do to a network's gradients, and to what it learns?"


def contrast(differences: Mapping[str, Sequence[Any]]) -> str:
    """Say in which settings runs differ: their names, and the values of the runs."""
    if not differences:
        return "These runs have the same settings."
    told = [
        f"{_word(key)} ({', '.join(dict.fromkeys('none' if x is None else word(x) for x in values))})"
        for key, values in differences.items()
    ]
    return f"These runs differ in {_joined(_told(told, 'more setting'))}."


def answer(groups: Groups, losses: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield what the numbers say: of gradients, of theory, of learning, of networks that diverged.

    ``losses`` holds the losses that each group was trained with: several where it pools them.
    """
    if not any(group.networks for group in groups.values()):
        yield "No network is finished yet."
        return
    functions = _by_function(groups, losses)
    if len(functions) > 1:
        yield f"The losses are {_joined(list(functions))}: neither their values nor their gradients compare."
    for function, members in functions.items():
        for sentence in _gradients(members):
            yield sentence if len(functions) == 1 else f"With {function}, b{sentence[1:]}"
    yield from _theory(groups)
    yield from _learning(groups, _by_loss if len(functions) == 1 else _by_accuracy)
    yield _diverged(groups)


def _by_function(groups: Groups, losses: Mapping[str, Sequence[str]]) -> Mapping[str, Groups]:
    """Part groups by the function that their losses compute, however it is written."""
    parts: dict[str, dict[str, GroupSummary]] = {}
    for name, group in groups.items():
        functions = dict.fromkeys("binary cross-entropy" if loss in CROSS_ENTROPIES else loss for loss in losses[name])
        parts.setdefault(" mixed with ".join(functions), {})[name] = group
    return parts


def _gradients(groups: Groups) -> Iterator[str]:
    norms = _by_value(groups, _first_gradient)
    if not norms:
        return
    low, high = norms[0][1], norms[-1][1]
    names = _alike({name: number(norm) for name, norm in norms})
    least, most = names[number(low)], names[number(high)]
    if len(norms) == 1:
        last = groups[norms[0][0]].layers[-1]
        yield (
            f"Before training the gradient of layer 1 has a norm of {number(low)}, that of the output layer "
            f"{number(last.gradient_norm.start.median)} (medians)."
        )
    elif number(low) == number(high):
        yield f"Before training layer 1 gets as much gradient with each: {number(low)} (medians of networks' norms)."
    else:
        times = f"{number(high / low)} times less than" if low else "and the most"
        yield (
            f"Before training layer 1 gets the least gradient with {least}: {number(low)}, {times} with {most}, "
            f"{number(high)} (medians of the networks' norms)."
        )


def _alike(readings: Mapping[str, str]) -> dict[str, str]:
    """Return, by what reads the same, the names of all groups that have it; many are counted."""
    names: dict[str, list[str]] = {}
    for name, reading in readings.items():
        names.setdefault(reading, []).append(name)
    return {reading: _joined(_told(alike, "other")) for reading, alike in names.items()}


def _told(names: Sequence[str], thing: str) -> list[str]:
    more = [counted(len(names) - MOST_TOLD, thing)] if len(names) > MOST_TOLD else []
    return [*names[:MOST_TOLD], *more]


def _theory(groups: Groups) -> Iterator[str]:
    layers = [
        (abs(start.rms / layer.predicted_rms - 1.0), start, group.networks)
        for group in groups.values()
        for layer in group.layers
        if layer.predicted_rms and (start := layer.gradient_norm.start).rms is not None
    ]
    if not layers:
        return
    layers.sort(key=itemgetter(0))
    typical, worst = layers[len(layers) // 2], layers[-1]
    yield (
        f"Theory, which saw no network, is off by {_deviation(typical[0])} in a typical layer and by "
        f"{_deviation(worst[0])} in the worst. {_chance([count for *_, count in layers], typical[1:], worst[1:])}"
    )
    if silent := sum(start.rms == 0.0 for _, start, _ in layers):
        where = counted(silent, "layer")
        yield f"In {where} the gradient of every network is exactly 0, where theory predicts more."


def _deviation(value: float) -> str:
    return share(value) if value < MOST_IN_PERCENT else f"a factor of {number(1.0 + value)}"


def _chance(counts: Sequence[int], *layers: tuple[Spread, int]) -> str:
    """Say how uncertain the mean norms of these layers are; the error of an rms is not known from what is kept."""
    least, most = min(counts), max(counts)
    if least == 1:
        return "One network in a group does not tell how much of that is chance."
    errors = " and ".join(f"by {share(_standard_error(norm, count))}" for norm, count in layers)
    drawn = networks(most) if least == most else f"{least:,} to {networks(most)}"
    return f"By chance alone the mean norm of {drawn} is uncertain {errors} there (standard error)."


def _standard_error(norm: Spread, count: int) -> float:
    """Return the standard error of a mean over networks, as a share of the mean: √(((rms/mean)² − 1)/(n − 1))."""
    if not norm.mean or norm.rms is None:
        return 0.0
    return math.sqrt(max(0.0, (norm.rms / norm.mean) ** 2 - 1.0) / (count - 1))


def _learning(groups: Groups, rank: Callable[[Groups], str | None]) -> Iterator[str]:
    """Tell what networks that did not diverge learnt, the extremes of what they are ranked by."""
    ran = any(map(trained, groups.values()))
    found = rank({name: x for name, x in groups.items() if trained(x) == ran and x.diverged < x.networks})
    if found:
        yield f"{'After training' if ran else 'Nothing was trained;'} the median {found}."


def _by_loss(groups: Groups) -> str | None:
    losses = _by_value(groups, _ending("loss"))
    told = losses if len(losses) < 3 else [losses[0], losses[-1]]
    accuracy = _accuracy([groups[name] for name, _ in told])
    found = _with_names({name: f"{number(loss)}{_beside(groups[name], accuracy)}" for name, loss in losses})
    return f"loss on the training part {_range(found)}" if found else None


def _with_names(readings: Mapping[str, str]) -> list[str]:
    return [f"{reading} with {names}" for reading, names in _alike(readings).items()]


def _beside(group: GroupSummary, accuracy: MetricName | None) -> str:
    return f" ({WORDS[accuracy]} {number(_ending(accuracy)(group))})" if accuracy else ""


def _by_accuracy(groups: Groups) -> str | None:
    accuracy = _accuracy(list(groups.values()))
    if accuracy is None:
        return None
    found = _with_names({name: number(value) for name, value in _by_value(groups, _ending(accuracy))})
    return f"{WORDS[accuracy]} {_range(found)}"


def _accuracy(groups: Sequence[GroupSummary]) -> MetricName | None:
    """Return the accuracy that all groups have, the held-out one if they can be compared by it."""
    return next((name for name in WORDS if groups and all(_ending(name)(group) is not None for group in groups)), None)


def _diverged(groups: Groups) -> str:
    lost = {name: group for name, group in groups.items() if group.diverged}
    drawn = sum(group.networks for group in groups.values())
    if not lost:
        return f"0 of {networks(drawn)} diverged."
    total = sum(group.diverged for group in lost.values())
    where = _joined(_told([_of_group(name, group) for name, group in lost.items()], "other group"))
    them = "it" if total == 1 else "them"
    return f"{total:,} of {networks(drawn)} diverged: {where}; the numbers after training leave {them} out."


def _of_group(name: str, group: GroupSummary) -> str:
    part = "all" if group.diverged == group.networks else f"{group.diverged:,} of"
    return f"{part} {group.networks:,} with {name}"


def _range(found: Sequence[str]) -> str:
    return f"ranges from {found[0]} to {found[-1]}" if len(found) > 2 else f"is {_joined(found)}"


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


def _joined(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
