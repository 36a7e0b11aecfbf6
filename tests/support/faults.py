"""Faults injected into real trainings at random moments, each followed by a resume, and the count of what they cost."""

import os
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sigmoid_lab import train
from support.processes import descendants
from support.runs import SETTINGS, assert_equal_runs, overrides, start
from support.waiting import wait_until

Hit = Callable[[subprocess.Popen[str]], bool]
"""Does its worst to a training, and says whether there was anything to do it to."""


def kill_driver(driver: subprocess.Popen[str]) -> bool:
    alive = driver.poll() is None
    driver.kill()
    return alive


def kill_worker(driver: subprocess.Popen[str]) -> bool:
    """Kill one of the processes that run stacks, as soon as there is one."""
    found = wait_until(lambda: workers_of(driver.pid) or driver.poll() is not None)
    workers = found if isinstance(found, list) else []
    with suppress(ProcessLookupError):
        for pid in workers[:1]:
            os.kill(pid, signal.SIGKILL)
    return bool(workers)


def workers_of(driver: int) -> list[int]:
    """Return the processes that run a training's stacks: children of the server that forks them."""
    servers = [pid for pid, command in descendants(driver).items() if "forkserver" in command]
    return [pid for server in servers for pid in descendants(server)]


@dataclass
class Campaign:
    """Trainings that are hit at moments drawn from a seed, in a folder, beside one that is left in peace."""

    config: Path
    whole: Path
    random: Random
    injected: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    run_again: int = 0

    def trial(self, fault: str, hit: Hit, *options: str, latest_seconds: float = 0.6) -> None:
        """Train, hit at a moment drawn, resume what is left, and compare it with the training that was not hit.

        The moment is at most ``latest_seconds`` after the start, or, three times in four, after the run is made.

        Whatever but the driver is hit, the training itself ends well, and nothing is left for the resume.
        """
        folder = self.config.parent / f"trial-{self.injected.total()}-{self.random.randrange(10**9)}"
        folder.mkdir()
        driver = start(folder, str(self.config), *overrides(SETTINGS), *options)
        runs = folder / "runs"
        if self.random.random() < 0.75:
            wait_until(lambda: list(runs.glob("2*")) or driver.poll() is not None)
        time.sleep(self.random.uniform(0.0, latest_seconds))
        self.injected[fault] += hit(driver)
        _, errors = driver.communicate(timeout=120)
        begun = list(runs.glob("2*"))
        assert len(begun) <= 1
        before = _finished(begun[0]) if begun else {}
        if hit is not kill_driver:
            assert driver.returncode == 0, errors
            assert len(before) == len(_finished(self.whole))
        answer = train(resume=begun[0], runs=runs) if begun else train(self.config, SETTINGS, runs)
        after = _finished(Path(answer.run))
        self.lost += len(_finished(self.whole).keys() - after.keys())
        self.run_again += sum(after.get(stack) != told for stack, told in before.items())
        assert_equal_runs(Path(answer.run), self.whole)

    def __str__(self) -> str:
        faults = ", ".join(f"{count} × {fault}" for fault, count in self.injected.items())
        return f"faults injected: {faults}; stacks lost: {self.lost}, run again though finished: {self.run_again}"


def _finished(run: Path) -> dict[int, float]:
    """Return the seconds that each finished stack took, which tell one time that it ran from another."""
    with closing(sqlite3.connect(run / "results.sqlite")) as connection:
        return dict(connection.execute("SELECT id, seconds FROM stacks WHERE seconds NOT NULL"))
