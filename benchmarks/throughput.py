"""Networks × updates a second, every gradient materialised and its norm recorded, beside what else there is.

python benchmarks/throughput.py [--turns 5] [--seconds 0.4] [--shapes 3x64 …] [--networks 64 …] [--contenders eager …]
"""

import importlib
import json
import multiprocessing
import os
import platform
import time
from dataclasses import asdict, replace
from itertools import product
from multiprocessing.connection import Connection
from statistics import median

from arguments import SHAPES, contender, device, installed, new_file, parser, seconds, shape, whole
from contenders import ACTIVATIONS, OPTIMISERS, Case
from tables import head, line

from sigmoid_lab.environment import describe

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read where numpy is loaded first, before a process is bound to its core

OTHERS = ("eager", "vmap", "jax_expert", "scikit", "lightning_trainer", "peak")
"""Who trains beside the lab."""
ALONE = {"eager", "vmap"}
"""One process, as people run it; the others have a process a core."""
SINGLE = {"scikit", "lightning_trainer"}
"""These know one network only."""


def work(contender: str, core: int | None, connection: Connection) -> None:
    """Serve one contender in a process of its own: a case is prepared, a number of seconds is trained."""
    if core is not None:
        os.sched_setaffinity(0, {core})
    prepare = importlib.import_module(f"contenders.{contender}").prepare
    while (order := connection.recv()) is not None:
        if isinstance(order, Case):
            advance = prepare(order)
            advance()
            connection.send(None)
        else:
            done, started = 0, time.perf_counter()
            while time.perf_counter() - started < order:
                done += advance()
            connection.send(done / (time.perf_counter() - started))


class Team:
    """The processes of one contender."""

    def __init__(self, contender: str, cores: list[int | None]) -> None:
        context = multiprocessing.get_context("spawn")
        self.connections = []
        for core in [None] if contender in ALONE else cores:
            ours, theirs = context.Pipe()
            context.Process(target=work, args=(contender, core, theirs), daemon=True).start()
            self.connections.append(ours)
        self.busy: list[Connection] = []

    def dismiss(self) -> None:
        """Let the processes end."""
        for connection in self.connections:
            connection.send(None)

    def prepare(self, case: Case) -> None:
        """Share the networks out; wait until all have trained once."""
        shares = [(case.networks + place) // len(self.connections) for place in range(len(self.connections))]
        self.busy = [connection for connection, share in zip(self.connections, shares, strict=True) if share]
        for connection, share in zip(self.connections, shares, strict=True):
            if share:
                connection.send(replace(case, networks=share))
        for connection in self.busy:
            connection.recv()

    def rate(self, seconds: float) -> float:
        """Return the network-steps a second of all processes together."""
        for connection in self.busy:
            connection.send(seconds)
        return float(sum(connection.recv() for connection in self.busy))


def measure(case: Case, teams: dict[str, Team], turns: int, seconds: float) -> dict[str, list[float]]:
    """Return each contender's rates, turn by turn."""
    taking_part = {name: team for name, team in teams.items() if case.networks == 1 or name not in SINGLE}
    for team in taking_part.values():
        team.prepare(case)
    rates: dict[str, list[float]] = {name: [] for name in taking_part}
    for _ in range(turns):
        for name, team in taking_part.items():
            rates[name].append(team.rate(seconds))
    return rates


def spread(values: list[float], form: str) -> str:
    """Return the median, with the least and the greatest."""
    return f"{median(values):{form}} ({min(values):{form}} … {max(values):{form}})"


def row(case: Case, rates: dict[str, list[float]]) -> str:
    """Return the case's line of the table: the lab's rate, its share of the peak, its ratio to every other."""
    cells = [f"({case.depth}, {case.width})", case.optimiser, case.activation, f"{case.networks:,}"]
    cells.append(spread(rates["lab"], ",.0f"))
    for name in OTHERS:
        ratios = [lab / other for lab, other in zip(rates["lab"], rates.get(name, []), strict=False)]
        form = ".2f" if name in {"peak", "jax_expert"} else ".1f"
        cells.append(spread(ratios, form) if ratios else "")
    return line(cells)


def machine(device: str) -> str:
    """Describe the machine and the versions."""
    import torch

    versions = [f"Python {platform.python_version()}", f"torch {torch.__version__}"]
    for name in ("numpy", "jax", "sklearn", "lightning"):
        try:
            versions.append(f"{name} {importlib.import_module(name).__version__}")
        except ImportError:
            versions.append(f"no {name}")
    where = (
        torch.cuda.get_device_name()
        if device == "cuda"
        else f"{len(os.sched_getaffinity(0))} cores of {describe()['processor']}"
    )
    return f"{where}; torch's {torch.backends.cpu.get_cpu_capability()}; {', '.join(versions)}"


def main() -> None:
    """Measure every case and print a line of the table for each."""
    reader = parser(__doc__, turns=5)
    add, present = reader.add_argument, list(filter(installed, OTHERS))
    add("--seconds", type=seconds, default=0.4, help="of each contender in each turn")
    add("--shapes", nargs="+", type=shape, default=SHAPES, help="hidden layers x units")
    add("--networks", nargs="+", type=whole(), default=[1, 16, 64, 256, 1024], help="trained side by side")
    add("--optimisers", nargs="+", choices=OPTIMISERS, default=OPTIMISERS, help="that train them")
    add("--activations", nargs="+", choices=ACTIVATIONS, default=ACTIVATIONS, help="of their hidden layers")
    add("--contenders", nargs="*", type=contender, choices=OTHERS, default=present, help="who trains beside the lab")
    add("--device", type=device, choices=["cpu", "cuda"], default="cpu", help="where the networks are")
    add("--output", type=new_file, help="a file that every case's rates are added to, a line of JSON each")
    asked = reader.parse_args()
    cores: list[int | None] = list(os.sched_getaffinity(0)) if asked.device == "cpu" else [None]
    print(f"{machine(asked.device)}; load average {os.getloadavg()[0]:.2f} before", flush=True)
    teams = {name: Team(name, cores) for name in dict.fromkeys(("lab", *asked.contenders))}
    print(head(("shape", "optimiser", "activation", "networks", "lab", *(f"× {name}" for name in OTHERS))))
    for size, optimiser, activation, networks in product(
        asked.shapes, asked.optimisers, asked.activations, asked.networks
    ):
        case = Case(size.depth, size.width, networks, activation, optimiser, asked.device)
        rates = measure(case, teams, asked.turns, asked.seconds)
        print(row(case, rates), flush=True)
        if asked.output:
            with asked.output.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"case": asdict(case), "rates": rates}) + "\n")
    for team in teams.values():
        team.dismiss()
    print(f"load average {os.getloadavg()[0]:.2f} after")


if __name__ == "__main__":
    main()
