"""What dies, fills up or goes wrong in the middle costs nothing that was finished, and doubles nothing."""

import ast
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from random import Random

import pytest
from support.faults import Campaign, kill_driver, kill_worker
from support.ray_nodes import Nodes, nodes
from support.runs import (
    SETTINGS,
    TRAIN,
    TRAIN_AND_STOP,
    assert_equal_runs,
    facts,
    overrides,
    start,
    stopped_in_the_middle,
)
from support.waiting import wait_until

from sigmoid_lab import train
from sigmoid_lab.questions.runs import list_runs


@pytest.fixture
def campaign(config: Path, tmp_path: Path) -> Campaign:
    return Campaign(config, Path(train(config, SETTINGS, tmp_path / "whole").run), Random(20))


def report(campaign: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{campaign}")
    assert all(campaign.injected.values())
    assert (campaign.lost, campaign.run_again) == (0, 0)


@pytest.mark.parametrize("trials", [2, pytest.param(50, marks=pytest.mark.long)])
def test_killed_drivers_and_workers_cost_nothing(
    trials: int, campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(trials):
        campaign.trial("kill -9 of the driver", kill_driver, "--workers", campaign.random.choice("12"))
        campaign.trial("kill -9 of a worker", kill_worker, "--workers", "2")
    report(campaign, capsys)


@pytest.fixture
def cluster() -> Iterator[Nodes]:
    with nodes("127.0.0.3") as running:
        yield running


@pytest.mark.long
@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'sigmoid-lab[ray]'")
def test_killed_ray_workers_and_nodes_cost_nothing(
    campaign: Campaign, cluster: Nodes, capsys: pytest.CaptureFixture[str]
) -> None:
    def busy(driver: subprocess.Popen[str], host: str = "") -> set[int]:
        """Wait until the cluster, or one of its nodes, has a stack in work, or the driver has ended."""
        found = wait_until(lambda: cluster.busy_workers(host) or driver.poll() is not None)
        return found if isinstance(found, set) else set()

    def kill_one_worker(driver: subprocess.Popen[str]) -> bool:
        found = busy(driver)
        for pid in list(found)[:1]:
            os.kill(pid, 9)
        return bool(found)

    def kill_a_node(driver: subprocess.Popen[str]) -> bool:
        found = busy(driver, "127.0.0.4")
        cluster.kill("127.0.0.4")
        return bool(found)

    for _ in range(10):
        campaign.trial("kill -9 of a Ray worker", kill_one_worker, "--ray", cluster.address)
        cluster.start("127.0.0.4")
        campaign.trial("kill -9 of a Ray node", kill_a_node, "--ray", cluster.address)
    report(campaign, capsys)


def train_where_files_may_not_grow(
    kibibytes: int, config: Path, settings: tuple[str, ...], workers: str
) -> subprocess.CompletedProcess[str]:
    """Train under a limit by which writing fails as on a disk that is full."""
    command = [*TRAIN, str(config), *overrides(settings), "--workers", workers, "--json"]
    return subprocess.run(
        ["bash", "-c", f'ulimit -f {kibibytes}; exec "$@"', "bash", *command],
        cwd=config.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("kibibytes", "code", "told", "kept"), [(8, 2, "no run can be written", []), (60, 4, "train --resume", [40])]
)
def test_a_full_disk_costs_what_it_does_not_take_alone(
    kibibytes: int, code: int, told: str, kept: list[int], workers: str, campaign: Campaign
) -> None:
    process = train_where_files_may_not_grow(kibibytes, campaign.config, SETTINGS, workers)
    assert process.returncode == code, process.stderr
    assert "Traceback" not in process.stderr
    assert told in process.stderr
    runs = campaign.config.parent / "runs"
    assert [row.networks for row in list_runs(runs).rows] == kept
    assert len(list(runs.iterdir())) == len(kept)
    if kept:
        assert_equal_runs(Path(train(resume="latest", runs=runs).run), campaign.whole)


def test_a_result_that_finds_no_room_between_processes_costs_itself_alone(config: Path, tmp_path: Path) -> None:
    settings = ("compare={training.steps: [3, 4, 1500]}", "measure={every: 10}", "seeds=20")
    process = train_where_files_may_not_grow(60, config, settings, "2")
    assert process.returncode == 4, process.stderr
    assert "Traceback" not in process.stderr
    answer = json.loads(process.stdout)
    (failed,) = answer["failed"]
    assert "File too large" in failed["cause"]
    assert answer["networks"] == 40
    whole = train(config, settings, tmp_path / "whole")
    assert_equal_runs(Path(train(resume="latest", runs=config.parent / "runs").run), Path(whole.run))


def test_a_run_directory_that_is_deleted_in_the_middle_is_told_in_a_line(config: Path) -> None:
    process = start(config.parent, str(config), *overrides(SETTINGS), "--workers", "1", command=TRAIN_AND_STOP)
    with stopped_in_the_middle(process):
        (run,) = (config.parent / "runs").iterdir()
        shutil.rmtree(run)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "Traceback" not in errors
    assert "could not be written" in errors
    assert errors.splitlines()[-1] == f"runs/{run.name}: is gone, and what was finished with it"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux has a directory that nobody can write")
def test_a_read_only_directory_is_told_in_a_line(config: Path) -> None:
    process = start(config.parent, str(config), "--runs", "/proc/self")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "/proc/self: no run can be written here" in errors.splitlines()[-1]


FAKETIME = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]
"""What tells processes that it loads into another time of day than the machine's."""


@pytest.mark.skipif(not FAKETIME, reason="libfaketime is not installed: apt-get install faketime")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_clock_that_jumps_forth_and_back_in_the_middle_costs_nothing(workers: str, campaign: Campaign) -> None:
    folder = campaign.config.parent
    jump = folder / "jump"
    jump.write_text("+3650d", encoding="utf-8")
    process = start(
        folder,
        str(campaign.config),
        *overrides(SETTINGS),
        *("--workers", workers, "--stall", "30"),
        command=TRAIN_AND_STOP,
        LD_PRELOAD=str(FAKETIME[0]),
        FAKETIME_TIMESTAMP_FILE=str(jump),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    with stopped_in_the_middle(process):
        (run,) = (folder / "runs").iterdir()
        assert len(facts(run)["stacks"]) < 4
        jump.write_text("-3650d", encoding="utf-8")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert int(run.name[:4]) > datetime.now(UTC).year + 8
    assert_equal_runs(run, campaign.whole)
    with closing(sqlite3.connect(run / "results.sqlite")) as connection:
        ((least, most),) = connection.execute("SELECT min(seconds), max(seconds) FROM stacks")
    assert 0.0 < least <= most < 120.0


@pytest.mark.parametrize("year", ["1980", "2107"])
def test_a_run_that_began_under_another_clock_is_resumed(year: str, campaign: Campaign) -> None:
    arguments = (str(campaign.config), *overrides(SETTINGS), "--workers", "1")
    process = start(campaign.config.parent, *arguments, command=TRAIN_AND_STOP)
    with stopped_in_the_middle(process):
        kill_driver(process)
    process.communicate(timeout=60)
    (run,) = (campaign.config.parent / "runs").iterdir()
    assert len(facts(run)["stacks"]) < 4
    with closing(sqlite3.connect(run / "results.sqlite")) as connection, connection:
        connection.execute("UPDATE run SET created = ?", (f"{year}-01-01T00:00:00+00:00",))
    seconds = (int(year) - 1970) * 365 * 86_400
    for path in [run, *run.rglob("*")]:
        os.utime(path, (seconds, seconds))
    other = run.with_name(f"{year}0101-000000-tiny-0000")
    run.rename(other)
    assert_equal_runs(Path(train(resume=other, runs=other.parent).run), campaign.whole)


CLOCKS = {f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime")}
"""What reads a clock that can jump."""
DATES = {f"datetime.{name}" for name in ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")}
"""What reads the same clock for people."""


def names(text: str) -> set[str]:
    """Return what a program names of the modules that it imports, by their full names, however they are imported."""
    tree, origins = ast.parse(text), dict[str, str]()
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                origins |= {each.asname or each.name: each.name for each in node.names}
            case ast.ImportFrom(module=str(module)):
                origins |= {each.asname or each.name: f"{module}.{each.name}" for each in node.names}
    used = (ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute))
    parts = (name.partition(".") for name in used)
    return {f"{origins[first]}{dot}{rest}" for first, dot, rest in parts if first in origins}


@pytest.mark.parametrize(
    "text", ["import time\ntime.time()", "import time as t\nt.time()", "from time import time\nread = time"]
)
def test_who_reads_a_clock_that_can_jump_is_found(text: str) -> None:
    assert names(text) & CLOCKS == {"time.time"}


def test_nothing_that_waits_or_measures_reads_a_clock_that_can_jump() -> None:
    root = Path(__file__).parents[2] / "sigmoid_lab"
    named = {str(path.relative_to(root)): names(path.read_text(encoding="utf-8")) for path in root.rglob("*.py")}
    assert {path for path, used in named.items() if used & CLOCKS} == set()
    assert {path for path, used in named.items() if used & DATES} == {"store/run.py"}
