"""One worker as its supervisor sees it."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress
from time import monotonic
from typing import Any

from .link import Link
from .table import Mark, Table
from .worker import worker_name


class Member:
    """A living worker process. `streak` counts how many short-lived ones came before it in its place."""

    def __init__(self, pid: int, table: Table, link: Link, streak: int) -> None:
        self.pid = pid
        self.table = table
        self.link = link
        self.streak = streak
        self.born = monotonic()
        self.ready = False
        self.leaving = False  # it drains, by itself or because it was told to
        self.condemned_at: float | None = None
        self.killed = False
        self.kill_at: float | None = None

    @property
    def name(self) -> str:
        """What it is called in the store; it chose its incarnation itself."""
        return worker_name(socket.gethostname(), self.pid, self.table.incarnation)

    @property
    def counts(self) -> bool:
        """True when it is one of those that the pool is to have: it will go on working."""
        return not self.leaving and self.condemned_at is None

    def drain(self, kill_after: float) -> None:
        """Tell it to end; it is killed if it has not within that many seconds."""
        self.leaving = True
        self.kill_at = monotonic() + kill_after
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def condemn(self) -> None:
        """Tell it that it has been replaced."""
        self.condemned_at = monotonic()
        self.link.send({"condemned": True})

    def overran(self, now: float, by: float) -> bool:
        """True when user code of it is still running that long after its deadline."""
        return self.table.next_deadline() + by <= now

    def has_others(self, now: float) -> bool:
        """True when jobs besides those that overran are in its hands."""
        return any(entry.mark is not Mark.RUNNING or entry.deadline > now for entry in self.table.entries())

    def status(self) -> dict[str, Any]:
        """What maintenance is told of it."""
        settled, failed = self.table.totals
        return {
            "worker": self.name,
            "incarnation": self.table.incarnation,
            "pid": self.pid,
            "phase": self.table.phase.name.lower(),
            "busy": self.table.in_use(),
            "processed": settled,
            "failed": failed,
            "breakers": self.table.breakers,
        }

    def close(self) -> None:
        """Give back what belongs to it; the process is gone, or this is another child of the supervisor."""
        self.link.close()
        self.table.close()
