"""One HTTP request: its body is counted as it comes, and nothing in its headers is for the server alone."""

from __future__ import annotations

import logging
import re
import time
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import Any

from daphne.http_protocol import WebRequest

from jobs.api.problems import Problem, title

from .refusal import malformed, too_long

logger = logging.getLogger(__name__)

IN_MEMORY = 1024 * 1024  # bytes of a body; more of it waits in a file until it is complete
# A target as for a proxy (RFC 9112, 3.2.2), which every server has to understand.
ABSOLUTE = re.compile(
    rb"https?://(?P<host>(?:\[[0-9a-f:.]+\]|[^\[\]/?#@:]+)(?::[0-9]*)?)(?P<rest>[/?][^#]*|)", re.IGNORECASE
)
WORDS = {int(status): title(status).encode() for status in HTTPStatus}
CODES = {400: "malformed_request", 500: "internal_error", 503: "unavailable"}


class BoundedRequest(WebRequest):  # type: ignore[misc]  # Daphne has no types
    """A request on a BoundedChannel."""

    def __init__(self, channel: Any, queued: object = False) -> None:
        # Twisted would read forms a second time, and hold them in memory as a whole.
        super().__init__(channel, queued, parsePOSTFormSubmission=False)
        self.came = 0
        self._heard = time.monotonic()  # when the application last said something

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's names
        """The body begins."""
        self.content = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - Twisted closes it

    def parseCookies(self) -> None:  # noqa: N802
        """Leave cookies to the application."""

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """A part of the body."""
        self.came += len(data)
        if self.came > self.channel.limits.body_bytes:
            self.channel.refuse(too_long(self.channel.limits.body_bytes))
        elif not self.channel.refused:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        """The request is complete. Of a target with scheme and host, the host counts in place of the header's."""
        if path[:4].lower() == b"http":
            absolute = ABSOLUTE.fullmatch(path)
            if absolute is None:
                self.channel.refuse(malformed("The address in the first line cannot be read."))
                return
            self.requestHeaders.setRawHeaders(b"host", [absolute["host"]])
            path = absolute["rest"] if absolute["rest"].startswith(b"/") else b"/" + absolute["rest"]
        super().requestReceived(command, path, version)

    def process(self) -> Any:
        """Hand a complete request to the application."""
        # Daphne takes the prefix of all addresses from this header, whoever sent it.
        self.requestHeaders.removeHeader(b"daphne-root-path")
        channel = self.channel
        self._heard = time.monotonic()
        done = super().process()
        if self.transport is None:  # Daphne has made it a WebSocket
            channel.hand_over()
        return done

    def handle_reply(self, message: dict[str, Any]) -> None:
        """What the application says. The last answer of a connection says that it is the last."""
        self._heard = time.monotonic()
        super().handle_reply(message)
        if message["type"] == "http.response.start" and not self.finished and self.channel is not None:
            if self.channel.factory.server.is_ending:
                self.responseHeaders.setRawHeaders(b"connection", [b"close"])
            if self.responseHeaders.getRawHeaders(b"connection") == [b"close"]:
                self.channel.persistent = False

    def setResponseCode(self, code: int, message: bytes | None = None) -> None:  # noqa: N802
        """The status line. Twisted has no words for some of our codes."""
        super().setResponseCode(code, message or WORDS.get(code))

    def check_timeouts(self) -> None:
        """Give up an application that says nothing. What it has begun is cut off, so that nobody takes it for whole."""
        running = hasattr(self, "request_start") and not self.finished and self.channel is not None
        if not running or time.monotonic() - self._heard <= self.channel.limits.application_seconds:
            return
        logger.warning("no answer to %s %s in time", self.method, self.path)
        if self._response_started:
            self.channel.abort()
        else:
            self.basic_error(503, b"Service Unavailable", "The application did not answer in time.")

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """A refusal of the server, in the form of the API's."""
        problem = malformed(body) if status == 400 else Problem(status, CODES.get(status, "refused"), body)
        reply = problem.reply()
        headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        headers += [(b"Content-Length", b"%d" % len(reply.content)), (b"Connection", b"close")]
        self.handle_reply({"type": "http.response.start", "status": status, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": reply.content})
