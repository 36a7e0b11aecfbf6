"""What is said of sigmoid and ReLU in the hidden layers of deep networks."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from sigmoid_lab.config.schema import Initialisation
from sigmoid_lab.functions.activations import curve
from sigmoid_lab.questions.claims.claim import Claim, Numbers, judged, starting_with
from sigmoid_lab.questions.claims.experiments import (
    Networks,
    accuracy,
    by_name,
    by_seed,
    gradient_norm,
    lines,
    networks,
)
from sigmoid_lab.results.claims import ClaimVerdict
from sigmoid_lab.theory.gradients import layers_of
from sigmoid_lab.theory.network import signals

INITS: dict[str, Any] = {
    "default": "default",
    "xavier": "xavier",
    "he": "he",
    "variance_100": {"weight_variance": 100.0},
}
DEPTH = 4
UNTRAINED: dict[str, Any] = {"data": {"samples": 32, "test_share": 0.0}, "training": {"steps": 0}, "seeds": 64}
"""Networks as compare-depth measures them."""

# ------------------------------------------------------------------------------------------ quarter-per-layer

SIGMOIDS_ALONE: dict[str, Any] = {
    "network": {"depth": DEPTH, "activation": "sigmoid"},
    **UNTRAINED,
    "compare": {"network.init": list(INITS.values())},
}
QUARTER = 0.25
ABOUT = 2.0
"""About as much is at most so many times more or less."""


def _factors() -> Numbers:
    groups = networks(SIGMOIDS_ALONE)
    factors = by_name([f"factor_{name}" for name in INITS], groups, _factor_per_layer)
    left = {f"left_{name}": factors[f"factor_{name}"] ** DEPTH for name in INITS}
    return factors | left | {f"theory_{name}": _theory(init) for name, init in INITS.items()}


def _factor_per_layer(of_group: Networks) -> float:
    """Return by what the gradient norm is multiplied from hidden layer to hidden layer, a geometric mean."""
    factor: float = (gradient_norm(of_group, 2) / gradient_norm(of_group, DEPTH)) ** (1 / (DEPTH - 2))
    return factor


def _theory(init: Any) -> float:
    """Return √χ of the same layers, a geometric mean: by what the norm of a gradient in z is multiplied."""
    layers = layers_of(TypeAdapter(Initialisation).validate_python(init), (10, *(64,) * DEPTH, 1))
    chi = [signal.chi or 0.0 for signal in signals("sigmoid", layers)[1 : DEPTH - 1]]
    return prod(chi) ** (0.5 / len(chi))


def _below_a_quarter(n: Numbers) -> ClaimVerdict:
    bounded = [factor <= QUARTER for factor in starting_with("factor_", n)]
    left = [1 / ABOUT <= left / QUARTER**DEPTH <= ABOUT for left in starting_with("left_", n)]
    return judged(all(bounded) and all(left), any(bounded) or any(left))


# --------------------------------------------------------------------------------------------- bad-below-good

PAIRED: dict[str, Any] = {
    "network": {"depth": DEPTH},
    **UNTRAINED,
    "compare": {"network.init": list(INITS.values()), "network.activation": ["sigmoid", "relu"]},
}
NARROW: dict[str, Any] = {**PAIRED, "network": {"depth": 10, "width": 4}}
"""So narrow and deep that every path of a ReLU network may be cut."""


def _paired() -> Numbers:
    wide, narrow = networks(PAIRED), networks(NARROW)
    factors = [gradient_norm(relu, 1) / gradient_norm(sigmoid, 1) for sigmoid, relu in _pairs(wide)]
    return {
        "seeds": float(len(_first_norms(wide[0]))),
        **{f"factor_{name}": factor for name, factor in zip(INITS, factors, strict=True)},
        **{f"wide_{name}": _share_below(*pair) for name, pair in zip(INITS, _pairs(wide), strict=True)},
        **{f"narrow_{name}": _share_below(*pair) for name, pair in zip(INITS, _pairs(narrow), strict=True)},
    }


def _pairs(groups: Sequence[Networks]) -> list[tuple[Networks, Networks]]:
    """Return the sigmoid and the ReLU networks of each initialisation."""
    return list(zip(groups[::2], groups[1::2], strict=True))


def _share_below(sigmoids: Networks, relus: Networks) -> float:
    """Return the share of seeds on which the first gradient of the first is the smaller."""
    below = [one < other for one, other in zip(_first_norms(sigmoids), _first_norms(relus), strict=True)]
    return sum(below) / len(below)


def _first_norms(of_group: Networks) -> list[float]:
    return by_seed(of_group, lambda stack: stack.series[0].layers[0].gradient_norm)


def _on_every_seed(n: Numbers) -> ClaimVerdict:
    shares = starting_with("wide_", n) + starting_with("narrow_", n)
    return judged(min(shares) == 1.0, max(shares) == 1.0)


# ----------------------------------------------------------------------------------- early-layers-untrainable

OPTIMISERS = [{"kind": "sgd", "learning_rate": 0.5}, {"kind": "adam", "learning_rate": 0.01}]
TRAINED: dict[str, Any] = {
    "data": {"kind": "moons", "samples": 512},
    "network": {"width": 32, "activation": "sigmoid", "depth": DEPTH},
    "training": {"steps": 1500},
    "measure": {"every": 1500},
    "seeds": 8,
    "compare": {"network.init": ["default", {"kind": "xavier", "gain": 4.0}], "optimizer": OPTIMISERS},
}
TRAININGS = ("default_sgd", "default_adam", "wide_sgd", "wide_adam")
LINE: dict[str, Any] = {
    **{key: value for key, value in TRAINED.items() if key != "compare"},
    "network": {"depth": 1, "activation": "identity"},
    "optimizer": OPTIMISERS[1],
}
"""Networks that can draw nothing but a straight line."""
MOVED = 0.1
"""An early layer counts as trained where its weights moved by this share of their length, and more is got right."""


def _trained() -> Numbers:
    before = networks({**TRAINED, "training": {"steps": 0}})
    after = networks(TRAINED)
    (line,) = networks(LINE)
    return {
        "line": accuracy(line),
        **by_name([f"accuracy_{name}" for name in TRAININGS], after, accuracy),
        **dict(zip((f"moved_{name}" for name in TRAININGS), map(_moved, before, after), strict=True)),
    }


def _moved(before: Networks, after: Networks) -> float:
    """Return by which share of its length the first layer's weight moved, the median over networks."""
    start, end = map(_first_weights, (before, after))
    return float(np.median(np.linalg.norm(end - start, axis=1) / np.linalg.norm(start, axis=1)))


def _first_weights(of_group: Networks) -> NDArray[Any]:
    """Return the first layer's weights, (E networks, numbers of a network)."""
    weights = (next(value for name, value in stack.weights.items() if name.endswith("weight")) for stack in of_group)
    return np.concatenate([weight.reshape(len(weight), -1) for weight in weights])


def _untrainable(n: Numbers) -> ClaimVerdict:
    pairs = zip(starting_with("accuracy_", n), starting_with("moved_", n), strict=True)
    trained = [reached > n["line"] and moved > MOVED for reached, moved in pairs]
    return judged(not any(trained), not all(trained))


# --------------------------------------------------------------------------------------- relu-never-saturates

RELU: dict[str, Any] = {
    "data": {"kind": "moons", "samples": 512},
    "network": {"depth": 2, "width": 32, "activation": "relu"},
    "training": {"steps": 300, "batch_size": 384},
    "measure": {"every": 300},
    "seeds": 8,
    "compare": {"optimizer.learning_rate": [0.1, 3.0]},
}
"""Every batch is all there is to train on, so a unit that is dead is dead for every example."""


def _relu() -> Numbers:
    z = [step / 8 for step in range(-800, 801)]
    _, slopes = curve("relu", z, "float32")
    slow, fast = networks(RELU)
    return {
        "slopes": float(len(slopes)),
        "others": float(sum(slope not in (0.0, 1.0) for slope in slopes)),
        "flat_below": sum(slope == 0.0 for at, slope in zip(z, slopes, strict=True) if at < 0.0) / (len(z) // 2),
        "flat_above": sum(slope == 0.0 for at, slope in zip(z, slopes, strict=True) if at > 0.0) / (len(z) // 2),
        "dead_before": _dead_share(slow, 0),
        "dead_after": _dead_share(slow, -1),
        "dead_after_fast": _dead_share(fast, -1),
    }


def _dead_share(of_group: Networks, at: int) -> float:
    return median(by_seed(of_group, lambda stack: stack.series[at].layers[0].dead_share))


def _never_flat(n: Numbers) -> ClaimVerdict:
    zero_or_one = n["others"] == 0
    more_dead = max(n["dead_after"], n["dead_after_fast"]) > n["dead_before"]
    never_flat = n["flat_below"] == n["flat_above"] == 0
    return judged(zero_or_one and never_flat and not more_dead, zero_or_one and n["flat_above"] == 0)


CLAIMS = (
    Claim(
        "quarter-per-layer",
        "Each sigmoid layer multiplies the gradient by at most ¼, so four layers leave about 0.004 of it.",
        _factors,
        _below_a_quarter,
        "From hidden layer to hidden layer the norm of the weight's gradient is multiplied by {factor_default} "
        "(torch's default), {factor_xavier} (Xavier), {factor_he} (He) or {factor_variance_100} (weight variance "
        "100/fan_in), the weights included; that of the gradient in z, says mean-field theory, by {theory_default}, "
        "{theory_xavier}, {theory_he} or {theory_variance_100}. Four measured factors make {left_default}, "
        "{left_xavier}, {left_he} and {left_variance_100}.",
        lines(
            SIGMOIDS_ALONE,
            [f"factor_{name}" for name in INITS],
            "(group.layers[1].gradient_norm.start.median / group.layers[3].gradient_norm.start.median) ** 0.5",
        ),
    ),
    Claim(
        "bad-below-good",
        "The first layer's gradient of a deep sigmoid network is smaller than that of a ReLU network, on every seed.",
        _paired,
        _on_every_seed,
        "At depth 4 and width 64 ReLU's is {factor_default} times sigmoid's (torch's default), {factor_xavier} "
        "times (Xavier), {factor_he} times (He) and {factor_variance_100} times (weight variance 100/fan_in), and "
        "sigmoid's is the smaller on {wide_default:.0%}, {wide_xavier:.0%}, {wide_he:.0%} and "
        "{wide_variance_100:.0%} of {seeds} seeds; at depth 10 and width 4 on {narrow_default:.0%}, "
        "{narrow_xavier:.0%}, {narrow_he:.0%} and {narrow_variance_100:.0%}.",
        """
import sigmoid_lab

rows = sigmoid_lab.compare_depth(4, inits=["default", "xavier", "he"], seeds=64).by_depth
norms = {(row.init, row.activation): row.gradient_norm.median for row in rows if row.depth == 4}
for init in ("default", "xavier", "he"):
    print(f"factor_{init}", norms[init, "relu"] / norms[init, "sigmoid"])
""",
    ),
    Claim(
        "early-layers-untrainable",
        "With sigmoid in its hidden layers a deep network cannot train its early layers.",
        _trained,
        _untrainable,
        "On two moons a straight line reaches accuracy {line:.3f}. After 1,500 updates four hidden layers reach "
        "{accuracy_default_sgd:.3f} with torch's default weights and SGD, the first layer's weights moved by "
        "{moved_default_sgd:.1%}; {accuracy_default_adam:.3f} with Adam ({moved_default_adam:.0%}); with four "
        "times Xavier's weights {accuracy_wide_sgd:.3f} by SGD ({moved_wide_sgd:.0%}) and {accuracy_wide_adam:.3f} "
        "by Adam ({moved_wide_adam:.0%}).",
        lines(TRAINED, [f"accuracy_{name}" for name in TRAININGS], "group.metrics['accuracy'].end.median"),
    ),
    Claim(
        "relu-never-saturates",
        "ReLU's gradient is 0 or 1, and it does not saturate.",
        _relu,
        _never_flat,
        "Of {slopes} slopes from −100 to 100, {others} are another number; 0 are {flat_below:.0%} of those below 0 "
        "and {flat_above:.0%} of those above. Of the first layer's units {dead_before:.1%} are 0 for every example "
        "before training, {dead_after:.1%} after 300 updates at learning rate 0.1, and {dead_after_fast:.1%} at 3.",
        lines(RELU, ["dead_after", "dead_after_fast"], "group.layers[0].dead_share.end.median"),
    ),
)
