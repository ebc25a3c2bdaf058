"""The bare application: reads a job, enqueues it on a store thread, answers. No access, no limits.

Run as a process: `python -m benchmarks.web.bare PORT`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "queueflow_site.settings")

import django

django.setup()

import msgspec  # noqa: E402 - Django has to be ready first

from jobs import QueueManager  # noqa: E402
from jobs.conf import get_config  # noqa: E402
from jobs.store.store import Store  # noqa: E402
from jobs.web.server import WebServer  # noqa: E402

THREADS = 16
HEADERS = [(b"content-type", b"application/json")]


class Job(msgspec.Struct):
    """What the load sends."""

    type: str
    payload: msgspec.Raw


class Bare:
    """The application."""

    def __init__(self) -> None:
        self._manager = QueueManager(Store.open(get_config(), most=THREADS))
        self._threads = ThreadPoolExecutor(THREADS)
        self._read = msgspec.json.Decoder(Job)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive()).get("body", b"")
        job = self._read.decode(body)
        made = await asyncio.wrap_future(self._threads.submit(self._manager.enqueue, job.type, job.payload))
        content = msgspec.json.encode({"jobId": made.id})
        await send({"type": "http.response.start", "status": 201, "headers": HEADERS})
        await send({"type": "http.response.body", "body": content})


if __name__ == "__main__":
    WebServer(Bare(), "127.0.0.1", int(sys.argv[1]), grace=5).run()
