"""Makes children of the supervisor: by fork, or as new programs where a fork is not safe."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final, Protocol

import msgspec

from .child import leave, run_maintenance, run_worker, settle_in
from .link import Link
from .options import PoolOptions
from .table import Table

PROGRAM: Final = "from jobs.worker.spawned import main; main()"


class Closable(Protocol):
    """What a child has no business with."""

    def close(self) -> None: ...


class Birth:
    """`spawn` false: by fork. `inherited` returns what a forked child inherits of its parent and must close."""

    def __init__(self, options: PoolOptions, *, spawn: bool, inherited: Callable[[], Iterable[Closable]]) -> None:
        self._options = options
        self._spawn = spawn
        self._inherited = inherited

    def worker(self, table: Table, link: Link, mine: Link) -> int:
        """Make a worker with its table and its end of the link, of which `mine` is the parent's. Returns its pid."""
        if self._spawn:
            return self._spawned("worker", [table.fd, link.fileno()], str(table.capacity))
        return self._forked(lambda: run_worker(self._options, table, link), mine)

    def maintenance(self, link: Link) -> int:
        """Make the maintenance process with its end of the link. Returns its pid."""
        if self._spawn:
            return self._spawned("maintenance", [link.fileno()], "")
        return self._forked(lambda: run_maintenance(self._options, link))

    def _forked(self, body: Callable[[], int], *more: Closable) -> int:
        def be_born() -> int:
            settle_in()
            for thing in (*self._inherited(), *more):
                thing.close()
            return body()

        # A signal between the fork and the child's first step would be handled with the parent's means.
        before = signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
        try:
            pid = os.fork()
            if pid == 0:
                leave(be_born)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        with suppress(OSError):  # the child does the same: whoever comes first
            os.setpgid(pid, pid)
        return pid

    def _spawned(self, role: str, descriptors: Sequence[int], detail: str) -> int:
        options = msgspec.json.encode(self._options).decode()
        arguments = [sys.executable, "-c", PROGRAM, role, options, detail, *map(str, descriptors)]
        path = os.pathsep.join(part for part in sys.path if part)
        for descriptor in descriptors:
            os.set_inheritable(descriptor, True)
        try:
            return os.posix_spawn(
                sys.executable, arguments, {**os.environ, "PYTHONPATH": path}, setpgroup=0, setsigmask=()
            )
        finally:
            for descriptor in descriptors:
                os.set_inheritable(descriptor, False)
