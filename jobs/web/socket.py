"""A WebSocket that may send more than it takes."""

from __future__ import annotations

from typing import Any

from daphne.ws_protocol import WebSocketProtocol


class BoundedSocket(WebSocketProtocol):  # type: ignore[misc]  # Daphne has no types
    """A client's WebSocket, bounded both ways: what comes is small, what goes out need not be."""

    def serverSend(self, content: Any, binary: bool = False) -> None:  # noqa: N802 - Daphne's name
        """Send a message. Autobahn has one limit for what comes and what is sent."""
        bounds: Any = self
        taken = bounds.maxMessagePayloadSize
        bounds.maxMessagePayloadSize = self.server.limits.sent_message_bytes
        try:
            super().serverSend(content, binary)
        finally:
            bounds.maxMessagePayloadSize = taken
