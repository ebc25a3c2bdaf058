"""Where the embedded server's files lie under a checkout's ``var/``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from jobs.server.errors import ServerFilesUnusable

_LARGEST_LOG_BYTES = 1024 * 1024


@dataclass(frozen=True)
class ServerFiles:
    """The paths below ``var_dir``, which is made absolute."""

    var_dir: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "var_dir", Path(self.var_dir).absolute())

    @property
    def record(self) -> Path:
        """Who serves these files; see :class:`jobs.server.record.ServerRecord`."""
        return self.var_dir / "server.json"

    @property
    def folder(self) -> Path:
        """The server's working folder with its append-only file."""
        return self.var_dir / "valkey"

    @property
    def config(self) -> Path:
        return self.folder / "valkey.conf"

    @property
    def log(self) -> Path:
        return self.folder / "valkey.log"

    @property
    def data_lock(self) -> Path:
        """Locked by the server process itself for as long as it lives."""
        return self.folder / "data.lock"

    @property
    def start_lock(self) -> Path:
        """Locked while somebody starts, adopts or stops the server."""
        return self.folder / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by everybody who started or adopted the server; the last one stops it."""
        return self.folder / "users.lock"

    def prepare(self) -> None:
        """Make the folder, private to this user. Raises :class:`ServerFilesUnusable`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            for path in (self.var_dir, self.folder):
                if not os.access(path, os.W_OK | os.X_OK):
                    raise PermissionError(f"{path} is not writable")
        except OSError as exc:
            raise unusable(self.folder, exc) from exc

    def rotate_log(self) -> None:
        """Set a long log aside, in place of the one set aside before."""
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))

    def log_size(self) -> int:
        """Return the log's length in bytes, 0 without one."""
        return self.log.stat().st_size if self.log.exists() else 0

    def last_words(self, since: int) -> str:
        """Return the last thing the server logged after byte ``since`` as one line, for an error's text."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(since, self.log_size() - 4096))
                lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
        except OSError:
            return "it left no log"
        return lines[-1] if lines else "it logged nothing"


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only this user can read, in place of an old one. Raises ``OSError``."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def unusable(path: Path, cause: OSError) -> ServerFilesUnusable:
    """Return the error that says ``path`` cannot be used for the server's files, and why."""
    return ServerFilesUnusable(f"The embedded server cannot keep its files in {path}: {cause.strerror or cause}")
