"""Where a number was measured: versions, processor, device, threads, product routine; and how much memory is free."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from math import inf
from pathlib import Path
from typing import TypedDict

PACKAGES = ("sigmoid-lab", "torch", "numpy")


class Environment(TypedDict):
    """The surroundings of a measurement; null where a command uses no device."""

    versions: dict[str, str | None]
    platform: str
    processor: str
    device: str | None
    threads: int | None
    product_routine: str | None


def describe(device: str | None = None, threads: int | None = None, product_routine: str | None = None) -> Environment:
    """Describe this machine without loading any of the packages named."""
    return {
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        "platform": platform.platform(),
        "processor": _processor(),
        "device": device,
        "threads": threads,
        "product_routine": product_routine,
    }


def free_memory() -> int:
    """Return how many bytes a process here can still take: what the machine has free, or its container allows."""
    return int(min(_free_on_the_machine(), _free_in_the_container()))


def _free_on_the_machine() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _free_in_the_container() -> float:
    """Return what control group version 2 leaves, where there is one and it has a bound."""
    try:
        bound, used = (Path(f"/sys/fs/cgroup/memory.{name}").read_text(encoding="utf-8") for name in ("max", "current"))
        return int(bound) - int(used)
    except (OSError, ValueError):
        return inf


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
