"""/health/live and /health/ready in front of Django: no host check, no middleware, no session."""

from __future__ import annotations

import msgspec

from jobs.web.asgi import Application, Receive, Scope, Send
from jobs.web.drain import is_ending

from .health import readiness

ALIVE = b'{"status":"healthy"}'
ENDING = b'{"status":"unhealthy","parts":[{"name":"web","status":"unhealthy","detail":"the process is ending"}]}'
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
                if is_ending(scope):
                    await _answer(send, 503, ENDING)
                    return
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
