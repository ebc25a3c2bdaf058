"""Where a server listens: a Unix socket of ours, or a loopback port with a password."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

HOST = "127.0.0.1"
# The kernel's limit is 108 bytes on Linux and 104 on macOS, with the closing zero.
LONGEST_SOCKET_PATH = 100
SOCKET_NAME = "valkey.sock"

_TEMPORARY_PREFIX = "queueflow-"


@dataclass(frozen=True)
class Address:
    """Either ``socket_path`` (an absolute path) or ``port`` on 127.0.0.1 is set; ``password`` may be."""

    socket_path: str | None = None
    port: int | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The address as redis-py reads it."""
        credentials = f":{quote(self.password, safe='')}@" if self.password else ""
        if self.socket_path is not None:
            return f"unix://{credentials}{quote(self.socket_path)}?db=0"
        return f"redis://{credentials}{HOST}:{self.port}/0"

    def connect(self, seconds: float) -> socket.socket:
        """Return a connected socket whose operations time out after ``seconds``. Raises ``OSError``."""
        if self.socket_path is None:
            return socket.create_connection((HOST, self.port or 0), timeout=seconds)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(seconds)
            connection.connect(self.socket_path)
        except OSError:
            connection.close()
            raise
        return connection

    def discard(self, home: Path) -> None:
        """Remove the socket that a dead server left, with its temporary folder (any folder of ours but ``home``)."""
        if self.socket_path is None:
            return
        path = Path(self.socket_path)
        with contextlib.suppress(OSError):
            path.unlink()
        if path.parent != home and _is_ours(path.parent):
            with contextlib.suppress(OSError):
                path.parent.rmdir()


def choose_socket(home: Path, previous: Address | None) -> Address | None:
    """Return a Unix socket that can be bound: in ``home``, else in a short temporary folder. None if neither works.

    ``home`` (mode 0700) has no live server. The folder of ``previous`` is taken again if it still is ours alone, so
    that clients of a server that died find the next one.
    """
    path = home / SOCKET_NAME
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH and _can_bind(path):
        return Address(socket_path=str(path))
    if previous is not None and previous.socket_path is not None:
        old = Path(previous.socket_path)
        if _is_ours(old.parent) and _can_bind(old):
            return Address(socket_path=str(old))
    return _temporary_socket()


def choose_port(previous: Address | None) -> Address:
    """Return a free loopback port and a password: those of ``previous`` if its port is free, else new ones."""
    if previous is not None and previous.port is not None and free_port(previous.port) == previous.port:
        return Address(port=previous.port, password=previous.password or secrets.token_urlsafe(32))
    return Address(port=free_port(), password=secrets.token_urlsafe(32))


def free_port(wanted: int = 0) -> int:
    """Return ``wanted`` if it can be bound on 127.0.0.1, else a port that can. Somebody may take it before us."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the server does, so that a port in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _temporary_socket() -> Address | None:
    for parent in (None, "/tmp"):  # noqa: S108 - TMPDIR may be too long as well; mkdtemp makes the folder private
        try:
            path = Path(tempfile.mkdtemp(prefix=_TEMPORARY_PREFIX, dir=parent), SOCKET_NAME)
        except OSError:
            continue
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH and _can_bind(path):
            return Address(socket_path=str(path))
        with contextlib.suppress(OSError):
            path.parent.rmdir()
    return None


def _can_bind(path: Path) -> bool:
    """Tell whether a Unix socket can live at ``path``; some mounted file systems have none. A stale one is removed."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            path.unlink(missing_ok=True)
            probe.bind(str(path))
            path.unlink()
        except OSError:
            return False
    return True


def _is_ours(path: Path) -> bool:
    """Tell whether ``path`` is a temporary folder as we make them: not a link, this user's, closed to all others."""
    if not path.name.startswith(_TEMPORARY_PREFIX):
        return False
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) == 0o700
