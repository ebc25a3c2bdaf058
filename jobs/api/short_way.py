"""The short way through the API: requests with a key are served without Django's request, middleware and threads.

It serves the same endpoints by the same code. Everything else goes to Django: sessions, pages of other origins (CORS),
the documentation, and what no endpoint fits, so that refusals of addresses and methods are made in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.conf import settings
from django.http import QueryDict
from django.http.request import split_domain_port, validate_host

from jobs.web.asgi import Application, Receive, Scope, Send

from .access import holder_of
from .answered import ANSWERED
from .asked import Asked
from .endpoint import NO_QUERY, Endpoint
from .problems import Problem, problem_of
from .reply import Reply

PREFIX: Final = "/api"
MOST_HOSTS: Final = 1000
Found = tuple[Endpoint, dict[str, str]]


class ShortWay:
    """An ASGI application in front of Django's."""

    def __init__(self, site: Application, endpoints: Iterable[Endpoint]) -> None:
        self._site = site
        self._fixed: dict[tuple[str, str], Endpoint] = {}
        self._named: list[tuple[str, re.Pattern[str], Endpoint]] = []
        self._paths: set[str] = set()  # the fixed ones, which no name in a path stands for
        self._hosts: set[str] = set()
        for endpoint in endpoints:
            path = PREFIX + endpoint.path
            if endpoint.names:
                self._named.append((endpoint.method, _pattern(path), endpoint))
            else:
                self._fixed[endpoint.method, path] = endpoint
                self._paths.add(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request with a key; pass on everything else."""
        found = self._find(scope)
        headers = _headers(scope) if found else {}
        if found is None or "authorization" not in headers or "origin" in headers:
            await self._site(scope, receive, send)
            return
        body = await _body(receive)
        if body is not None:
            reply = await self._reply(scope, headers, body, found)
            ANSWERED[found[0].method, reply.status] += 1
            await _answer(send, reply, is_head=scope["method"] == "HEAD")

    async def _reply(self, scope: Scope, headers: dict[str, str], body: bytes, found: Found) -> Reply:
        endpoint, names = found
        address = (scope.get("client") or ("",))[0]
        try:
            self._check_host(headers.get("host", ""))
            query = QueryDict(scope["query_string"]) if scope["query_string"] else NO_QUERY
            principal = await holder_of(headers["authorization"], address)
        except Exception as error:
            return problem_of(error).reply()
        asked = Asked(
            method=endpoint.method,
            path=scope["path"],
            query=query,
            headers=headers,
            body=body,
            principal=principal,
            address=address,
        )
        return await endpoint.serve(asked, names)

    def _find(self, scope: Scope) -> Found | None:
        if scope["type"] != "http" or scope.get("root_path"):
            return None
        method, path = "GET" if scope["method"] == "HEAD" else scope["method"], scope["path"]
        if not path.startswith(PREFIX):
            return None
        if path in self._paths:
            endpoint = self._fixed.get((method, path))
            return None if endpoint is None else (endpoint, {})
        for wanted, pattern, named in self._named:
            if wanted == method and (match := pattern.fullmatch(path)):
                return named, match.groupdict()
        return None

    def _check_host(self, host: str) -> None:
        """Refuse names that this site does not have, as Django does; the good ones are remembered."""
        if host in self._hosts:
            return
        domain, _ = split_domain_port(host)
        if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
            raise Problem(400, "malformed_request", "The request is refused.")
        if len(self._hosts) < MOST_HOSTS:
            self._hosts.add(host)


def _pattern(path: str) -> re.Pattern[str]:
    with_slashes = re.sub(r"{path:(\w+)}", r"(?P<\1>.+)", path)
    return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", with_slashes))


def _headers(scope: Scope) -> dict[str, str]:
    """Headers by name; one that comes twice is joined by a comma, as Django does."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1")
        text = value.decode("latin-1")
        found[key] = f"{found[key]},{text}" if key in found else text
    return found


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when the client went away."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def _answer(send: Send, reply: Reply, *, is_head: bool) -> None:
    headers: list[tuple[bytes, bytes]] = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()
    ]
    if reply.status != 204:
        headers.append((b"content-length", b"%d" % len(reply.content)))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else reply.content})
