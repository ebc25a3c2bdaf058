"""The server's configuration file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jobs.server.address import HOST, Address

Settings = Mapping[str, str | tuple[str, ...]]

DURABLE: Settings = {
    "appendonly": "yes",
    "appendfsync": "everysec",
    # A crash may cut the last write short; the server then starts with what is whole.
    "aof-load-truncated": "yes",
    "save": "",
}


def listen_settings(address: Address) -> dict[str, str | tuple[str, ...]]:
    """Return the settings that make a server listen at ``address`` and nowhere else."""
    settings: dict[str, str | tuple[str, ...]] = {"protected-mode": "yes"}
    if address.socket_path is not None:
        settings |= {"port": "0", "unixsocket": address.socket_path, "unixsocketperm": "700"}
    else:
        settings |= {"port": str(address.port), "bind": HOST}
    if address.password:
        settings["requirepass"] = address.password
    return settings


def embedded_settings(folder: Path, address: Address) -> dict[str, str | tuple[str, ...]]:
    """Return the settings of the embedded server that keeps its files in ``folder``."""
    return {
        **listen_settings(address),
        **DURABLE,
        "dir": str(folder),
        "daemonize": "no",
        # Jobs are never evicted: a full server refuses to enqueue.
        "maxmemory-policy": "noeviction",
    }


def render(settings: Settings) -> bytes:
    """Return the text of a configuration file; a tuple gives a directive several arguments."""
    lines = []
    for name, value in settings.items():
        arguments = (value,) if isinstance(value, str) else value
        lines.append(b" ".join([name.encode(), *map(_quote, arguments)]) + b"\n")
    return b"".join(lines)


def _quote(value: str) -> bytes:
    """Quote for the server's parser, which reads ``\\xHH`` inside double quotes."""
    return b'"' + b"".join(map(_escape, os.fsencode(value))) + b'"'


def _escape(byte: int) -> bytes:
    plain = 0x20 <= byte < 0x7F and byte not in b'"\\'
    return b"%c" % byte if plain else b"\\x%02x" % byte
