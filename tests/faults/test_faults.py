"""What dies, fills up or goes wrong in the middle costs nothing that was finished, and doubles nothing."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from random import Random

import pytest
from support.faults import Campaign, kill_driver, kill_worker
from support.ray_nodes import Nodes, nodes
from support.runs import SETTINGS, assert_equal_runs, overrides, start, wait_for_a_finished_stack

from sigmoid_lab import train


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
        while not (found := cluster.busy_workers(host)) and driver.poll() is None:
            time.sleep(0.02)
        return found

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


@pytest.mark.parametrize(("kibibytes", "code", "told"), [(8, 2, "no run can be written"), (60, 4, "train --resume")])
def test_a_full_disk_costs_what_it_does_not_take_alone(
    kibibytes: int, code: int, told: str, campaign: Campaign
) -> None:
    """No file may grow beyond a limit, by which writing fails as on a disk that is full."""
    command = ["train", str(campaign.config), *overrides(SETTINGS), "--workers", "1"]
    process = subprocess.run(
        ["bash", "-c", f'ulimit -f {kibibytes}; exec "$@"', "bash", sys.executable, "-m", "sigmoid_lab", *command],
        cwd=campaign.config.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert process.returncode == code, process.stderr
    assert "Traceback" not in process.stderr
    assert told in process.stderr
    runs = campaign.config.parent / "runs"
    if code == 4:
        assert_equal_runs(Path(train(resume="latest", runs=runs).run), campaign.whole)
    else:
        assert list(runs.iterdir()) == []


def test_a_run_directory_that_is_deleted_in_the_middle_is_told_in_a_line(config: Path) -> None:
    process = start(config.parent, str(config), *overrides(SETTINGS), "--workers", "1")
    wait_for_a_finished_stack(process)
    (run,) = (config.parent / "runs").iterdir()
    while run.exists():  # the training goes on writing while files are deleted
        shutil.rmtree(run, ignore_errors=True)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "Traceback" not in errors
    assert "could not be written" in errors
    assert "what is kept cannot be read: " in errors.splitlines()[-1]
    assert "is no run directory" in errors.splitlines()[-1]


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
        LD_PRELOAD=str(FAKETIME[0]),
        FAKETIME_TIMESTAMP_FILE=str(jump),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    wait_for_a_finished_stack(process)
    jump.write_text("-3650d", encoding="utf-8")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    (run,) = (folder / "runs").iterdir()
    assert int(run.name[:4]) > datetime.now(UTC).year + 8
    assert_equal_runs(run, campaign.whole)
    with closing(sqlite3.connect(run / "results.sqlite")) as connection:
        ((least, most),) = connection.execute("SELECT min(seconds), max(seconds) FROM stacks")
    assert 0.0 < least <= most < 120.0


@pytest.mark.parametrize("year", ["1980", "2107"])
def test_a_run_that_began_under_another_clock_is_resumed(year: str, campaign: Campaign) -> None:
    process = start(campaign.config.parent, str(campaign.config), *overrides(SETTINGS), "--workers", "1")
    wait_for_a_finished_stack(process)
    kill_driver(process)
    process.communicate(timeout=60)
    (run,) = (campaign.config.parent / "runs").iterdir()
    with closing(sqlite3.connect(run / "results.sqlite")) as connection, connection:
        connection.execute("UPDATE run SET created = ?", (f"{year}-01-01T00:00:00+00:00",))
    seconds = (int(year) - 1970) * 365 * 86_400
    for path in [run, *run.rglob("*")]:
        os.utime(path, (seconds, seconds))
    other = run.with_name(f"{year}0101-000000-tiny-0000")
    run.rename(other)
    assert_equal_runs(Path(train(resume=other, runs=other.parent).run), campaign.whole)


def test_nothing_that_waits_or_measures_reads_a_clock_that_can_jump() -> None:
    root = Path(__file__).parents[2] / "sigmoid_lab"
    users = {
        path.name for path in root.rglob("*.py") for text in [path.read_text(encoding="utf-8")] if "time.time()" in text
    }
    assert users == set()
    dated = {path.name for path in root.rglob("*.py") if "datetime.now" in path.read_text(encoding="utf-8")}
    assert dated == {"run.py"}
