"""A real Ray cluster of machines on loopback addresses, each of which can be killed."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from support.processes import commands, descendants, told_of
from support.waiting import wait_until

HEAD = "127.0.0.2"
OURS = "SIGMOID_LAB_TEST_CLUSTER"
"""The variable by which every process of a cluster is known: not all have its folder in their command line."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HEAD, 0))
        return int(probe.getsockname()[1])


class Nodes:
    """A head and as many other nodes as are started, told apart by their loopback address."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.address = f"{HEAD}:{free_port()}"

    def start(self, host: str, cpus: int = 1) -> None:
        port = self.address.rpartition(":")[2]
        place = (
            ["--head", f"--port={port}", f"--temp-dir={self.folder}", "--include-dashboard=false"]
            if host == HEAD
            else ["--address", self.address]
        )
        options = [f"--node-ip-address={host}", f"--num-cpus={cpus}", "--disable-usage-stats"]
        ours = os.environ | {OURS: self.folder}
        ray = Path(sys.executable).with_name("ray")
        subprocess.run([ray, "start", *place, *options], check=True, capture_output=True, env=ours, timeout=120)

    def kill(self, host: str) -> None:
        """Kill a node with all that runs on it, as if the machine had lost its power."""
        (raylet,) = self._raylets(host)
        _kill([raylet, *descendants(raylet)])

    def busy_workers(self, host: str = "") -> set[int]:
        """Return the processes of this cluster, or of one of its nodes, that have a stack in work."""
        return self._workers("ray::_work", host)

    def idle_workers(self) -> set[int]:
        """Return the processes of this cluster that wait for a task."""
        return self._workers("ray::IDLE")

    def boards(self) -> set[int]:
        """Return the processes by which drivers hear of stacks in work on this cluster: others may run beside it."""
        return self._workers("ray::_Board")

    def _workers(self, title: str, host: str = "") -> set[int]:
        below = {pid: command for raylet in self._raylets(host) for pid, command in descendants(raylet).items()}
        return {pid for pid, command in below.items() if title in command}

    def _raylets(self, host: str) -> list[int]:
        is_raylet = ("raylet/raylet ", self.folder, f"--node_ip_address={host}")
        return [pid for pid, command in commands().items() if all(part in command for part in is_raylet)]

    def end(self) -> None:
        """End every process of this cluster by its id, and what they start meanwhile."""

        def none_is_left() -> bool:
            found = self._processes()
            _kill(found)
            return not found

        wait_until(none_is_left)

    def _processes(self) -> set[int]:
        """Return what was started for this cluster, and its descendants: workers write over their environment."""
        started = {pid for pid in commands() if f"{OURS}={self.folder}\n" in told_of(pid, "environ")}
        return started.union(*map(descendants, started))


def _kill(processes: Iterable[int]) -> None:
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextmanager
def nodes(*hosts: str, head_cpus: int = 1, **environment: str) -> Iterator[Nodes]:
    """Run a cluster of a head and other nodes, of one CPU each; only who knows its token may use it.

    The environment of all of them, and of this process while they run, may hold more.
    """
    ours = environment | {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_worker_niceness": "0",  # or workers hardly run beside whatever else does
    }
    with TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder, patch.dict(os.environ, ours):
        cluster = Nodes(folder)
        try:
            cluster.start(HEAD, head_cpus)
            for host in hosts:
                cluster.start(host)
            yield cluster
        finally:
            cluster.end()
