"""Where a number was measured: versions, processor, device, threads, product routine."""

import platform
from importlib.metadata import PackageNotFoundError, version
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
