"""A web process around a small ASGI application, with bounds that a test can wait for.

`python -m tests.web.application [name=value …]` sets fields of `Limits`, and `grace`; it prints its port.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import threading
import time
from dataclasses import fields
from typing import Any

import django

from jobs.web.asgi import Receive, Scope, Send
from jobs.web.drain import is_ending
from jobs.web.limits import Limits

MEBIBYTE = 1024 * 1024


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer by path: see the functions below."""
    if scope["type"] == "websocket":
        await echo(scope, receive, send)
        return
    name = scope["path"].strip("/").replace("/", "_") or "size"
    await globals()[f"serve_{name}"](scope, receive, send)


async def serve_size(scope: Scope, receive: Receive, send: Send) -> None:
    """The size and digest of the body, and the client's address."""
    digest, size = hashlib.sha256(), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        digest.update(message.get("body", b""))
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await answer(send, 200, f"{size} {digest.hexdigest()} {scope['root_path']}".encode())


async def serve_status(scope: Scope, receive: Receive, send: Send) -> None:
    """The status that the query names."""
    await answer(send, int(scope["query_string"]), b"so it is")


async def serve_target(scope: Scope, receive: Receive, send: Send) -> None:
    """What was asked for: host, path and query."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    await answer(send, 200, b"|".join([b",".join(hosts), scope["path"].encode(), scope["query_string"]]))


async def serve_ready(scope: Scope, receive: Receive, send: Send) -> None:
    """Readiness."""
    await answer(send, 503 if is_ending(scope) else 200, b"ready")


async def serve_slow(scope: Scope, receive: Receive, send: Send) -> None:
    """An answer after as many seconds as the query says; `started` is printed first."""
    print("started", flush=True)
    await asyncio.sleep(float(scope["query_string"]))  # job body
    await answer(send, 200, b"slow but sure")


async def serve_stubborn(scope: Scope, receive: Receive, send: Send) -> None:
    """A thread that does not end, as a view that hangs has one."""
    await asyncio.to_thread(hang)


def hang() -> None:
    """Wait for nothing."""
    print("started", flush=True)
    threading.Event().wait()


async def serve_blocked(scope: Scope, receive: Receive, send: Send) -> None:
    """The event loop does nothing else for a minute."""
    print("started", flush=True)
    time.sleep(60)  # job body


async def serve_large(scope: Scope, receive: Receive, send: Send) -> None:
    """As many MiB as the query says, in one message."""
    await answer(send, 200, b"x" * (int(scope["query_string"]) * MEBIBYTE))


async def serve_stream(scope: Scope, receive: Receive, send: Send) -> None:
    """As many MiB as the query says, a MiB at a time; what is made is printed."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    try:
        for number in range(int(scope["query_string"])):
            await send({"type": "http.response.body", "body": b"y" * MEBIBYTE, "more_body": True})
            print(f"made {number + 1}", flush=True)
        await send({"type": "http.response.body", "body": b""})
    finally:
        print("made enough", flush=True)


async def serve_half(scope: Scope, receive: Receive, send: Send) -> None:
    """Half an answer, and then nothing."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    await asyncio.Event().wait()


async def serve_silence(scope: Scope, receive: Receive, send: Send) -> None:
    """No answer at all."""
    await asyncio.Event().wait()


async def serve_error(scope: Scope, receive: Receive, send: Send) -> None:
    """A bug."""
    raise RuntimeError("a bug")


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """A WebSocket that says what it hears, and prints how it was closed."""
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            print(f"closed {message['code']}", flush=True)
            return
        await send({"type": "websocket.send", "text": message["text"]})


async def answer(send: Send, status: int, body: bytes) -> None:
    """One whole answer."""
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Serve until told to end."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from jobs.web.server import WebServer

    given: dict[str, Any] = dict(item.split("=") for item in sys.argv[1:])
    grace = float(given.pop("grace", 5))
    kinds = {field.name: float if field.type == "float" else int for field in fields(Limits)}
    chosen: dict[str, Any] = {name: kinds[name](value) for name, value in given.items()}
    limits = Limits(**{"body_bytes": MEBIBYTE} | chosen)
    server = WebServer(
        application, "127.0.0.1", 0, grace=grace, limits=limits, on_ready=lambda host, port: print(port, flush=True)
    )
    server.run()
    sys.exit(server.failure or 0)


if __name__ == "__main__":
    main()
