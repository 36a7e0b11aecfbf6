"""The words that people type, each spelled here and nowhere else."""

from collections.abc import Sequence
from typing import Literal, TypeVar, get_args

from sigmoid_lab.errors import LabError, nearest

ActivationName = Literal[
    "identity",
    "sigmoid",
    "centred-sigmoid",
    "tanh",
    "relu",
    "leaky-relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "mish",
    "softplus",
    "softsign",
    "hard-sigmoid",
    "hard-tanh",
    "erf",
]
InitialisationName = Literal[
    "default",
    "xavier",
    "xavier-uniform",
    "xavier-normal",
    "he",
    "he-uniform",
    "he-normal",
    "lecun",
    "lecun-uniform",
    "lecun-normal",
    "orthogonal",
]
LossName = Literal["bce-with-logits", "sigmoid-then-bce", "hand-written-bce", "hand-written-bce-eps", "max-form", "mse"]
TorchLossName = Literal["bce", "cross-entropy", "nll", "l1"]
SigmoidName = Literal["torch", "naive", "ratio", "two-branch", "where", "exp-abs", "tanh"]
OptimiserName = Literal["sgd", "momentum", "adam", "adamw"]
DataKind = Literal["random-labels", "linear", "blobs", "moons", "circles", "xor", "multilabel", "csv"]
NetworkKind = Literal["deep", "binary", "multilabel"]
CellName = Literal["rnn-sigmoid", "rnn-tanh", "rnn-tanh-orthogonal", "lstm"]
DeviceName = Literal["cpu", "cuda"]
DtypeName = Literal["float16", "bfloat16", "float32", "float64"]
ClaimName = Literal[
    "open-interval",
    "half-at-zero",
    "slope-quarter",
    "flat-at-five",
    "quarter-per-layer",
    "bad-below-good",
    "early-layers-untrainable",
    "relu-never-saturates",
    "naive-at-1000",
    "naive-nan-at-minus-500",
    "two-branch-everywhere",
    "torch-no-nan",
    "bce-after-sigmoid-nan",
    "with-logits-stable",
    "log-sum-exp",
    "same-gradients",
    "independent-sigmoids",
    "threshold-half-is-zero",
    "gates-exception",
    "stable-loss-symmetric",
]
MetricName = Literal[
    "loss",
    "accuracy",
    "positive_share",
    "exact_match",
    "hamming",
    "test_loss",
    "test_accuracy",
    "test_positive_share",
    "test_exact_match",
    "test_hamming",
]

RuleName = Literal[
    "inplace-modification",
    "single-logit-cross-entropy",
    "targets-out-of-range",
    "broadcast-target",
    "softmax-for-multilabel",
    "softmax-before-cross-entropy",
    "sigmoid-before-bce-with-logits",
    "sigmoid-then-bce-loss",
    "logits-into-bce",
    "handwritten-bce",
    "nll-without-log",
    "threshold-on-logits",
    "squeeze-drops-batch",
    "symmetric-init",
    "dead-relu",
    "saturated-activation",
    "exploding-gradient",
    "vanishing-gradient",
    "no-gradient",
]
Severity = Literal["error", "warning", "note"]

ACTIVATIONS: tuple[ActivationName, ...] = get_args(ActivationName)
INITIALISATIONS: tuple[InitialisationName, ...] = get_args(InitialisationName)
LOSSES: tuple[LossName, ...] = get_args(LossName)
CROSS_ENTROPIES: tuple[LossName, ...] = tuple(name for name in LOSSES if name != "mse")
"""The losses that are ways of writing one function, binary cross-entropy."""
TORCH_LOSSES: tuple[TorchLossName, ...] = get_args(TorchLossName)
SIGMOIDS: tuple[SigmoidName, ...] = get_args(SigmoidName)
OPTIMISERS: tuple[OptimiserName, ...] = get_args(OptimiserName)
DATA_KINDS: tuple[DataKind, ...] = get_args(DataKind)
NETWORK_KINDS: tuple[NetworkKind, ...] = get_args(NetworkKind)
CELLS: tuple[CellName, ...] = get_args(CellName)
DEVICES: tuple[DeviceName, ...] = get_args(DeviceName)
DTYPES: tuple[DtypeName, ...] = get_args(DtypeName)
CLAIMS: tuple[ClaimName, ...] = get_args(ClaimName)
METRICS: tuple[MetricName, ...] = get_args(MetricName)
RANKED: dict[MetricName, Literal["least", "most"]] = {
    name: "least" if name.endswith(("loss", "hamming")) else "most"
    for name in METRICS
    if not name.endswith("positive_share")
}
"""The metrics of which some values are better than others: the least or the most."""
RULES: tuple[RuleName, ...] = get_args(RuleName)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


Word = TypeVar("Word", bound=str)


def known(what: str, word: str, words: Sequence[Word]) -> Word:
    """Return ``word`` if it is one of ``words``; raise LabError with the nearest one otherwise."""
    for candidate in words:
        if word == candidate:
            return candidate
    raise LabError(f"{what}: '{word}' is unknown{nearest(word, words) or '; one of ' + ', '.join(words)}")
