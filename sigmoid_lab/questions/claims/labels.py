"""What is said of the output layer where labels overlap."""

from __future__ import annotations

from statistics import median

from sigmoid_lab.config.schema import Multilabel
from sigmoid_lab.data.split import make
from sigmoid_lab.engine.heads import competing, independent
from sigmoid_lab.questions.claims.claim import Claim, Numbers, judged
from sigmoid_lab.results.claims import ClaimVerdict

SEEDS = 8


def _heads() -> Numbers:
    splits = [make(Multilabel(kind="multilabel"), seed, None) for seed in range(SEEDS)]
    overlapping = [(split.test_targets.sum(1) > 1).mean() for split in splits]
    sigmoids, softmaxes = (list(map(head, splits)) for head in (independent, competing))
    pairs = list(zip(sigmoids, softmaxes, strict=True))
    return {
        "seeds": float(SEEDS),
        "overlapping": median(map(float, overlapping)),
        "sigmoid_exact_match": median(scores.exact_match for scores in sigmoids),
        "softmax_exact_match": median(scores.exact_match for scores in softmaxes),
        "sigmoid_hamming": median(scores.hamming for scores in sigmoids),
        "softmax_hamming": median(scores.hamming for scores in softmaxes),
        "seeds_better": sum(one.exact_match > other.exact_match for one, other in pairs) / len(pairs),
    }


def _sigmoids_better(n: Numbers) -> ClaimVerdict:
    return judged(n["seeds_better"] == 1.0, n["seeds_better"] > 0.5)


CLAIMS = (
    Claim(
        "independent-sigmoids",
        "Labels that overlap need independent sigmoids; a softmax makes them compete.",
        _heads,
        _sigmoids_better,
        "On examples of which {overlapping:.0%} have more than one of four labels, a linear layer under sigmoids "
        "gets all four right on {sigmoid_exact_match:.0%} of those held out, under a softmax with the threshold "
        "that serves it best on {softmax_exact_match:.0%} (labels one by one: {sigmoid_hamming:.0%} and "
        "{softmax_hamming:.0%}); better on {seeds_better:.0%} of {seeds} seeds.",
        """
from statistics import median
from sigmoid_lab.config.schema import Multilabel
from sigmoid_lab.data.split import make
from sigmoid_lab.engine.heads import competing, independent

splits = [make(Multilabel(kind="multilabel"), seed, None) for seed in range(8)]
for head in (independent, competing):
    print(median(head(split).exact_match for split in splits))
""",
    ),
)
