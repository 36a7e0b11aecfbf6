"""What the runner costs beside the work that it runs: a hundred thousand networks, and trials of a millisecond.

python benchmarks/runner.py [--turns 1] [--networks 100000] [--updates 20] [--ways 1 2 ray] [--trials 200]

Networks of configs/bad_vs_good.yaml in 100 settings, a few updates each, by whole `sigmoid-lab train` processes; and
trivial trials in this process, beside a process pool and Optuna. All is kept in the working directory, on its disk.
"""

import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from importlib.util import find_spec
from math import nan
from multiprocessing import get_context
from pathlib import Path

from arguments import parser, whole
from tables import head, line
from throughput import machine, spread

import sigmoid_lab
from sigmoid_lab.config.schema import Experiment

SETTINGS = 100
CORES = len(os.sched_getaffinity(0))
WAYS = {
    "1": (("--workers", "1"), 1),
    "2": (("--workers", "2"), 2),
    "ray": (("--ray", "local"), CORES),
}
"""The options of each way to train, and the cores that it takes."""
CONFIG = Path(__file__).parents[1] / "configs" / "bad_vs_good.yaml"
SHORT = (
    "data.samples=256",
    f"compare.optimizer.learning_rate={[round(0.01 * (1 + step), 2) for step in range(SETTINGS // 2)]}",
)
"""With the two activations that the config compares, a hundred settings."""
WORK_SECONDS = 1e-3
SECONDS_BETWEEN_LOOKS = 0.2


def train(networks: int, updates: int, way: str, folder: str) -> dict[str, float]:
    """Train in a process of its own; return what it took, by column."""
    settings = (*SHORT, f"training.steps={updates}", f"seeds={networks // SETTINGS}")
    values = [part for text in settings for part in ("--set", text)]
    options, cores = WAYS[way]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "sigmoid_lab", "train", str(CONFIG), *values, *options, "--quiet"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    most, busy = 0.0, 0.0
    under_way: list[tuple[float, int, float]] = []
    while process.poll() is None:
        most, busy = max(most, _megabytes(process.pid)), max(busy, _busy_seconds(process.pid))
        under_way += ((time.perf_counter(), *done) for done in _done(folder) if done[0])
        time.sleep(SECONDS_BETWEEN_LOOKS)
    wall = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"train {' '.join(options)} failed")
    (stacks, worked), *_ = _done(folder)
    started = time.perf_counter()
    show = [sys.executable, "-m", "sigmoid_lab", "runs", "show", "latest"]
    subprocess.run(show, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return {
        "networks/s": networks / wall,
        "beside the work": wall * cores / worked - 1.0,
        **_once_under_way([look for look in under_way if look[1] < stacks], cores),
        "driver's own ms a stack": 1e3 * busy / stacks,
        "driver, MB": most,
        "`runs show`, s": time.perf_counter() - started,
    }


def _once_under_way(looks: list[tuple[float, int, float]], cores: int) -> dict[str, float]:
    """Return what stacks took between the first and the last of looks at the time, stacks and seconds of work."""
    names = ("ms of work a stack", "beside it, once under way")
    if len(looks) < 2 or looks[0][1] == looks[-1][1]:
        return dict.fromkeys(names, nan)
    seconds, stacks, worked = (last - first for first, last in zip(looks[0], looks[-1], strict=True))
    return dict(zip(names, (1e3 * worked / stacks, seconds * cores / worked - 1.0), strict=True))


def _done(folder: str) -> list[tuple[int, float]]:
    """Return how many stacks of a training are finished and the seconds that they took, once its run is made."""
    found: list[tuple[int, float]] = []
    for results in Path(folder).glob("runs/[0-9]*/results.sqlite"):
        with closing(sqlite3.connect(results, timeout=60.0)) as connection:
            found += connection.execute("SELECT count(seconds), total(seconds) FROM stacks").fetchall()
    return found


def _megabytes(process: int) -> float:
    """Return the most memory that a process has had, 0 where it has just ended."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM")), 0.0)


def _busy_seconds(process: int) -> float:
    """Return the processor time that a process itself has had."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def work(_: object = None) -> float:
    """Be busy for a millisecond."""
    end = time.perf_counter() + WORK_SECONDS
    while time.perf_counter() < end:
        pass
    return 0.0


def pool(trials: int) -> float:
    """Return the seconds of trials in a pool of one process."""
    started = time.perf_counter()
    with ProcessPoolExecutor(1, mp_context=get_context("forkserver")) as executor:
        list(executor.map(work, range(trials)))
    return time.perf_counter() - started - trials * WORK_SECONDS


def optuna(trials: int, storage: str | None = None, *, at_random: bool = False) -> float:
    """Return the seconds of trials in an Optuna study of one setting beyond their work."""
    import optuna

    def trial(chosen: optuna.Trial) -> float:
        chosen.suggest_float("learning_rate", 1e-4, 1e-1)
        return work()

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.RandomSampler() if at_random else None
    started = time.perf_counter()
    optuna.create_study(storage=storage, sampler=sampler).optimize(trial, n_trials=trials)
    return time.perf_counter() - started - trials * WORK_SECONDS


def lab(folder: str, **varied: object) -> float:
    """Return the seconds of a training of tiny networks, planned, kept and summed up, beyond its stacks' own."""
    tiny = {
        "data": {"samples": 64, "features": 2},
        "network": {"depth": 1, "width": 4},
        "training": {"steps": 2, "batch_size": 16},
    }
    experiment = Experiment.model_validate(tiny | varied)
    started = time.perf_counter()
    answer = sigmoid_lab.train(experiment, runs=folder)
    return time.perf_counter() - started - answer.seconds


def contenders(trials: int, folder: str) -> Iterator[tuple[str, Callable[[], float]]]:
    """Yield what runs trials, and how to ask for the seconds that it takes beyond them."""
    rates = {"seeds": 1, "compare": {"optimizer.learning_rate": [1e-4 * (1 + trial) for trial in range(trials)]}}
    yield "one setting with so many seeds, on disk", lambda: lab(folder, seeds=trials)
    yield "so many settings, a stack each, on disk", lambda: lab(folder, **rates)
    yield "process pool, one process", lambda: pool(trials)
    if find_spec("optuna"):
        yield "Optuna, in memory, its usual sampler", lambda: optuna(trials)
        yield "Optuna, in memory, at random", lambda: optuna(trials, at_random=True)
        yield (
            "Optuna, SQLite, at random",
            lambda: optuna(trials, f"sqlite:///{folder}/{secrets.token_hex(4)}.db", at_random=True),
        )


def main() -> None:
    """Measure and print both tables."""
    reader = parser(__doc__, turns=1)
    add = reader.add_argument
    add("--networks", type=whole(SETTINGS), default=100_000, help=f"in {SETTINGS} settings")
    add("--updates", type=whole(), default=20, help="of each network")
    add("--ways", nargs="*", choices=WAYS, default=tuple(WAYS), help="numbers of workers, and a local Ray cluster")
    add("--trials", type=whole(), default=200, help="of a millisecond")
    add("--trial-turns", type=whole(), default=5, help="of those")
    asked = reader.parse_args()
    print(f"{machine('cpu')}; load average {os.getloadavg()[0]:.2f}", flush=True)
    if asked.ways:
        print_trainings(asked.ways, asked.networks, asked.updates, asked.turns)
    print_trials(asked.trials, asked.trial_turns)
    print(f"load average {os.getloadavg()[0]:.2f} after")


def print_trainings(ways: list[str], networks: int, updates: int, turns: int) -> None:
    """Train every way in turns; print medians, with the least and the greatest where there is more than one turn."""
    found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for way in ways * turns:
        with tempfile.TemporaryDirectory(dir=".") as folder:
            found[way].append(train(networks, updates, way, folder))
        print(f"{' '.join(WAYS[way][0])}: {found[way][-1]}; load average {os.getloadavg()[0]:.2f}", flush=True)
    columns = list(found[ways[0]][0])
    print(head(["way", *columns]))
    for way, rows in found.items():
        print(line([f"`{' '.join(WAYS[way][0])}`", *(spread([row[name] for row in rows], ",.4g") for name in columns)]))


def print_trials(trials: int, turns: int) -> None:
    """Run every contender in turns, after one that warms all up."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        ways = dict(contenders(trials, folder))
        costs = [{name: 1e3 * cost() / trials for name, cost in ways.items()} for _ in range(turns + 1)]
    print(head(["trials", "ms a trial beyond its work"]))
    for name in ways:
        print(line([name, spread([turn[name] for turn in costs[1:]], ".2f")]))


if __name__ == "__main__":
    main()
