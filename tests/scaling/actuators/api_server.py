"""An API server of Kubernetes in small: real HTTP, one Deployment with its pods, and strict about requests."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec

TOKEN = "a-token"
SPACE = "/namespaces/shop"
DEPLOYMENT = f"/apis/apps/v1{SPACE}/deployments/worker"
PODS = f"/api/v1{SPACE}/pods"
AUTOSCALERS = f"/apis/autoscaling/v2{SPACE}/horizontalpodautoscalers"
SCALED_OBJECTS = f"/apis/keda.sh/v1alpha1{SPACE}/scaledobjects"
MERGE = "application/merge-patch+json"
COST = "controller.kubernetes.io/pod-deletion-cost"
KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: test
contexts: [{{name: test, context: {{cluster: test, user: test, namespace: shop}}}}]
clusters: [{{name: test, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: test, user: {user}}}]
"""


class Request(msgspec.Struct, frozen=True):
    """What was asked."""

    method: str
    path: str
    query: str
    body: Any


class ApiServer:
    """`replicas` is what the Deployment has, `costs` what its pods cost, `leaving` those about to end, `asked` all
    requests. `answers` has statuses that are given instead, by path; to `held` paths it answers half until `let_go`."""

    def __init__(self, folder: Path) -> None:
        self.replicas = 1
        self.costs: dict[str, str] = {}
        self.managers: list[dict[str, Any]] = []
        self.autoscalers: list[dict[str, Any]] = []
        self.scaled_objects: list[dict[str, Any]] = []
        self.answers: dict[str, int] = {AUTOSCALERS: 0, SCALED_OBJECTS: 404}  # no KEDA here
        self.asked: list[Request] = []
        self.leaving: set[str] = set()
        self.held: set[str] = set()
        self.let_go = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        self.kubeconfig = folder / "kubeconfig"
        self.know({"token": TOKEN})

    def know(self, user: dict[str, Any]) -> None:
        """Say how clients show who they are."""
        self.kubeconfig.write_text(KUBECONFIG.format(port=self._http.server_port, user=json.dumps(user)))

    def close(self) -> None:
        """End."""
        self.let_go.set()
        self._http.shutdown()
        self._http.server_close()

    def writes(self) -> list[tuple[str, Any]]:
        """Path and body of each request that changes something."""
        return [(each.path, each.body) for each in self.asked if each.method != "GET"]

    def answer(self, request: Request) -> dict[str, Any]:
        """The object that a request gets. Raises KeyError for what is not there."""
        if request == Request("GET", DEPLOYMENT, "", None):
            meta = {"name": "worker", "managedFields": self.managers}
            spec = {"replicas": self.replicas, "selector": {"matchLabels": {"app": "worker", "tier": "back"}}}
            return {"kind": "Deployment", "metadata": meta, "spec": spec}
        if (request.method, request.path) == ("GET", PODS):
            assert request.query == "labelSelector=app%3Dworker%2Ctier%3Dback&limit=500", request
            return {"kind": "PodList", "items": [self._pod(name) for name in self.costs]}
        is_ours = request.method == "PATCH" and request.query == "fieldManager=queueflow-scaler"
        if is_ours and request.path == f"{DEPLOYMENT}/scale":
            self.replicas = request.body["spec"]["replicas"]
            return {"kind": "Scale", "spec": request.body["spec"]}
        if is_ours:
            name = request.path.removeprefix(f"{PODS}/")
            assert name in self.costs
            self.costs[name] = request.body["metadata"]["annotations"][COST]
            return self._pod(name)
        lists = {AUTOSCALERS: self.autoscalers, SCALED_OBJECTS: self.scaled_objects}
        if request.method != "GET":
            raise KeyError(request.path)
        return {"items": lists[request.path]}

    def _pod(self, name: str) -> dict[str, Any]:
        meta = {"name": name, "annotations": {COST: self.costs[name]} if self.costs[name] else None}
        if name in self.leaving:
            meta["deletionTimestamp"] = "2026-03-01T07:59:00Z"
        return {"kind": "Pod", "metadata": meta, "spec": {}, "status": {"phase": "Running"}}

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            """One connection."""

            def do_GET(self) -> None:
                """Answer."""
                path, _, query = self.path.partition("?")
                text = self.rfile.read(int(self.headers.get("content-length") or 0))
                request = Request(self.command, path, query, json.loads(text) if text else None)
                server.asked.append(request)
                if self.headers.get("authorization") != f"Bearer {TOKEN}":
                    return self._send(401, {})
                if self.command == "PATCH" and self.headers["content-type"] != MERGE:
                    return self._send(415, {})
                if status := server.answers.get(path, 0):
                    return self._send(status, {})
                try:
                    return self._send(200, server.answer(request))
                except KeyError:
                    return self._send(404, {})

            do_PATCH = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

            def _send(self, status: int, body: dict[str, Any]) -> None:
                content = json.dumps(body or {"kind": "Status", "status": "Failure", "code": status}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[:1])
                if self.path.partition("?")[0] in server.held:
                    self.wfile.flush()
                    server.let_go.wait(30)
                with suppress(OSError):  # who asked may not wait any more
                    self.wfile.write(content[1:])

            def log_message(self, *_: Any) -> None:
                """Be silent."""

        return Handler
