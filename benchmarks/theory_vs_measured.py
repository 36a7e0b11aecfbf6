"""How near predicted gradient norms come to measured ones, as a table of deviations with their errors.

python benchmarks/theory_vs_measured.py [--widths 64 256 1024] [--depths 1 2 4 8 16 32] [--seeds 1024] [--kept FILE]

Networks of one initialisation, depth and width share their batches and the draws of their weights, whatever their
activation, and every prediction is of those very batches. A cell (activation, initialisation, depth, width) is given
more seeds, a share at a time, until every layer's standard error is small or there are no more seeds. Shares are kept
in a file as they finish; a run that was interrupted goes on from there.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from arguments import parser, whole
from numpy.typing import NDArray
from tables import head, line

from sigmoid_lab import vocabulary
from sigmoid_lab.config.schema import Experiment, Settings
from sigmoid_lab.executors import here
from sigmoid_lab.plan import Plan
from sigmoid_lab.questions.predictions import first_batches
from sigmoid_lab.results.measured import StackFailure, StackResult
from sigmoid_lab.theory.gradients import Kernels, forward, layers_of, rms_by_layer

ACTIVATIONS = (
    *("sigmoid", "centred-sigmoid", "tanh", "relu", "leaky-relu", "elu", "selu", "gelu", "silu", "mish", "softplus"),
    *("softsign", "hard-sigmoid", "hard-tanh", "erf"),
)
INITIALISATIONS = ("default", "xavier-uniform", "he-normal", "lecun-normal")
SHARE = 64
"""Seeds measured at a time."""
ERROR = 0.02
"""The standard error under which a layer is told well enough."""
FEWEST = 256
"""Seeds before which no cell is told well enough: where tails are heavy, few networks look more exact than they are."""
KEYS = ("activation", "init", "depth", "width", "first_seed", "seeds")
NEAR = 0.05

Array = NDArray[np.float64]
Layer = dict[str, float]
"""A deviation of the predicted rms from the measured one, and its standard error, as shares."""
Row = dict[str, Any]
"""A cell: its keys, its seeds, and its layers; none where there is no theory."""


def sums(activations: Sequence[str], init: str, depth: int, width: int, seeds: range) -> Iterator[Row]:
    """Measure and predict networks of several activations on the same batches and draws, a row each.

    A row's sums, (5, L layers), are Σm, Σp, Σm², Σmp and Σp² over seeds, m the measured square and p the predicted one.
    """
    plan = Plan(
        Experiment.model_validate(
            {
                "data": {"kind": "random-labels", "samples": 32, "features": 10, "test_share": 0.0},
                "network": {"kind": "deep", "init": init, "depth": depth, "width": width},
                "training": {"steps": 0, "batch_size": 32},
                "seed": seeds.start,
                "seeds": len(seeds),
                "compare": {"network.activation": list(activations)},
            }
        ),
        {},
    )
    for group, m in zip(plan.groups, measured(plan), strict=True):
        p = predicted(group.settings, seeds)
        found = [] if p is None else np.stack([m, p, m * m, m * p, p * p]).sum(axis=1).tolist()
        keys = (group.settings.network.activation, init, depth, width, seeds.start, len(seeds))
        yield dict(zip(KEYS, keys, strict=True)) | {"sums": found}


def measured(plan: Plan) -> list[Array]:
    """Return the squared gradient norms of every group's networks before training, (S seeds, L layers)."""
    found: list[list[tuple[float | None, ...]]] = [[] for _ in plan.groups]
    for result in here.run(plan.stacks(), lambda _: None):
        match result:
            case StackFailure(cause=cause):
                raise RuntimeError(cause)
            case StackResult(group=group, series=[start, *_]):
                found[group] += zip(*(layer.gradient_norm for layer in start.layers), strict=True)
    return [np.array(norms, dtype=float) ** 2 for norms in found]


def predicted(settings: Settings, seeds: Sequence[int]) -> Array | None:
    """Return what theory says of every seed's own batch, as ``measured``; None where it says nothing."""
    batches = first_batches(settings, seeds, None)
    if batches is None or len(batches.inputs) < len(seeds):
        return None
    widths = (batches.inputs.shape[2], *settings.network.hidden_widths, batches.targets.shape[2])
    layers = layers_of(settings.network.init, widths)
    kernels = forward(settings.network.activation, layers[:-1], batches.inputs)
    if kernels is None:
        return None
    found = []
    for at in range(len(seeds)):
        one = slice(at, at + 1)
        of_seed = Kernels(tuple(h[one] for h in kernels.inputs), tuple(s[one] for s in kernels.slopes))
        norms = rms_by_layer(of_seed, layers, settings.loss, batches.targets[one])
        if norms is None:
            return None
        found.append(norms)
    return np.array(found) ** 2


def deviations(total: Array, seeds: int) -> list[Layer]:
    """Return by how much the predicted rms is off the measured one in every layer, and the standard error of that.

    The error is that of a ratio estimator: what batches do to both sides alike is no error of the comparison.
    """
    m, p, mm, mp, pp = total
    ratio = m / p
    spread = np.sqrt(np.maximum(mm - 2.0 * ratio * mp + ratio**2 * pp, 0.0) * seeds / max(1, seeds - 1))
    off = 1.0 / np.sqrt(ratio)
    return [
        {"deviation": deviation, "error": error}
        for deviation, error in zip((off - 1.0).tolist(), (0.5 * off * spread / m).tolist(), strict=True)
    ]


def cell(shares: Sequence[Row]) -> Row:
    """Return what the shares of a cell say together."""
    seeds = sum(share["seeds"] for share in shares)
    total = np.array([share["sums"] for share in shares]).sum(axis=0)
    layers = deviations(total, seeds) if total.size else []
    return {key: shares[0][key] for key in KEYS[:4]} | {"seeds": seeds, "layers": layers}


def told_well(shares: Sequence[Row]) -> bool:
    """Say whether more seeds would tell little new of a cell."""
    if sum(share["seeds"] for share in shares) < FEWEST:
        return False
    return all(layer["error"] < ERROR for layer in cell(shares)["layers"])


def all_cells(
    kept: Path, activations: Sequence[str], settings: Iterable[tuple[str, int, int]], seeds: int
) -> Iterator[Row]:
    """Yield every cell asked for, from the file where it is kept, measured and added to it where it is not."""
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    known = {tuple(row[key] for key in KEYS): row for row in map(json.loads, lines)}
    for setting in settings:
        shares: dict[str, list[Row]] = {name: [] for name in activations}
        for start in range(0, seeds, SHARE):
            some = range(start, min(start + SHARE, seeds))
            wanted = {name: (name, *setting, start, len(some)) for name, had in shares.items() if not told_well(had)}
            missing = [name for name, key in wanted.items() if key not in known]
            for row in sums(missing, *setting, some) if missing else ():
                known[tuple(row[key] for key in KEYS)] = row
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
            for name, key in wanted.items():
                shares[name].append(known[key])
        yield from map(cell, shares.values())


def first(row: Row) -> Layer:
    """Return the first layer of a cell."""
    layer: Layer = row["layers"][0]
    return layer


def farthest(row: Row) -> Layer:
    """Return the layer of a cell that is predicted worst."""
    layer: Layer = max(row["layers"], key=size)
    return layer


def size(layer: Layer) -> float:
    """Return how far a layer is off, whichever way."""
    return abs(layer["deviation"])


def shown(layer: Layer) -> str:
    """Write a deviation and its error in per cent."""
    return f"{100 * layer['deviation']:+.1f} ± {100 * layer['error']:.1f}"


def by_setting(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a table over activations, a line a width, initialisation and depth."""
    yield head(
        ("width", "init", "depth", "first layer: median, worst % ± error", "worst layer: median, worst % ± error")
    )
    for setting in dict.fromkeys((row["width"], row["init"], row["depth"]) for row in rows):
        some = [row for row in rows if (row["width"], row["init"], row["depth"]) == setting]
        yield line((*map(str, setting), over(some, first), over(some, farthest)))


def over(rows: Sequence[Row], layer_of: Callable[[Row], Layer]) -> str:
    """Write the median of a layer's deviations over activations, and the worst with its error."""
    worst = max(rows, key=lambda row: size(layer_of(row)))
    middle = median(size(layer_of(row)) for row in rows)
    return f"{100 * middle:.1f}, {worst['activation']} {shown(layer_of(worst))}"


def by_width(rows: Sequence[Row]) -> Iterator[str]:
    """Yield by width how many layers are how near, and how many are far by more than two of their errors."""
    yield head(("width", "layer", "deviations", "median", "under 5 %", "over 5 % by two errors", "median error"))
    for width in dict.fromkeys(row["width"] for row in rows):
        some = [row for row in rows if row["width"] == width]
        yield summed_up(width, "first", [first(row) for row in some])
        yield summed_up(width, "worst of each cell", [farthest(row) for row in some])
        yield summed_up(width, "every", [layer for row in some for layer in row["layers"]])


def summed_up(width: int, name: str, layers: Sequence[Layer]) -> str:
    """Return a line of the table by width."""
    near = sum(size(layer) < NEAR for layer in layers) / len(layers)
    far = sum(size(layer) - 2.0 * layer["error"] > NEAR for layer in layers)
    middle, error = median(map(size, layers)), median(layer["error"] for layer in layers)
    shares = (f"{100 * middle:.2f} %", f"{100 * near:.1f} %", f"{far}", f"{100 * error:.2f} %")
    return line((f"{width}", name, f"{len(layers)}", *shares))


def main() -> None:
    """Print a line a cell as it is measured, and then what all of them say."""
    options = parser(__doc__)
    options.add_argument("--activations", nargs="+", default=ACTIVATIONS, choices=ACTIVATIONS, help="which")
    options.add_argument(
        "--inits", nargs="+", default=INITIALISATIONS, choices=vocabulary.INITIALISATIONS, help="which"
    )
    options.add_argument("--widths", nargs="+", type=whole(), default=(64, 256, 1024), help="units of a hidden layer")
    options.add_argument("--depths", nargs="+", type=whole(), default=(1, 2, 4, 8, 16, 32), help="hidden layers")
    options.add_argument("--seeds", type=whole(2), default=1024, help="networks a cell at most")
    options.add_argument(
        "--kept", type=Path, default=Path("runs/theory_vs_measured.jsonl"), help="where cells are kept"
    )
    chosen = options.parse_args()
    settings = [(init, depth, width) for width, depth, init in product(chosen.widths, chosen.depths, chosen.inits)]
    rows = []
    for row in all_cells(chosen.kept, chosen.activations, settings, chosen.seeds):
        print(*(row[key] for key in (*KEYS[:4], "seeds")), *map(shown, row["layers"]), sep=" | ", flush=True)
        rows.append(row)
    told = [row for row in rows if row["layers"]]
    print(*by_setting(told), "", *by_width(told), sep="\n")


if __name__ == "__main__":
    main()
