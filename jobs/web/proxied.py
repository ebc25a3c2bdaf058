"""Lets our proxies, and nobody else, say who the client is and whether it came by TLS."""

from __future__ import annotations

from typing import Any

from jobs.access.address import forwarded_client, forwarded_scheme
from jobs.proxies import TrustedProxies, address_of

from .asgi import Application, Receive, Scope, Send

FORWARDING = frozenset(
    {
        b"x-forwarded-for",
        b"x-forwarded-proto",
        # Never read, and never to be: a proxy that sets one of them hands the client's other ones through.
        b"forwarded",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-server",
        b"x-forwarded-prefix",
        b"x-real-ip",
    }
)


class Proxied:
    """An ASGI application in front of all others: rewrites `client` and `scheme`, and takes such headers away.

    No application behind it sees a forwarding header, so that none can be fooled by one.
    """

    def __init__(self, application: Application, trusted: TrustedProxies) -> None:
        self._application = application
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, as it looks from outside."""
        if scope["type"] in {"http", "websocket"}:
            headers = scope["headers"]
            if any(name in FORWARDING for name, _ in headers):
                rest = [header for header in headers if header[0] not in FORWARDING]
                scope = {**scope, "headers": rest, **self._outside(scope)}
        await self._application(scope, receive, send)

    def _outside(self, scope: Scope) -> dict[str, Any]:
        """The client and the scheme that a trusted peer tells; nothing for other peers."""
        client = scope.get("client")
        peer = str(client[0]) if client and client[0] else None
        if not self._trusted.trusts(address_of(peer) if peer else None) or (peer and address_of(peer) is None):
            return {}
        told: dict[bytes, list[str]] = {b"x-forwarded-for": [], b"x-forwarded-proto": []}
        for name, value in scope["headers"]:
            if name in told:
                told[name].append(value.decode("latin-1"))
        is_socket = scope["type"] == "websocket"
        default = "ws" if is_socket else "http"
        scheme = forwarded_scheme(told[b"x-forwarded-proto"], scope.get("scheme", default))
        if is_socket:
            scheme = {"https": "wss", "http": "ws"}.get(scheme, scheme)
        address = forwarded_client(peer, told[b"x-forwarded-for"], self._trusted)
        return {"client": client if address == (peer or "") else (address, 0), "scheme": scheme}
