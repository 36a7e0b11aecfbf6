"""What the sentences of a page claim, on numbers written by hand."""

from collections.abc import Mapping

from sigmoid_lab.report.story import answer
from sigmoid_lab.results.spread import Spread, StartEnd
from sigmoid_lab.results.train import GroupAtStep, GroupSummary, Histogram, LayerSummary, ProbabilityRange
from sigmoid_lab.vocabulary import MetricName

BCE = "bce-with-logits"


def group(
    *norms: Spread,
    predicted: float | None = None,
    ends: Mapping[MetricName, float] | None = None,
    networks: int = 17,
    diverged: int = 0,
    steps: int = 10,
) -> GroupSummary:
    """Return a group with these gradient norms by layer, and these metrics at the end."""
    return GroupSummary(
        settings={},
        networks=networks,
        diverged=diverged,
        metrics={name: StartEnd(at(value), at(value)) for name, value in (ends or {}).items()},
        probability_range=ProbabilityRange(None, None),
        predicted_positive=Spread.of([]),
        layers=tuple(
            LayerSummary(1 + index, StartEnd(norm, norm), None, None, predicted) for index, norm in enumerate(norms)
        ),
        series=tuple(GroupAtStep(step, {}, ()) for step in dict.fromkeys((0, steps))),
        probability_histogram=Histogram((), ()),
    )


def at(value: float) -> Spread:
    return Spread.of([value])


def said(groups: Mapping[str, GroupSummary], losses: Mapping[str, list[str]] | None = None) -> str:
    return "\n".join(answer(groups, losses or {name: [BCE] for name in groups}))


def test_losses_of_two_functions_are_said_not_to_compare() -> None:
    groups = {name: group(at(1.0), ends={"loss": 0.5, "accuracy": 0.9}) for name in ("a", "b")}
    text = said(groups, {"a": [BCE], "b": ["mse"]})
    assert "The losses are binary cross-entropy and mse: neither their values nor their gradients compare." in text


def test_ways_of_writing_one_loss_compare() -> None:
    groups = {name: group(at(1.0), ends={"loss": loss, "accuracy": 0.9}) for name, loss in (("a", 0.2), ("b", 0.1))}
    text = said(groups, {"a": [BCE], "b": ["max-form"]})
    assert "compare" not in text
    assert "the median loss on the training part is 0.1 (training accuracy 0.9) with b and 0.2" in text


def test_groups_of_two_losses_are_ranked_by_accuracy() -> None:
    groups = {
        name: group(ends={"loss": loss, "test_accuracy": accuracy})
        for name, loss, accuracy in (("a", 0.7, 0.9), ("b", 0.2, 0.5), ("c", 0.6, 0.8))
    }
    text = said(groups, {"a": [BCE], "b": ["mse"], "c": [BCE]})
    assert "After training the median held-out accuracy ranges from 0.5 with b to 0.9 with a." in text
    assert "median loss" not in text


def test_gradients_are_compared_among_those_of_one_loss() -> None:
    groups = {"a": group(at(4.0)), "b": group(at(0.001), at(0.5)), "c": group(at(2.0))}
    text = said(groups, {"a": [BCE], "b": ["mse"], "c": [BCE]})
    assert (
        "With binary cross-entropy, before training layer 1 gets the least gradient with c: 2, 2 times less than with a"
        in text
    )
    assert "With mse, before training the gradient of layer 1 has a norm of 0.001, that of the output layer 0.5" in text


def test_groups_that_pool_the_same_losses_compare() -> None:
    groups = {"a": group(at(4.0)), "b": group(at(1.0))}
    assert "with b: 1, 4 times less than with a" in said(groups, {"a": [BCE, "mse"], "b": [BCE, "mse"]})


def test_the_accuracy_told_is_one_that_all_groups_told_have() -> None:
    held_out = group(ends={"loss": 0.1, "accuracy": 0.8, "test_accuracy": 0.7})
    text = said({"a": held_out, "b": group(ends={"loss": 0.3, "accuracy": 0.6})})
    assert "0.1 (training accuracy 0.8) with a and 0.3 (training accuracy 0.6) with b" in text


def test_of_more_than_two_groups_the_extremes_are_told_as_such() -> None:
    groups = {name: group(ends={"loss": loss}) for name, loss in (("a", 0.2), ("b", 0.1), ("c", 0.3))}
    assert "the median loss on the training part ranges from 0.1 with b to 0.3 with c." in said(groups)


def test_what_was_not_trained_is_not_told_as_trained() -> None:
    text = said({"a": group(ends={"loss": 0.7}, steps=0)})
    assert "Nothing was trained; the median loss on the training part is 0.7 with a." in text
    assert "After training" not in text


def test_a_deviation_from_theory_is_told_with_what_chance_leaves_open() -> None:
    """17 norms of mean 1 and standard deviation √(0.16 · 17/16) have a standard error of √(0.16/16) = 0.1."""
    norm = Spread(median=1.0, mean=1.0, rms=1.16**0.5, low=0.5, high=1.5)
    text = said({"a": group(norm, predicted=1.16**0.5 / 1.193)})
    assert "is off by 19.3 % in a typical layer and by 19.3 % in the worst" in text
    assert (
        "By chance alone the mean norm of 17 networks is uncertain by 10 % and by 10 % there (standard error)." in text
    )


def test_one_network_does_not_tell_what_is_chance() -> None:
    text = said({"a": group(at(1.0), predicted=2.0, networks=1)})
    assert "One network in a group does not tell how much of that is chance." in text
    assert "standard error" not in text


def test_the_networks_behind_a_mean_may_differ_from_group_to_group() -> None:
    norm = Spread(median=1.0, mean=1.0, rms=1.1, low=0.5, high=1.5)
    text = said({"a": group(norm, predicted=1.0, networks=4), "b": group(norm, predicted=1.0, networks=9)})
    assert "the mean norm of 4 to 9 networks" in text


def test_a_measured_zero_counts_as_off_by_all_of_it_and_is_said() -> None:
    text = said({"a": group(at(1.0), at(0.0), predicted=1.0)})
    assert "by 100 % in the worst" in text
    assert "In 1 layer the gradient of every network is exactly 0, where theory predicts more." in text


def test_a_deviation_of_more_than_ten_times_is_told_as_a_factor() -> None:
    assert "by a factor of 200 in the worst" in said({"a": group(at(1.0), at(200.0), predicted=1.0)})


def test_networks_that_diverged_are_said_to_be_left_out() -> None:
    text = said({"a": group(ends={"loss": 0.7}, networks=4, diverged=1)})
    assert "1 of 4 networks diverged: 1 of 4 with a; the numbers after training leave it out." in text


def test_the_groups_whose_networks_diverged_are_named() -> None:
    groups = {"a": group(networks=4, diverged=4), "b": group(networks=4), "c": group(networks=4, diverged=1)}
    assert "5 of 12 networks diverged: all 4 with a and 1 of 4 with c;" in said(groups)


def test_groups_of_one_gradient_are_named_together() -> None:
    text = said({"a": group(at(0.5)), "b": group(at(2.0)), "c": group(at(0.5))})
    assert "the least gradient with a and c: 0.5, 4 times less than with b, 2 (" in text


def test_equal_gradients_are_told_as_equal() -> None:
    assert "layer 1 gets as much gradient with each: 0.5 (" in said({"a": group(at(0.5)), "b": group(at(0.5))})


def test_a_gradient_of_nothing_is_no_factor_less() -> None:
    text = said({"a": group(at(0.0)), "b": group(at(2.0))})
    assert "the least gradient with a: 0, and the most with b, 2 (" in text


def test_groups_of_one_loss_are_named_together() -> None:
    groups = {name: group(ends={"loss": loss}) for name, loss in (("a", 0.2), ("b", 0.1), ("c", 0.1))}
    assert "the median loss on the training part is 0.1 with b and c and 0.2 with a." in said(groups)
