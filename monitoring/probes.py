"""/health/live and /health/ready in front of Django: no host check, no middleware, no session."""

from __future__ import annotations

import msgspec

from jobs.web.asgi import Application, Header, Receive, Scope, Send
from jobs.web.drain import is_ending

from .health import readiness

ALIVE = b'{"status":"healthy"}'
ENDING = b'{"status":"unhealthy","parts":[{"name":"web","status":"unhealthy","detail":"the process is ending"}]}'
METHODS = frozenset({"GET", "HEAD"})
LIVE, READY = "/health/live", "/health/ready"
PATHS = frozenset({LIVE, READY})


class Probes:
    """An ASGI application in front of another. Liveness needs nothing but this process."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a probe, or pass the request on."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path not in PATHS:
            await self._application(scope, receive, send)
        elif scope["method"] not in METHODS:
            await _answer(send, 405, b"", (b"allow", b"GET, HEAD"))
        elif path == LIVE:
            await _answer(send, 200, ALIVE)
        elif is_ending(scope):
            await _answer(send, 503, ENDING)
        else:
            report = (await readiness()).without_details()
            await _answer(send, report.code, msgspec.json.encode(report))


async def _answer(send: Send, status: int, body: bytes, *more: Header) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
