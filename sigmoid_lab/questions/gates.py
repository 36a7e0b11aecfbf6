"""How gradients travel through time in RNNs and through an LSTM's gates, and who learns what needs that."""

from collections.abc import Callable, Iterator, Sequence
from math import exp, inf, isfinite, log

from sigmoid_lab.config.schema import LAST_SEED
from sigmoid_lab.engine import recall
from sigmoid_lab.engine.devices import environment, free_bytes
from sigmoid_lab.engine.recurrent import LSTM
from sigmoid_lab.engine.through_time import FEATURES, measure
from sigmoid_lab.errors import LabError
from sigmoid_lab.plan import BYTES, STACK_BYTES
from sigmoid_lab.results.gates import ForgetBias, GateRow, GatesAnswer, GatesProgress, Recalled, RecallRow, Travel
from sigmoid_lab.results.spread import Spread
from sigmoid_lab.theory.gates import time_constant
from sigmoid_lab.vocabulary import CELLS, CellName

RECALL_LAGS = (10, 30, 100)
LIMITS = {"steps": (1, 10_000), "hidden": (1, inf), "seeds": (1, 100_000), "seed": (0, LAST_SEED), "train": (0, 10_000)}
RESULT_BYTES = 128
"""What the results of one network at one lag take."""

Kind = tuple[CellName, ForgetBias]
OnProgress = Callable[[GatesProgress], None]


def gates(
    steps: int = 40,
    hidden: int = 64,
    forget_biases: Sequence[float | str] | None = None,
    *,
    seeds: int = 64,
    seed: int = 0,
    train: int = 0,
    on_progress: OnProgress = lambda _: None,
) -> GatesAnswer:
    """Measure what is left of a gradient at lags 1…``steps`` in each cell, LSTMs with each forget bias.

    A forget bias is the total over both of torch's bias vectors, or ``"default"``, what torch draws; ``train`` networks
    of each kind also learn to recall a bit after a delay. Raises LabError for a value out of range, and for networks
    of which not even one finds room.
    """
    _refuse(steps=steps, hidden=hidden, seeds=seeds, seed=seed, train=train)
    biases = tuple(dict.fromkeys(map(_bias, forget_biases or ("default",))))
    needed, free = network_bytes(hidden, steps) + RESULT_BYTES * seeds * steps, free_bytes("cpu")
    if needed > free:
        raise LabError(
            f"hidden: one LSTM of {hidden} units over {steps} steps needs about {needed / 1e9:.3g} GB, and "
            f"{free / 1e9:.3g} GB are free; fewer units or steps need less"
        )
    kinds: list[Kind] = [(cell, None) for cell in CELLS if cell != "lstm"] + [("lstm", bias) for bias in biases]
    return GatesAnswer(
        settings={
            "steps": steps,
            "hidden": hidden,
            "features": FEATURES,
            "forget_bias": biases,
            "seeds": seeds,
            "seed": seed,
            "train": train,
            "recall": recall.SETTINGS if train else None,
        },
        environment=environment("cpu"),
        rows=tuple(
            row
            for kind in kinds
            for row in _rows(kind, steps, _measured(kind, range(seed, seed + seeds), hidden, steps, on_progress))
        ),
        recall=tuple(
            _learnt(kind, lag, range(seed, seed + train), on_progress) for kind in kinds for lag in RECALL_LAGS if train
        ),
    )


def network_bytes(hidden: int, steps: int) -> int:
    """Estimate what one LSTM takes at most, in bytes: its weights as drawn and as used, and its steps."""
    weights = LSTM.gates * hidden * (hidden + FEATURES + 2)
    return BYTES["float64"] * (3 * weights + steps * (2 * LSTM.gates * hidden + FEATURES))


def _refuse(**values: int) -> None:
    """Raise LabError with every value that is out of range."""
    problems = [
        f"{name}: {value} is out of range; it must be {f'at least {low}' if high == inf else f'from {low} to {high}'}"
        for name, value in values.items()
        for low, high in [LIMITS[name]]
        if not low <= value <= high
    ]
    if problems:
        raise LabError(*problems)


def _bias(given: float | str) -> ForgetBias:
    if given == "default":
        return "default"
    try:
        bias = float(given)
    except ValueError:
        bias = inf
    if not isfinite(bias):
        raise LabError(f"forget-bias: '{given}' is no finite number; write for example 3, or default for torch's own")
    return bias


def _chosen(forget_bias: ForgetBias) -> float | None:
    return forget_bias if isinstance(forget_bias, float) else None


def _measured(kind: Kind, seeds: range, hidden: int, steps: int, on_progress: OnProgress) -> list[Travel]:
    """Measure so many networks at once as find room."""
    cell, forget_bias = kind
    at_once = max(1, STACK_BYTES["cpu"] // network_bytes(hidden, steps))
    found: list[Travel] = []
    for first in range(0, len(seeds), at_once):
        on_progress(GatesProgress(cell, forget_bias, None, first, len(seeds)))
        found += measure(cell, _chosen(forget_bias), seeds[first : first + at_once], hidden, steps)
    return found


def _rows(kind: Kind, steps: int, networks: Sequence[Travel]) -> Iterator[GateRow]:
    cell, forget_bias = kind
    factor = _per_step_factor(steps, networks)
    bounds = [network.step_bound for network in networks if network.step_bound is not None]
    products = [network.gate_product for network in networks if network.gate_product is not None]
    for lag in range(1, steps + 1):
        yield GateRow(
            cell=cell,
            forget_bias=forget_bias,
            lag=lag,
            gradient_norm=Spread.of(network.norm[lag] for network in networks),
            gate_product=Spread.of(product[lag] for product in products) if products else None,
            per_step_factor=factor,
            per_step_bound=max(bounds) if bounds else None,
            time_constant_steps=None if forget_bias is None else time_constant(_chosen(forget_bias) or 0.0),
        )


def _per_step_factor(steps: int, networks: Sequence[Travel]) -> float | None:
    """Return the geometric mean of median(lag) / median(lag − 1) over the last three quarters of the lags."""
    first = steps // 4
    start, end = (_log_median([network.log_norm[lag] for network in networks]) for lag in (first, steps))
    return exp((end - start) / (steps - first)) if start > -inf else None


def _log_median(logs: Sequence[float]) -> float:
    """Return ln of the median of e^x, also where e^x is beyond float64."""
    ordered = sorted(logs)
    low, high = ordered[(len(logs) - 1) // 2], ordered[len(logs) // 2]
    return high + log((1.0 + exp(low - high)) / 2.0) if high > -inf else high


def _learnt(kind: Kind, lag: int, seeds: range, on_progress: OnProgress) -> RecallRow:
    cell, forget_bias = kind

    def tell(update: int) -> None:
        on_progress(GatesProgress(cell, forget_bias, lag, update, recall.UPDATES))

    found: Sequence[Recalled] = recall.train_on_recall(cell, _chosen(forget_bias), seeds, lag, tell)
    return RecallRow(
        cell=cell,
        forget_bias=forget_bias,
        lag=lag,
        networks=len(found),
        solved=sum(each.updates is not None for each in found),
        accuracy=Spread.of(each.accuracy for each in found),
        updates=Spread.of(each.updates for each in found),
    )
