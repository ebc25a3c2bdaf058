"""Ask a server who it is, by hand over a socket: no client library is needed to start or find one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from jobs.server.address import Address
from jobs.server.errors import ServerNotAnswering
from jobs.server.versions import ServerVersion, from_info

_LONGEST_LINE = 64 * 1024
_LONGEST_BULK = 1024 * 1024


@dataclass(frozen=True)
class ServerInfo:
    """What a server says about itself. ``run_id`` is made anew at each of its starts; sizes are in bytes."""

    run_id: str
    process_id: int
    version: ServerVersion | None
    loading: bool
    loaded_bytes: int


class _Stream(Protocol):
    """What the protocol needs of a connection's file."""

    def readline(self, size: int, /) -> bytes: ...
    def read(self, size: int, /) -> bytes: ...
    def write(self, data: bytes, /) -> int: ...
    def flush(self) -> None: ...


def ask(address: Address, seconds: float = 1.0) -> ServerInfo:
    """Return who answers at ``address``, also while it is loading its file.

    Raises :class:`ServerNotAnswering` if nobody does within ``seconds`` an operation, the password is refused, or
    what answers is no server of this kind.
    """
    fields = _fields(_command(address, seconds, "INFO", "server", "persistence"))
    try:
        return ServerInfo(
            run_id=fields["run_id"],
            process_id=int(fields["process_id"]),
            version=from_info(fields),
            loading=fields.get("loading", "0") != "0",
            loaded_bytes=int(fields.get("loading_loaded_bytes", "0")),
        )
    except (KeyError, ValueError) as exc:
        raise ServerNotAnswering("what answers is neither Valkey nor Redis") from exc


def ping(address: Address, seconds: float = 1.0) -> None:
    """Return if the server is there and takes commands. Raises :class:`ServerNotAnswering`, also while it loads."""
    _command(address, seconds, "PING")


def shutdown(address: Address, seconds: float = 1.0) -> None:
    """Ask the server to write what it has and end. Raises :class:`ServerNotAnswering` if it refuses or is not there."""
    _command(address, seconds, "SHUTDOWN")


def _command(address: Address, seconds: float, *words: str) -> str:
    try:
        with address.connect(seconds) as connection, connection.makefile("rwb") as stream:
            if address.password:
                _send(stream, "AUTH", address.password)
                _read(stream)
            _send(stream, *words)
            return _read(stream)
    except EOFError as exc:
        if words == ("SHUTDOWN",):  # It ends without an answer.
            return ""
        raise ServerNotAnswering("the connection was closed without an answer") from exc
    except (OSError, ValueError) as exc:
        raise ServerNotAnswering(f"no answer: {exc}") from exc


def _send(stream: _Stream, *words: str) -> None:
    """Write one command as an array of bulk strings."""
    parts = [word.encode() for word in words]
    stream.write(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
    stream.flush()


def _read(stream: _Stream) -> str:
    """Read one simple or bulk string; an error reply raises :class:`ServerNotAnswering` with the server's words."""
    line = stream.readline(_LONGEST_LINE)
    if not line:
        raise EOFError
    kind, text = line[:1], line[1:].decode(errors="replace").rstrip()
    if kind == b"+":
        return text
    if kind == b"-":
        raise ServerNotAnswering(f"the server answers {text}")
    if kind != b"$" or not 0 <= int(text) <= _LONGEST_BULK:
        raise ServerNotAnswering("what answers is neither Valkey nor Redis")
    body = stream.read(int(text) + 2)
    if len(body) < int(text) + 2:
        raise EOFError
    return body[:-2].decode(errors="replace")


def _fields(text: str) -> dict[str, str]:
    """Return the ``name:value`` lines of INFO."""
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line and not line.startswith("#"))
