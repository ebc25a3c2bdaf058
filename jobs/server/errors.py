"""What can go wrong with the embedded server. Every text is one sentence for a person."""

from __future__ import annotations

from jobs.errors import QueueFlowError


class ServerError(QueueFlowError):
    """Root of the embedded server's errors."""

    code = "server"


class ServerNotFound(ServerError):
    """No program that could serve was found, or only ones that are too old or cannot run here."""


class ServerFilesUnusable(ServerError):
    """The server's folder cannot be made, written or locked. The cause is the chained ``OSError``."""


class ServerStartFailed(ServerError):
    """The server ended while starting; the text ends with the last line of its log."""


class ServerNotAnswering(ServerError):
    """A server process is there but gave no (proper) answer in time."""

    transient = True


class ServerBusy(ServerError):
    """Somebody else starts, stops or holds the server and did not finish in time."""

    transient = True
