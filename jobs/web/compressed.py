"""Compresses answers for those who take it so.

A page that holds a secret and something an attacker chose lets its length tell of the secret (BREACH). Here Django
masks its CSRF tokens anew for each page, session cookies do not go along with what other sites load (SameSite), and a
random number of bytes, as in Django's own middleware, makes the length useless.
"""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Final

from django.utils.text import compress_string

from .asgi import Application, Header, Message, Receive, Scope, Send

SMALLEST: Final = 1024  # bytes that are worth it
INLINE: Final = 16 * 1024  # bytes whose compression holds nobody else up; more go to a thread
RANDOM_BYTES: Final = 100
TAKES_GZIP: Final = re.compile(rb"(?:^|,)\s*(?:gzip|\*)\s*(?!;\s*q=0(?:\.0*)?\s*(?:,|$))(?:;|,|$)", re.IGNORECASE)
COMPRESSIBLE: Final = re.compile(rb"text/|application/(?:[\w.-]+\+)?(?:json|xml|javascript)|image/svg", re.IGNORECASE)
BODILESS: Final = frozenset({204, 206, 304})


class Compressed:
    """An ASGI application in front of others. What is sent in parts goes as it comes, and what is small as it is."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        start: Message = {}

        async def packing(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start:
                started, start = start, {}
                if _is_worth_it(started, message):
                    started, message = await _packed(scope, started, message)
                await send(started)
            await send(message)

        await self._application(scope, receive, packing)


def _is_worth_it(start: Message, body: Message) -> bool:
    if body.get("more_body") or len(body.get("body", b"")) < SMALLEST or start["status"] in BODILESS:
        return False
    said = {name.lower(): value for name, value in start.get("headers", ())}
    return b"content-encoding" not in said and COMPRESSIBLE.match(said.get(b"content-type", b"")) is not None


async def _packed(scope: Scope, start: Message, body: Message) -> tuple[Message, Message]:
    """The two messages, compressed if the client takes it; in any case they say that this depends on the client."""
    wanted = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding")
    headers = [_varying(header) for header in start["headers"]]
    if not any(name.lower() == b"vary" for name, _ in headers):
        headers.append((b"vary", b"Accept-Encoding"))
    content = body["body"]
    if TAKES_GZIP.search(wanted):
        pack = partial(compress_string, content, max_random_bytes=RANDOM_BYTES)
        content = pack() if len(content) <= INLINE else await asyncio.to_thread(pack)
        headers = [_weakened(header) for header in headers if header[0].lower() != b"content-length"]
        headers += [(b"content-encoding", b"gzip"), (b"content-length", b"%d" % len(content))]
    return {**start, "headers": headers}, {**body, "body": content}


def _varying(header: Header) -> Header:
    name, value = header
    if name.lower() != b"vary" or b"accept-encoding" in value.lower() or value.strip() == b"*":
        return header
    return name, value + b", Accept-Encoding"


def _weakened(header: Header) -> Header:
    name, value = header
    return (name, b"W/" + value) if name.lower() == b"etag" and not value.startswith(b"W/") else header
