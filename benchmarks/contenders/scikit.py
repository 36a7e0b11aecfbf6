"""scikit-learn's MLPClassifier, one network; it tells no gradient norms."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from contenders import BATCH, FEATURES, LEARNING_RATE, Advance, Case

BATCHES = 50


def prepare(case: Case) -> Advance:
    """Return one pass of ``fit`` over 50 mini-batches."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    x = np.random.default_rng(0).standard_normal((BATCHES * BATCH, FEATURES)).astype(np.float32)
    y = np.random.default_rng(1).integers(0, 2, len(x))
    model = MLPClassifier(
        (case.width,) * case.depth,
        activation={"sigmoid": "logistic", "relu": "relu"}[case.activation],
        solver=case.optimiser,
        alpha=0.0,
        batch_size=BATCH,
        learning_rate_init=LEARNING_RATE,
        momentum=0.0,
        max_iter=4,
        tol=0.0,
    )

    def advance() -> int:
        model.fit(x, y)
        return int(model.n_iter_) * BATCHES

    return advance
