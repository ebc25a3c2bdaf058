"""What Linux tells about processes under ``/proc``. Elsewhere there is nothing to read: no pids, no memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
KIBIBYTE = 1024


@dataclass(frozen=True)
class Memory:
    """Bytes held by a set of processes: ``pss`` shares out common pages, ``rss`` counts them once for each."""

    pss: int
    rss: int
    processes: int


def family(leaders: Iterable[int]) -> set[int]:
    """Return the leaders that live, all their descendants and all members of their sessions."""
    known = set(leaders)
    rows = list(_processes())
    sessions = set(known)
    while True:
        found = {pid for pid, parent, session in rows if parent in known or session in sessions} | known
        if found == known:
            return {pid for pid, _, _ in rows} & known
        known = found


def memory(pids: Iterable[int]) -> Memory:
    """Return the memory of those of ``pids`` that still live."""
    rollups = [rollup for rollup in map(_rollup, pids) if rollup]
    return Memory(sum(r["Pss"] for r in rollups), sum(r["Rss"] for r in rollups), len(rollups))


def _processes() -> Iterator[tuple[int, int, int]]:
    """Yield (pid, parent, session) of every process that is not a zombie."""
    for entry in PROC.glob("[0-9]*"):
        try:
            text = (entry / "stat").read_text()
        except OSError:
            continue
        # The command's name, in parentheses, may hold anything; what follows its last one is well formed.
        state, parent, _, session = text.rpartition(")")[2].split()[:4]
        if state != "Z":
            yield int(entry.name), int(parent), int(session)


def _rollup(pid: int) -> dict[str, int]:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return {}
    fields = (line.split() for line in lines)
    sizes = {name.rstrip(":"): int(size) * KIBIBYTE for name, size, *_ in fields}
    return sizes if {"Pss", "Rss"} <= sizes.keys() else {}
