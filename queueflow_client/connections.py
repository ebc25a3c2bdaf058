"""Connections to one service, kept open between requests."""

from __future__ import annotations

import http.client
import os
import ssl
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import NamedTuple, cast
from urllib.parse import SplitResult

from .answers import Answer
from .response import Response, keep
from .shapes import document_of

MOST_IDLE = 16  # connections kept open


class Limits(NamedTuple):
    """How long to connect, to send and to hear the answer: each `patience` seconds, none beyond the time `last`."""

    patience: float
    last: float

    def deadline(self) -> float:
        """When the step that begins now has to be over, on the monotonic clock."""
        return min(time.monotonic() + self.patience, self.last)


class Connections:
    """Idle connections to one service; the latest is used again first."""

    def __init__(self, parts: SplitResult, context: ssl.SSLContext | None, max_answer: int) -> None:
        self._host, self._port, self._base = str(parts.hostname), parts.port, parts.path.rstrip("/") + "/api"
        self._tls = (context or ssl.create_default_context()) if parts.scheme == "https" else None
        self._idle: deque[http.client.HTTPConnection] = deque()
        self._pid = os.getpid()
        self._max_answer = max_answer

    def close(self) -> None:
        """Close those that are idle."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str], limits: Limits) -> Answer:
        """Send one request; what came back, if anything. Raises only SSLCertVerificationError."""
        connection = self._take()
        try:
            send(connection, method, self._base + path, body, headers, limits)
            answer, content = self._receive(connection, limits)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            if isinstance(error, ssl.SSLCertVerificationError):
                raise
            self.close()  # the others are lost with it, as a rule
            return Answer(0, {}, lost=error)
        except BaseException:
            connection.close()
            raise
        if content is None:
            answer.close()
            connection.close()
            detail = f"the answer has more than {self._max_answer:,} bytes"
            return Answer(answer.status, {"code": "bad_answer", "detail": detail})
        if len(self._idle) < MOST_IDLE:
            self._idle.append(connection)
        retry_after = answer.getheader("Retry-After", "")
        return Answer(answer.status, document_of(content), float(retry_after) if retry_after.isdecimal() else 0.0)

    def _receive(self, connection: http.client.HTTPConnection, limits: Limits) -> tuple[Response, bytes | None]:
        made = partial(Response, deadline=limits.deadline(), most=self._max_answer)
        connection.response_class = made  # type: ignore[assignment]
        try:
            answer = cast("Response", connection.getresponse())
            return answer, answer.content()
        except ValueError as error:  # of http.client, for a chunk of negative size
            raise http.client.HTTPException(str(error)) from error

    def _take(self) -> http.client.HTTPConnection:
        if self._pid != os.getpid():  # after a fork the connections are the parent's
            self._idle, self._pid = deque(), os.getpid()
        with suppress(IndexError):
            return self._idle.pop()
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port)
        return http.client.HTTPSConnection(self._host, self._port, context=self._tls)


def send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    limits: Limits,
) -> None:
    """Send a request, connecting first where that is needed. Raises OSError."""
    if connection.sock is None:
        connection.timeout = max(limits.deadline() - time.monotonic(), 0.001)
        connection.connect()
    keep(connection.sock, limits.deadline())  # sendall as a whole has that time
    with suppress(BrokenPipeError):  # it may have refused before it has read all
        connection.request(method, path, body or None, headers)
