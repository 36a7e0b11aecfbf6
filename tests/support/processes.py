"""What the system says of processes: whose children they are, and where they listen."""

from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

PROC = Path("/proc")


def commands() -> dict[int, str]:
    """Return the command line of every process, by id."""
    found = {}
    for path in PROC.glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found[int(path.parent.name)] = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return found


def parent(pid: int) -> int:
    """Return which process started another."""
    return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])


def state(pid: int) -> str:
    """Return the letter for what a process does: T for one that is stopped, and none for one that has ended."""
    return told_of(pid, "stat").rpartition(")")[2].strip()[:1]


def told_of(pid: int, what: str) -> str:
    """Return the lines of a file about a process, none where it has ended."""
    with suppress(OSError):
        return (PROC / str(pid) / what).read_bytes().replace(b"\0", b"\n").decode(errors="replace")
    return ""


def descendants(ancestor: int) -> dict[int, str]:
    """Return the command lines of a process's children and theirs, by id."""
    parents = {}
    for pid in commands():
        with suppress(OSError):
            parents[pid] = parent(pid)
    found, newest = set[int](), {ancestor}
    while newest:
        newest = {pid for pid, parent in parents.items() if parent in newest}
        found |= newest
    return {pid: command for pid, command in commands().items() if pid in found}


def users_of(folder: str) -> set[int]:
    """Return the processes that have a file below a folder open, also where it was deleted."""
    found = set()
    for pid in commands():
        with suppress(OSError):
            if any(folder in str(link.readlink()) for link in (PROC / str(pid) / "fd").iterdir()):
                found.add(pid)
    return found


def addresses_listened_on(processes: Iterable[int]) -> set[str]:
    """Return the addresses on which any of these processes takes TCP connections."""
    sockets = set()
    for pid in processes:
        with suppress(OSError):
            sockets |= {str(link.readlink()) for link in (PROC / str(pid) / "fd").iterdir()}
    rows = [line.split() for name in ("tcp", "tcp6") for line in (PROC / "net" / name).read_text().splitlines()[1:]]
    listening = [row[1].partition(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
    return {_address(digits) for digits in listening}


def _address(digits: str) -> str:
    """Return an address from the system's digits: words of four bytes, each in the machine's own order."""
    words = [bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8)]
    address = ip_address(b"".join(words))
    return str(getattr(address, "ipv4_mapped", None) or address)
