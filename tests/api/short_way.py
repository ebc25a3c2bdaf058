"""Django's test client on the ASGI application that the web process serves, the short way of the API included."""

from __future__ import annotations

import asyncio
from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.client import ClientHandler

from queueflow_site.asgi import application


class ShortWayClient(Client):
    """Sends each request to the ASGI application as a server would."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.handler = _Handler()


class _Handler(ClientHandler):
    def __call__(self, environ: dict[str, Any]) -> Any:
        response = async_to_sync(_serve)(_scope(environ), environ["wsgi.input"].read())
        response.wsgi_request = self._request(environ)  # type: ignore[attr-defined]  # the test client reads it
        return response

    @staticmethod
    def _request(environ: dict[str, Any]) -> HttpRequest:
        request = HttpRequest()
        request.META = environ
        return request


def _scope(environ: dict[str, Any]) -> dict[str, Any]:
    headers = [
        (name[5:].replace("_", "-").lower().encode(), value.encode("latin-1"))
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
    headers += [
        (name.lower().replace("_", "-").encode(), str(environ[name]).encode())
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH")
        if environ.get(name)
    ]
    if "HTTP_HOST" not in environ:
        headers.append((b"host", environ["SERVER_NAME"].encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": "http",
        "path": environ["PATH_INFO"].encode("latin-1").decode(errors="replace"),
        "query_string": environ.get("QUERY_STRING", "").encode(),
        "headers": headers,
        "client": ("127.0.0.1", 40000),
        "server": ("testserver", 80),
    }


async def _serve(scope: dict[str, Any], body: bytes) -> HttpResponse:
    sent: list[dict[str, Any]] = []
    received = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if not received:
            await asyncio.Event().wait()  # a client that stays
        return received.pop()

    async def send(message: Any) -> None:
        sent.append(message)

    await application(scope, receive, send)
    [start, *parts] = sent
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    content = b"".join(part.get("body", b"") for part in parts)
    return HttpResponse(content, status=start["status"], headers=headers)
