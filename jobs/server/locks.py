"""Two kinds of file locks. Both are the kernel's: they end with their holder, however it ends.

``FileLock`` (``flock``) is for us: it belongs to an open file. ``RecordLock`` looks at a POSIX record lock, which
belongs to a process, survives ``exec``, is not passed on by ``fork``, and tells the pid of its holder: the server
takes one on its files before it becomes the server, so a reused pid is never mistaken for it.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import time
from pathlib import Path

from jobs.server.errors import ServerBusy
from jobs.server.files import unusable

_POLL_SECONDS = 0.01
# struct flock of the C library: type, whence, start, length, pid; macOS has its own order.
_LINUX_FLOCK = "hhqqi0q"
_DARWIN_FLOCK = "qqihh"


class FileLock:
    """An advisory lock on ``path``, shared or exclusive, held from ``acquire`` to ``release``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def try_acquire(self, *, shared: bool = False) -> bool:
        """Take the lock, or change the kind of the one held, if no other holder is in the way. Never waits."""
        try:
            descriptor = self._descriptor
            if descriptor is None:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            return self._lock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        except OSError as exc:
            raise unusable(self._path, exc) from exc

    def acquire(self, seconds: float, doing: str) -> None:
        """Take the lock exclusively within ``seconds``. Raises :class:`ServerBusy` with ``doing`` as its subject."""
        deadline = time.monotonic() + seconds
        while not self.try_acquire():
            if time.monotonic() >= deadline:
                raise ServerBusy(f"{doing} and did not finish within {seconds:.0f} s")
            time.sleep(_POLL_SECONDS)

    def release(self) -> None:
        """Give the lock back, if held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _lock(self, descriptor: int, kind: int) -> bool:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            # A failed change of kind may have dropped the lock that was held: flock does not promise more.
            os.close(descriptor)
            self._descriptor = None
            return False
        except OSError:
            os.close(descriptor)
            self._descriptor = None
            raise
        self._descriptor = descriptor
        return True


class RecordLock:
    """The lock that a server process has on ``path``, seen from outside."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def holder(self) -> int | None:
        """The pid of the lock's holder, None if there is none; 0 or less if it is out of sight (another container).

        A file once seen locked is remembered, so that its holder is still found when somebody deletes ``var/``.
        Raises :class:`ServerFilesUnusable` if the file system cannot tell.
        """
        try:
            if self._descriptor is not None:
                holder = _ask_kernel(self._descriptor)
                if holder is not None:
                    return holder
                self.forget()
            self._descriptor = os.open(self._path, os.O_RDONLY)
            return _ask_kernel(self._descriptor)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as exc:
            raise unusable(self._path, exc) from exc

    def forget(self) -> None:
        """Close the remembered file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _ask_kernel(descriptor: int) -> int | None:
    if sys.platform == "darwin":
        question = struct.pack(_DARWIN_FLOCK, 0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)
        _, _, pid, kind, _ = struct.unpack(_DARWIN_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, question))
    else:
        question = struct.pack(_LINUX_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = struct.unpack(_LINUX_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, question))
    return None if kind == fcntl.F_UNLCK else int(pid)
