"""Headers that tell browsers what they must not do with an answer, whoever made it."""

from __future__ import annotations

from typing import Final

from .asgi import Application, Header, Message, Receive, Scope, Send

# Pages bring a policy of their own, which lets them load what we serve. Nothing else is to be rendered.
NOTHING: Final[Header] = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
ALWAYS: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
    ),
)


class SecurityHeaders:
    """An ASGI application in front of others: adds what they did not say themselves.

    `hsts_seconds` is how long browsers that came by TLS insist on it.
    """

    def __init__(self, application: Application, hsts_seconds: int) -> None:
        self._application = application
        self._hsts: Header = (b"strict-transport-security", b"max-age=%d" % hsts_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._completed(scope, list(message.get("headers", ())))}
            await send(message)

        await self._application(scope, receive, adding)

    def _completed(self, scope: Scope, headers: list[Header]) -> list[Header]:
        said = {name.lower(): value for name, value in headers}
        headers += [header for header in ALWAYS if header[0] not in said]
        # The policy of a script counts for the worker that runs it.
        if NOTHING[0] not in said and b"javascript" not in said.get(b"content-type", b""):
            headers.append(NOTHING)
        if scope.get("scheme") == "https" and self._hsts[0] not in said:
            headers.append(self._hsts)
        return headers
