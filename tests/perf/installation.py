"""An installation with a full store, and callers of it that tell how long answers take."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import time
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import psutil

from jobs.filtering import JobFilter
from jobs.states import State
from jobs.store.operation import Action
from tests.e2e.installation import PASSWORD, Installation
from tests.e2e.pages import Places
from tests.perf.fill import BATCH, LARGE, LARGE_BYTES, fill
from tests.perf.handlers import HOLDING
from tests.perf.recipe import BROKEN_QUEUE, BROKEN_TYPE, Recipe, fingerprint_of, waiting_in
from tests.support.server import TestServer

A_DAY: Final = 86_400
FIRST: Final = -15


class Answer(NamedTuple):
    """What came back, and after how many ms."""

    status: int
    body: bytes
    headers: dict[str, str]
    ms: float


class Caller:
    """Asks over one connection that stays, with a key or a session."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.headers = headers

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """GET a path, or POST a body to it."""
        started = time.perf_counter()
        self._connection.request("GET" if body is None else "POST", path, body, self.headers | headers)
        reply = self._connection.getresponse()
        content = reply.read()
        ms = (time.perf_counter() - started) * 1000
        return Answer(reply.status, content, {name.lower(): value for name, value in reply.getheaders()}, ms)

    def close(self) -> None:
        """Drop the connection."""
        self._connection.close()


class FullInstallation(Installation):
    """One with the jobs of a recipe. Its worker serves only the queue of the type that a deploy broke."""

    handlers = "tests.perf.handlers"
    pool_arguments = ("--max", "1", "--concurrency", "20", "--queues", BROKEN_QUEUE)

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        super().__init__(folder)
        self.recipe = recipe
        self.fill_seconds = 0.0
        self.server = TestServer()

    @property
    def _environment(self) -> dict[str, str]:
        kept = {"RETENTION_MAX": LARGE, "RETENTION_MAX_BYTES": LARGE_BYTES, "RETENTION_SECONDS": 30 * A_DAY}
        return super()._environment | {name: str(value) for name, value in kept.items()}

    def _stock(self) -> None:
        self.fill_seconds = fill(self.server.url, self.recipe, says=True)

    def _busy(self) -> None:
        """One job runs, and one operation is asked for."""
        job = self.client.enqueue(HOLDING, {}, queue=BROKEN_QUEUE, timeout=A_DAY)
        self.await_state(job["jobId"], State.ACTIVE)
        self._running = str(job["jobId"])
        self._operation = self.kit.store.operations.open(Action.RETRY, JobFilter(ids=("nobody",))).id

    @cached_property
    def places(self) -> Places:
        """What pages can be about."""
        recipe = self.recipe
        number = next(each for each in range(recipe.settled) if recipe.group(each) is not None)
        return Places(
            pending=recipe.request(recipe.jobs - 1).id,
            active=self._running,
            completed=recipe.request(0).id,
            dead=recipe.request(number).id,
            fingerprint=fingerprint_of(0),
            queue=BROKEN_QUEUE,
            type=BROKEN_TYPE,
            worker=self.kit.store.registry.workers()[0].info.id,
            operation=self._operation,
        )

    def open_queues(self, count: int) -> None:
        """Let a job wait in each of so many queues."""
        for start in range(0, count, BATCH):
            numbers = range(start, min(start + BATCH, count))
            self.kit.store.producer.enqueue([waiting_in(number) for number in numbers])

    def busy_ms(self) -> list[float]:
        """For how long web and store have used a processor: what other work on the machine does not change."""
        spent = (psutil.Process(pid).cpu_times() for pid in (self.web_pid, self.server.pid))
        return [(times.user + times.system) * 1000 for times in spent]

    def come_first(self) -> None:
        """Let other work on this machine give way to web and store, where we may say so."""
        for pid in (self.web_pid, self.server.pid):
            for thread in psutil.Process(pid).threads():  # on Linux each has a priority of its own
                with contextlib.suppress(PermissionError):
                    os.setpriority(os.PRIO_PROCESS, thread.id, FIRST)

    def key_caller(self, key: str) -> Caller:
        """A caller with an API key."""
        return Caller(self.url, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})

    def session_caller(self, role: str) -> Caller:
        """A caller with the session of somebody with a role."""
        caller = Caller(self.url, {})
        page = caller.ask("/login/")
        cookie = page.headers["set-cookie"].partition(";")[0]
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.body)
        assert token is not None, page.body
        form: dict[str, Any] = {"username": role.lower(), "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        form_type = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        caller.headers = form_type
        done = caller.ask("/login/", urlencode(form).encode())
        session = re.search(r"sessionid=[^;]+", done.headers.get("set-cookie", ""))
        assert session is not None, done
        caller.headers = {"Cookie": session[0]}
        return caller
