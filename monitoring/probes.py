"""/health/live and /health/ready in front of Django: no host check, no middleware, no session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from .health import readiness

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

ALIVE = b'{"status":"healthy"}'
METHODS = frozenset({"GET", "HEAD"})


class Probes:
    """An ASGI application in front of another. Liveness needs nothing but this process."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a probe, or pass the request on."""
        if scope["type"] == "http" and scope["method"] in METHODS:
            if scope["path"] == "/health/live":
                await _answer(send, 200, ALIVE)
                return
            if scope["path"] == "/health/ready":
                report = (await readiness()).without_details()
                await _answer(send, report.code, msgspec.json.encode(report))
                return
        await self._application(scope, receive, send)


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
