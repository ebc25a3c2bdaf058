"""The embedded server: find its program, start or adopt it, find it from another command.

Imports neither Django nor a Redis client.
"""

from jobs.server.binary import find_server_binary
from jobs.server.discovery import find_server
from jobs.server.embedded import EmbeddedServer
from jobs.server.errors import (
    ServerBusy,
    ServerError,
    ServerFilesUnusable,
    ServerNotAnswering,
    ServerNotFound,
    ServerStartFailed,
)

__all__ = [
    "EmbeddedServer",
    "ServerBusy",
    "ServerError",
    "ServerFilesUnusable",
    "ServerNotAnswering",
    "ServerNotFound",
    "ServerStartFailed",
    "find_server",
    "find_server_binary",
]
