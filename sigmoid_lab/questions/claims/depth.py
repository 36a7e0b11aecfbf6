"""What is said of sigmoid and ReLU in the hidden layers of deep networks."""

from __future__ import annotations

from statistics import median
from typing import Any

from sigmoid_lab.functions.activations import curve
from sigmoid_lab.questions.claims.claim import Claim, Numbers, judged, starting_with
from sigmoid_lab.questions.claims.experiments import Networks, accuracy, by_name, gradient_norms, lines, networks
from sigmoid_lab.results.claims import ClaimVerdict

DEPTH = 4
INITS: dict[str, Any] = {
    "default": "default",
    "xavier": "xavier",
    "he": "he",
    "variance_100": {"weight_variance": 100.0},
}
SEEDS = 64
UNTRAINED: dict[str, Any] = {
    "data": {"samples": 32, "test_share": 0.0},
    "training": {"steps": 0},
    "seeds": SEEDS,
}
"""Networks as compare-depth measures them."""

SIGMOIDS_ALONE: dict[str, Any] = {
    "network": {"depth": DEPTH, "activation": "sigmoid"},
    **UNTRAINED,
    "compare": {"network.init": list(INITS.values())},
}


def _factors() -> Numbers:
    """From hidden layer to hidden layer, by what the median gradient norm is multiplied; what reaches the first."""
    groups = networks(SIGMOIDS_ALONE)
    factors = by_name([f"factor_{name}" for name in INITS], groups, _factor_per_layer)
    return factors | by_name([f"left_{name}" for name in INITS], groups, _left)


def _factor_per_layer(of_group: Networks) -> float:
    """Return the geometric mean over the layers between hidden ones."""
    factor: float = (_median_norm(of_group, 2) / _median_norm(of_group, DEPTH)) ** (1 / (DEPTH - 2))
    return factor


def _left(of_group: Networks) -> float:
    return _median_norm(of_group, 1) / _median_norm(of_group, DEPTH + 1)


def _median_norm(of_group: Networks, layer: int) -> float:
    return median(gradient_norms(network)[layer - 1] for network in of_group)


def _below_a_quarter(n: Numbers) -> ClaimVerdict:
    factors = starting_with("factor_", n)
    return judged(max(factors) <= 0.25, min(factors) <= 0.25)


PAIRED: dict[str, Any] = {
    "network": {"depth": DEPTH},
    **UNTRAINED,
    "compare": {"network.init": list(INITS.values()), "network.activation": ["sigmoid", "relu"]},
}


def _relu_over_sigmoid() -> Numbers:
    """For each initialisation: by which factor ReLU's first gradient is the larger, and on which share of seeds."""
    groups = networks(PAIRED)
    numbers: dict[str, float] = {"seeds": float(SEEDS)}
    for name, bad, good in zip(INITS, groups[::2], groups[1::2], strict=True):
        pairs = zip(map(gradient_norms, bad), map(gradient_norms, good), strict=True)
        ratios = [sigmoid[0] / relu[0] for sigmoid, relu in pairs]
        numbers[f"factor_{name}"] = 1.0 / median(ratios)
        numbers[f"share_{name}"] = sum(ratio < 1.0 for ratio in ratios) / len(ratios)
    return numbers


def _on_every_seed(n: Numbers) -> ClaimVerdict:
    shares = starting_with("share_", n)
    return judged(min(shares) == 1.0, max(shares) == 1.0)


TRAINED: dict[str, Any] = {
    "data": {"kind": "moons", "samples": 512},
    "network": {"width": 32, "activation": "sigmoid"},
    "training": {"steps": 1500},
    "measure": {"every": 1500},
    "seeds": 8,
    "compare": {
        "network.depth": [2, DEPTH],
        "network.init": ["default", {"kind": "xavier", "gain": 4.0}],
        "optimizer": [{"kind": "sgd", "learning_rate": 0.5}, {"kind": "adam", "learning_rate": 0.01}],
    },
}
LEARNT = 0.9
"""A network has learnt the two moons from this accuracy on; a straight line reaches less."""


def _trained() -> Numbers:
    names = [f"{d}_{i}_{o}" for d in ("two", "four") for i in ("default", "wide") for o in ("sgd", "adam")]
    return by_name(names, networks(TRAINED), accuracy)


def _untrainable(n: Numbers) -> ClaimVerdict:
    deep = starting_with("four_", n)
    return judged(max(deep) < LEARNT, min(deep) < LEARNT)


RELU: dict[str, Any] = {
    "data": {"kind": "moons", "samples": 512},
    "network": {"depth": 2, "width": 32, "activation": "relu"},
    "training": {"steps": 300},
    "measure": {"every": 300},
    "seeds": 8,
    "compare": {"optimizer.learning_rate": [0.1, 3.0]},
}


def _relu() -> Numbers:
    """Look at slopes from −100 to 100, and for units that no example reaches any more after training."""
    _, slopes = curve("relu", [step / 8 for step in range(-800, 801)], "float32")
    dead = by_name(("dead_at_rate_0_1", "dead_at_rate_3"), networks(RELU), _dead_share)
    return {"slopes": float(len(slopes)), "others": float(sum(slope not in (0.0, 1.0) for slope in slopes)), **dead}


def _dead_share(of_group: Networks) -> float:
    return median(network.series[-1].layers[0].dead_share or 0.0 for network in of_group)


def _never_flat(n: Numbers) -> ClaimVerdict:
    return judged(n["others"] == 0 and max(starting_with("dead_", n)) == 0, n["others"] == 0)


CLAIMS = (
    Claim(
        "quarter-per-layer",
        "Each sigmoid layer multiplies the gradient by at most ¼, so four layers leave about 0.004 of it.",
        _factors,
        _below_a_quarter,
        "One layer further from the loss the gradient norm is multiplied by {factor_default} (torch's default), "
        "{factor_xavier} (Xavier), {factor_he} (He) or {factor_variance_100} (weight variance 100/fan_in): the "
        "slope is at most ¼, but the weights have a say. Of the output layer's norm four layers leave "
        "{left_default}, {left_xavier}, {left_he} and {left_variance_100}.",
        lines(
            SIGMOIDS_ALONE,
            "(norms[1] / norms[3]) ** 0.5, norms[0] / norms[4]",
            "norms = [layer.gradient_norm.start.median for layer in group.layers]",
        ),
    ),
    Claim(
        "bad-below-good",
        "The first layer's gradient of a deep sigmoid network is smaller than that of a ReLU network, on every seed.",
        _relu_over_sigmoid,
        _on_every_seed,
        "At depth 4 ReLU's is {factor_default} times sigmoid's (torch's default), {factor_xavier} times (Xavier), "
        "{factor_he} times (He) and {factor_variance_100} times (weight variance 100/fan_in); it is the larger on "
        "{share_default:.0%}, {share_xavier:.0%}, {share_he:.0%} and {share_variance_100:.0%} of {seeds} seeds.",
        """
import sigmoid_lab

for row in sigmoid_lab.compare_depth(4, inits=["default", "xavier", "he"], seeds=64).ratios[-3:]:
    print(1 / row.ratio.median)
""",
    ),
    Claim(
        "early-layers-untrainable",
        "With sigmoid in its hidden layers a deep network cannot train its early layers.",
        _trained,
        _untrainable,
        "On two moons, 1,500 updates, four hidden layers end at accuracy {four_default_sgd:.2f} with torch's "
        "default weights and SGD, but at {four_default_adam:.2f} with Adam, and with four times Xavier's weights "
        "at {four_wide_sgd:.2f} by either ({four_wide_adam:.2f}); two layers at {two_default_sgd:.2f} by SGD as "
        "they come.",
        lines(TRAINED, "group.metrics['accuracy'].end.median"),
    ),
    Claim(
        "relu-never-saturates",
        "ReLU's gradient is 0 or 1, and it does not saturate.",
        _relu,
        _never_flat,
        "Of {slopes} slopes from −100 to 100 {others} are neither 0 nor 1; but after 300 updates "
        "{dead_at_rate_0_1:.0%} of the first layer's units are dead, 0 for a whole batch, at learning rate 0.1, and "
        "{dead_at_rate_3:.0%} at 3: 0 is flat too.",
        lines(RELU, "group.layers[0].dead_share.end.median"),
    ),
)
