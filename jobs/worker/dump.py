"""The tracebacks that a worker's faulthandler writes: by a signal, in C, also while code in C holds the interpreter.

They go behind the entries of the worker's table, in the same memory, where the supervisor reads them.
"""

from __future__ import annotations

import faulthandler
import fcntl
import os
import signal
from contextlib import suppress
from typing import Final

from .table import Table, size_of

SIGNAL: Final = getattr(signal, "SIGRTMAX", signal.SIGUSR2)  # the last one of all; macOS has no such
MOST_BYTES: Final = 1024 * 1024  # that are read of what all threads have written


class Dump:
    """One worker's, for both sides of its table."""

    def __init__(self, table: Table) -> None:
        self._fd = table.fd
        self._start = size_of(table.capacity)

    def enable(self) -> None:
        """From now on the signal makes this process write where its threads are, and does nothing else to it."""
        fcntl.fcntl(self._fd, fcntl.F_SETFL, fcntl.fcntl(self._fd, fcntl.F_GETFL) | os.O_APPEND)
        faulthandler.register(SIGNAL, file=self._fd, all_threads=True)

    def request(self, pid: int) -> None:
        """Forget what was written, and have the process write it anew. For one that has called `enable`."""
        self.clear()
        with suppress(OSError):
            os.kill(pid, SIGNAL)

    def read(self) -> str:
        """What has been written so far."""
        return os.pread(self._fd, MOST_BYTES, self._start).decode(errors="replace")

    def clear(self) -> None:
        """Give the memory back that it takes."""
        os.ftruncate(self._fd, self._start)
