"""``var/server.json``: how to reach the server of this checkout, and who it is."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, replace
from typing import Any

from jobs.server.address import Address
from jobs.server.files import ServerFiles, unusable, write_private
from jobs.server.probe import ServerInfo


@dataclass(frozen=True)
class ServerRecord:
    """One server. ``run_id`` is empty and ``pid`` 0 from just before it is launched until it has answered."""

    address: Address
    pid: int = 0
    run_id: str = ""

    @property
    def url(self) -> str:
        """The server's address as redis-py reads it."""
        return self.address.url

    def completed(self, info: ServerInfo) -> ServerRecord:
        """Return the record with what the server says about itself."""
        return replace(self, pid=info.process_id, run_id=info.run_id)

    def describes(self, info: ServerInfo, holder: int) -> bool:
        """Tell whether the server that answers is the recorded one; ``holder`` has the lock on its files."""
        if self.run_id:
            return info.run_id == self.run_id
        return info.process_id == holder


def write_record(files: ServerFiles, record: ServerRecord) -> None:
    """Write the file whole or not at all, mode 0600. Raises :class:`ServerFilesUnusable`."""
    document = {
        "pid": record.pid,
        "url": record.url,
        "run_id": record.run_id,
        "socket": record.address.socket_path,
        "port": record.address.port,
        "password": record.address.password,
        "folder": str(files.folder),
    }
    try:
        # The name is fixed, so that a writer killed halfway leaves nothing for ever: there is one writer at a time.
        temporary = files.record.with_suffix(".json.new")
        write_private(temporary, json.dumps(document, indent=2).encode() + b"\n")
        temporary.replace(files.record)
    except OSError as exc:
        raise unusable(files.record, exc) from exc


def read_record(files: ServerFiles) -> ServerRecord | None:
    """Return the record; None if there is none, it cannot be understood or it is a copied checkout's.

    A later start then writes a new one.
    """
    try:
        document = json.loads(files.record.read_bytes())
        # A copy of var/ must not lead to the original's server, nor to its socket.
        if not files.folder.samefile(document["folder"]):
            return None
        return _parse(document)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def remove_record(files: ServerFiles) -> None:
    """Remove the file, if it is there."""
    with contextlib.suppress(OSError):
        files.record.unlink()


def _parse(document: dict[str, Any]) -> ServerRecord:
    socket, port, password = document["socket"], document["port"], document["password"]
    pid, run_id = document["pid"], document["run_id"]
    if not all(value is None or isinstance(value, str) for value in (socket, password)):
        raise ValueError("socket and password are texts")
    if type(pid) is not int or not isinstance(run_id, str):
        raise ValueError("pid is a number, run_id a text")
    if (socket is None) == (port is None) or not (port is None or (type(port) is int and 0 < port < 65536)):
        raise ValueError("a server listens on a socket or on a port")
    return ServerRecord(Address(socket, port, password), pid, run_id)
