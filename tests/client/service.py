"""A whole service in processes of its own: store, web, workers."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from jobs.conf import Config
from tests.engine.pools import HANDLERS, ROOT, Pool
from tests.support.jobs import store_kit
from tests.support.polling import wait_until
from tests.support.server import TestServer

SCOPES = ("enqueue", "read", "operate", "payloads")


class Service:
    """Web and one worker on a server that keeps its data when it is stopped and started."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self.server = TestServer(durable=True)
        self._secret_key = secrets.token_urlsafe(50)
        self.url = ""
        self.key = ""
        self.web_pid = 0

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "QUEUEFLOW_HANDLERS": f"{HANDLERS},examples.handlers",
            "QUEUEFLOW_VAR_DIR": str(self._folder),
            "REDIS_URL": self.server.url,
            "SECRET_KEY": self._secret_key,
        }

    def new_key(self, *scopes: str) -> str:
        """A key with scopes, all that services use by default."""
        return self._manage("createapikey", "tester", "--scopes", *(scopes or SCOPES)).strip()

    def jobs_made(self) -> int:
        """How many jobs were ever made."""
        with store_kit(self.server.url, Config()) as kit:
            return kit.reader.totals().get("created", 0)

    def payload(self, job_id: str) -> bytes:
        """The payload of a job as the store keeps it."""
        with store_kit(self.server.url, Config()) as kit:
            [envelope] = kit.reader.envelopes([job_id])
        assert envelope is not None
        return envelope.payload

    def _manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        env = os.environ | self._environment
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop_web(self) -> None:
        """End the web process as an operator would, and return when it has gone."""
        os.kill(self.web_pid, signal.SIGTERM)
        self._web.wait(30.0)

    def start_web(self) -> None:
        """Start it again at the address that it had."""
        self._start_web(urlsplit(self.url).netloc)

    def _start_web(self, bind: str = "127.0.0.1:0") -> str:
        """The address of a web process that is stopped with the service."""
        log = self._folder / "web.log"
        command = [sys.executable, "manage.py", "web", "--bind", bind]
        env = os.environ | self._environment | {"PYTHONUNBUFFERED": "1"}
        with log.open("wb") as output:
            web = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True)
        self._web, self.web_pid = web, web.pid
        self._stack.callback(web.wait)
        self._stack.callback(web.kill)

        def address() -> re.Match[str] | None:
            said = log.read_text(errors="replace")
            assert web.poll() is None, said
            return re.search(r"listens on (http://\S+)", said)

        found = wait_until(address, 60.0)
        assert found is not None
        return found[1]

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._stack = stack
            stack.enter_context(self.server)
            self._manage("migrate", "--verbosity", "0")
            self.key = self.new_key()
            pool = stack.enter_context(Pool(self.server.url, "--max", "1", **self._environment))
            self.url = self._start_web()
            pool.await_ready(1, 60.0)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
