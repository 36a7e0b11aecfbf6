import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sigmoid_lab.config.schema import Multilabel
from sigmoid_lab.data.split import Split, make
from sigmoid_lab.engine.heads import competing, independent


def overlapping(seed: int) -> Split:
    return make(Multilabel(kind="multilabel", samples=512), seed, None)


def one_label_each(seed: int) -> Split:
    """Four clouds far from each other, each with a label of its own."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, 400)
    inputs = 6.0 * np.eye(4)[labels] + random.standard_normal((400, 4))
    targets = np.eye(4)[labels]
    return Split(inputs[:300], targets[:300], inputs[300:], targets[300:])


@pytest.mark.parametrize("seed", [0, 1])
def test_independent_sigmoids_decide_as_a_logistic_regression_a_label(seed: int) -> None:
    split = overlapping(seed)
    expected = [
        LogisticRegression(C=np.inf, fit_intercept=False).fit(split.inputs, labels).predict(split.test_inputs)
        for labels in split.targets.T
    ]
    assert (independent(split) == np.array(expected).T).mean() > 0.98


@pytest.mark.parametrize("seed", [0, 1])
def test_a_softmax_gets_fewer_overlapping_label_sets_right(seed: int) -> None:
    split = overlapping(seed)
    sigmoids, softmax = ((head(split) == split.test_targets).all(1).mean() for head in (independent, competing))
    assert softmax < sigmoids - 0.1


def test_a_softmax_is_as_good_where_every_example_has_one_label() -> None:
    split = one_label_each(0)
    assert (competing(split) == split.test_targets).all(1).mean() > 0.95
