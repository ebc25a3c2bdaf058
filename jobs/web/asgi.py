"""The types of ASGI, and an application for those who are at the wrong address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Header = tuple[bytes, bytes]
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


async def no_sockets(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket: there is none at this address."""
    await receive()
    await send({"type": "websocket.close"})
