"""How near predicted gradient norms come to measured ones, as a table of deviations with their errors.

python benchmarks/theory_vs_measured.py [--widths 64 256 1024] [--depths 1 2 4 8 16 32] [--seeds 256] [--kept FILE]

Every cell (activation, initialisation, depth, width) is networks whose batches and draws of the weights are shared by
all activations, and one prediction on those very batches. Cells are kept in a file as they finish; a run that was
interrupted goes on from there.
"""

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.executors import here
from sigmoid_lab.plan import Plan
from sigmoid_lab.questions.predictions import by_layer, first_batches
from sigmoid_lab.results.measured import StackFailure, StackResult

ACTIVATIONS = (
    *("sigmoid", "centred-sigmoid", "tanh", "relu", "leaky-relu", "elu", "selu", "gelu", "silu", "mish", "softplus"),
    *("softsign", "hard-sigmoid", "hard-tanh", "erf"),
)
KEYS = ("activation", "init", "depth", "width", "seeds")
INITIALISATIONS = ("default", "xavier-uniform", "he-normal", "lecun-normal")


def measured(activations: Sequence[str], init: str, depth: int, width: int, seeds: int) -> Iterator[dict[str, Any]]:
    """Measure and predict one cell of each activation, all on the same batches and draws of the weights.

    Tells by layer the deviation of the rms and the standard error of the measured one; nothing where theory is silent.
    """
    network = {"kind": "deep", "init": init, "depth": depth, "width": width}
    plan = Plan(
        Experiment.model_validate(
            {
                "data": {"kind": "random-labels", "samples": 32, "features": 10, "test_share": 0.0},
                "network": network,
                "training": {"steps": 0, "batch_size": 32},
                "seeds": seeds,
                "compare": {"network.activation": list(activations)},
            }
        ),
        {},
    )
    batches = first_batches(plan.groups[0].settings, range(seeds), None)
    squares: dict[int, list[tuple[float, ...]]] = {}
    for result in here.run(plan.stacks(), lambda _: None):
        match result:
            case StackFailure(cause=cause):
                raise RuntimeError(cause)
            case StackResult(group=index, networks=networks):
                found = (tuple(layer.gradient_norm**2 for layer in each.series[0].layers) for each in networks)
                squares.setdefault(index, []).extend(found)
    for group in plan.groups:
        predicted = by_layer(group.settings, batches)
        columns = zip(*squares[group.index], strict=True)
        if predicted is not None:
            layers = [summary(column, norm) for column, norm in zip(columns, predicted, strict=True)]
            yield {**network, "activation": group.settings.network.activation, "seeds": seeds, "layers": layers}


def summary(squares: tuple[float, ...], predicted: float) -> dict[str, float]:
    """Return by how much a prediction is off the root of the mean square, and that root's standard error, as shares."""
    mean = math.fsum(squares) / len(squares)
    variance = math.fsum((square - mean) ** 2 for square in squares) / max(1, len(squares) - 1)
    error = 0.5 * math.sqrt(variance / len(squares)) / mean
    return {"deviation": predicted / math.sqrt(mean) - 1.0, "error": error}


def cells(
    kept: Path, activations: Sequence[str], wanted: Iterator[tuple[str, int, int]], seeds: int
) -> Iterator[dict[str, Any]]:
    """Yield every cell wanted, from the file where it is kept, measured and added to it where it is not."""
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    known = {tuple(row[key] for key in KEYS): row for row in map(json.loads, lines)}
    for setting in wanted:
        missing = [name for name in activations if (name, *setting, seeds) not in known]
        for row in measured(missing, *setting, seeds) if missing else ():
            known[tuple(row[key] for key in KEYS)] = row
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        rows = (known.get((name, *setting, seeds)) for name in activations)
        yield from (row for row in rows if row is not None)


def main() -> None:
    """Print a line a cell, and by width how many cells are how near."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--activations", nargs="+", default=ACTIVATIONS)
    parser.add_argument("--inits", nargs="+", default=INITIALISATIONS)
    parser.add_argument("--widths", nargs="+", type=int, default=(64, 256, 1024))
    parser.add_argument("--depths", nargs="+", type=int, default=(1, 2, 4, 8, 16, 32))
    parser.add_argument("--seeds", type=int, default=256)
    parser.add_argument("--kept", type=Path, default=Path("runs/theory_vs_measured.jsonl"))
    chosen = parser.parse_args()
    print("activation       init            depth width | first layer, % off ± error | worst layer, % off ± error")
    worst: dict[int, list[tuple[float, float]]] = {}
    wanted = product(chosen.inits, chosen.depths, chosen.widths)
    for row in cells(chosen.kept, chosen.activations, wanted, chosen.seeds):
        first, far = row["layers"][0], max(row["layers"], key=lambda layer: abs(layer["deviation"]))
        shown = (f"{100 * x['deviation']:+12.2f} ± {100 * x['error']:5.2f}" for x in (first, far))
        setting = f"{row['activation']:16} {row['init']:15} {row['depth']:5} {row['width']:5}"
        print(setting, *shown, sep=" | ", flush=True)
        worst.setdefault(row["width"], []).append((abs(first["deviation"]), abs(far["deviation"])))
    for width, found in worst.items():
        for name, shares in zip(("first layer", "worst layer"), zip(*found, strict=True), strict=True):
            near = sum(share < 0.05 for share in shares) / len(shares)
            off = f"median {100 * median(shares):.2f} % off"
            print(f"width {width}, {name}: {off}, {100 * near:.0f} % of cells under 5 %")


if __name__ == "__main__":
    main()
