"""What is said of the output layer where labels overlap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigmoid_lab.config.schema import Multilabel
from sigmoid_lab.data.split import Split, make
from sigmoid_lab.engine.heads import competing, independent
from sigmoid_lab.questions.claims.claim import Claim, Numbers, judged
from sigmoid_lab.results.claims import ClaimVerdict

SEEDS = 8
Head = Callable[[Split], NDArray[Any]]
HEADS: dict[str, Head] = {"sigmoid": independent, "softmax": competing}


def _heads() -> Numbers:
    splits = [make(Multilabel(kind="multilabel"), seed, None) for seed in range(SEEDS)]
    right = {name: [_all_right(split, head) for split in splits] for name, head in HEADS.items()}
    several = [split.test_targets.sum(1) > 1 for split in splits]
    numbers = {"seeds": float(SEEDS), "share_several": float(np.concatenate(several).mean())}
    for name, of_head in right.items():
        numbers[f"{name}_several"] = _share(of_head, several)
        numbers[f"{name}_fewer"] = _share(of_head, [~chosen for chosen in several])
    pairs = list(zip(right["sigmoid"], right["softmax"], several, strict=True))
    return numbers | {
        "better": sum(one.mean() > other.mean() for one, other, _ in pairs) / SEEDS,
        "better_several": sum(one[chosen].mean() > other[chosen].mean() for one, other, chosen in pairs) / SEEDS,
    }


def _all_right(split: Split, head: Head) -> NDArray[Any]:
    """Return for each example held out whether every label of it is decided right."""
    right: NDArray[Any] = (head(split) == (split.test_targets > 0.5)).all(axis=1)
    return right


def _share(right: list[NDArray[Any]], chosen: list[NDArray[Any]]) -> float:
    return float(np.concatenate(right)[np.concatenate(chosen)].mean())


def _sigmoids_better(n: Numbers) -> ClaimVerdict:
    return judged(n["better"] == n["better_several"] == 1.0, n["better"] == 1.0 or n["better_several"] == 1.0)


CLAIMS = (
    Claim(
        "independent-sigmoids",
        "Labels that overlap need independent sigmoids; a softmax loses by making them compete.",
        _heads,
        _sigmoids_better,
        "A linear layer for four labels, on examples held out: where several labels are on ({share_several:.0%} of the "
        "examples) sigmoids get all four right on {sigmoid_several:.0%}, a softmax, with the threshold that served it "
        "best in training, on {softmax_several:.0%}; where one is or none, {sigmoid_fewer:.0%} and "
        "{softmax_fewer:.0%}. Sigmoids are better on {better:.0%} of {seeds} seeds in all, and on "
        "{better_several:.0%} where several are on.",
        """
import numpy as np

from sigmoid_lab.config.schema import Multilabel
from sigmoid_lab.data.split import make
from sigmoid_lab.engine.heads import competing, independent

splits = [make(Multilabel(kind="multilabel"), seed, None) for seed in range(8)]
labels = np.concatenate([split.test_targets for split in splits]) > 0.5
for name, head in (("sigmoid", independent), ("softmax", competing)):
    decided = np.concatenate([head(split) for split in splits])
    print(f"{name}_several", (decided == labels).all(1)[labels.sum(1) > 1].mean())
""",
    ),
)
