"""Pods as a kubelet runs them: what comes first, probes at their times, preStop, SIGTERM, the grace."""

from __future__ import annotations

import http.client
import subprocess
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from jobs.server.address import free_port
from tests.support.polling import wait_until

from .image import Container, Image
from .manifests import Process

FAILURES: Final = 3  # of probes in a row, where the manifest says nothing


@dataclass(frozen=True)
class End:
    """How a pod went: `seconds` from the order to end until it was gone, of the `grace` it had."""

    name: str
    code: int
    seconds: float
    grace: int


class Answer(NamedTuple):
    """To a request; `media` is its type."""

    status: int
    body: bytes
    media: str


class Pod:
    """One pod of a Deployment on a port of its own; `before` are its init containers."""

    def __init__(self, image: Image, name: str, process: Process, before: list[Process], logs: Path) -> None:
        self.name, self._image, self._before, self._logs = name, image, before, logs
        self.port = free_port()
        # All pods share one network here.
        arguments = tuple(word.replace(str(process.port), str(self.port)) for word in process.arguments)
        self.process = replace(process, arguments=arguments)
        self.started_in = 0.0
        self._container: Container | None = None

    def start(self) -> None:
        """Start it, and return when its readiness probe is answered by 200."""
        began = time.monotonic()
        for number, process in enumerate(self._before):
            self._await(process, self._logs / f"{self.name}.init{number}.log")
        with (self._logs / f"{self.name}.log").open("wb") as log:
            self._container = self._image.start(self.name, self.process.arguments, self.process.environment, log)
        for kind in ("startupProbe", "readinessProbe"):
            wait_until(partial(self._answers, kind), 60, interval=0.2)
        self.started_in = time.monotonic() - began

    def _await(self, process: Process, log: Path) -> None:
        """An init container is started again until it ends well."""
        wait_until(lambda: self._image.run(self.name, process.arguments, process.environment, log)[0] == 0, 120)

    def _answers(self, kind: str) -> bool:
        assert self._container is not None
        assert self._container.process.poll() is None, (self._logs / f"{self.name}.log").read_text()[-3000:]
        return self.probe(kind) == 200

    def probe(self, kind: str) -> int:
        """Ask as its manifest says, by the pod's address: the status of the answer, 0 for none."""
        path = next(path for each, path, _ in self.process.probes if each == kind)
        try:
            return self.get(path).status
        except OSError:
            return 0

    def get(self, path: str, host: str = "", key: str = "", accept: str = "") -> Answer:
        """Ask by the pod's address unless a name is given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        headers = {"Host": host or f"127.0.0.1:{self.port}"}
        headers |= {"Authorization": f"Bearer {key}"} if key else {}
        headers |= {"Accept": accept} if accept else {}
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), answer.headers.get("Content-Type", ""))
        finally:
            connection.close()

    @property
    def memory(self) -> int:
        """Bytes that it has."""
        assert self._container is not None
        return self._container.memory

    @property
    def limit(self) -> str:
        """Of its memory, as the manifest has it."""
        found = self.process.workload["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
        return str(found)

    def end(self) -> End:
        """preStop, SIGTERM, and SIGKILL when the grace is over, which is counted from the beginning of preStop."""
        assert self._container is not None
        assert self.process.grace is not None
        began = time.monotonic()
        if self.process.pre_stop:
            subprocess.run(self.process.pre_stop, check=True)
        self._container.terminate()
        try:
            code = self._container.process.wait(self.process.grace - (time.monotonic() - began))
        except subprocess.TimeoutExpired:
            self._container.kill()
            code = 137
        return End(self.name, code, time.monotonic() - began, self.process.grace)

    def kill(self) -> None:
        """Leave nothing behind."""
        if self._container is not None:
            self._container.kill()
