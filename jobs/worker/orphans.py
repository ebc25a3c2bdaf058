"""Finds and kills what a dead worker's handlers have left running. Needs Linux; elsewhere only process groups."""

from __future__ import annotations

import ctypes
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_PR_SET_CHILD_SUBREAPER: Final = 36
MOST_ROUNDS: Final = 100


def adopt_orphans() -> bool:
    """Make descendants whose parents die children of this process. False where the system cannot do that."""
    if not _PROC.joinpath("self", "stat").exists():
        return False
    try:
        return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


def kill_group(pid: int) -> None:
    """Kill the process and the group that it leads; the process also when it has left for another group."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def kill_tree(pid: int) -> None:
    """Kill the process, its group, and all that descends from it, whatever group, session or environment it has now."""
    below = _descendants(pid)
    kill_group(pid)
    for each in below:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(each, signal.SIGKILL)


def kill_orphans(known: frozenset[int], mark: bytes, memory: bytes) -> int:
    """Kill the children of this process that are not `known` and were started by a worker; then what they leave.

    mark: what stands in the environment of the worker's programs. memory: the name of its shared table, which its
    forks still have mapped. Returns how many were killed.
    """
    killed: set[int] = set()
    for _ in range(MOST_ROUNDS):
        found = [pid for pid in _children() if pid not in known and _belongs(pid, mark, memory)]
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        killed.update(found)
        if not found:  # one that has ended shows neither environment nor memory, and its children are ours by then
            break
    return len(killed)


def _children() -> list[int]:
    me = os.getpid()
    return [pid for pid, parent in _parents().items() if parent == me]


def _descendants(pid: int) -> list[int]:
    """All that descends from the process, parents first."""
    offspring: dict[int, list[int]] = {}
    for each, parent in _parents().items():
        offspring.setdefault(parent, []).append(each)
    found = list(offspring.get(pid, ()))
    for each in found:  # it grows while it is walked
        found += offspring.get(each, ())
    return found


def _parents() -> dict[int, int]:
    """The parent of every process."""
    found = {}
    for folder in _PROC.iterdir() if _PROC.is_dir() else ():
        if folder.name.isdigit():
            fields = _read(folder / "stat").rpartition(b")")[2].split()
            if len(fields) > 1:
                found[int(folder.name)] = int(fields[1])
    return found


def _belongs(pid: int, mark: bytes, memory: bytes) -> bool:
    folder = _PROC / str(pid)
    return mark in _read(folder / "environ").split(b"\0") or memory in _read(folder / "maps")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
