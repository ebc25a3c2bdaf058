"""The same load by REST: a web process before the store, which can be killed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from jobs.errors import StoreUnavailable
from jobs.types import JobRequest
from tests.client.service import Service
from tests.faults.rest import Caller
from tests.support.server import TestServer


class Site(Service):
    """A web process on somebody else's server, without workers."""

    def __init__(self, folder: Path, server: TestServer) -> None:
        super().__init__(folder)
        self.server = server

    def open(self) -> Site:
        """Make its database and a key, and start it."""
        self._manage("migrate", "--verbosity", "0")
        self.key = self.new_key("enqueue")
        self.url = self._start_web()
        return self

    def kill(self) -> int:
        """SIGKILL, and return its exit code when it has gone."""
        self._web.kill()
        return self._web.wait(30)

    def close(self) -> None:
        """End it."""
        self._stack.close()


class ByRest:
    """Stands in for a Store where jobs are fed: each request is a POST with its own job id."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.producer = self

    def enqueue(self, requests: Sequence[JobRequest]) -> None:
        """POST them one after the other. Raises StoreUnavailable unless each is answered by 200 or 201."""
        for request in requests:
            body = {"type": request.type, "payload": json.loads(request.envelope.payload), "jobId": request.id}
            options = {"maxRetries": request.max_retries}
            with Caller(int(urlsplit(self._site.url).port or 0), self._site.key, 5.0) as caller:
                status, said = caller.ask("POST", "/api/jobs", json.dumps(body | {"options": options}).encode())
            if status not in (200, 201):
                raise StoreUnavailable(f"status {status}: {said.decode()}")
