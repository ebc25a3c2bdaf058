"""A small HTTP server that answers like the REST interface, from a script."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Call:
    """One request as the server saw it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class ApiStandIn:
    """Answers every job with 201, except types in ``unknown``; ``first`` are answers given before that, in turn."""

    unknown: frozenset[str] = frozenset()
    first: list[tuple[int, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    url: str = ""

    def answer(self, call: Call) -> tuple[int, dict[str, str], dict[str, Any]]:
        """(status, headers, body) for the call."""
        self.calls.append(call)
        if self.first:
            return self.first.pop(0)
        if call.path == "/api/jobs/bulk":
            return 201, {}, self._bulk(call.body["jobs"])
        if call.body["type"] in self.unknown:
            return 422, {}, {"status": 422, "code": "unknown_job_type", "detail": "no handler"}
        return 201, {}, {"jobId": f"job-{len(self.calls)}", "type": call.body["type"], "status": "pending"}

    def _bulk(self, jobs: Sequence[dict[str, Any]]) -> dict[str, Any]:
        numbered = list(enumerate(jobs))
        return {
            "accepted": [{"index": n, "jobId": f"job-{n}"} for n, job in numbered if job["type"] not in self.unknown],
            "refused": [
                {"index": n, "code": "unknown_job_type", "detail": ""}
                for n, job in numbered
                if job["type"] in self.unknown
            ],
        }


@contextmanager
def serve(api: ApiStandIn, port: int = 0) -> Iterator[ApiStandIn]:
    """Serve ``api`` on ``port`` (0: a free one) for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, headers, answer = api.answer(Call(self.path, dict(self.headers), body))
            content = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep the test output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
