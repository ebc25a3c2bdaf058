"""The installation that documented commands and programs meet: store, web, one worker, and a folder of programs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from queueflow_client import Client
from tests.client.service import Service
from tests.docs import shell
from tests.docs.commands import client
from tests.engine.pools import ROOT
from tests.support.polling import wait_until

WRITTEN_ADDRESS = "http://127.0.0.1:8000"
WRITTEN_WORKER = "vm-7565-74d003"
# What docs/cli.md tells of: cards that were declined.
_DECLINED = [(name, "insufficient funds") for name in ("00416f1add1b66c9e9970f", "card-3", "00da20fd0af577ffd38ee6")]
_EXPIRED = [("card-1", "card expired"), ("card-2", "card expired")]


class Documented(Service):
    """A service whose workers load the handlers of the examples and those that the documentation shows."""

    @property
    def _environment(self) -> dict[str, str]:
        return super()._environment | {"QUEUEFLOW_HANDLERS": "examples.handlers,tests.docs.handlers"}

    def prepare(self) -> None:
        """Have programs found, and jobs as the pages tell of them."""
        self.programs = self._folder / "bin"
        self.programs.mkdir()
        self._serve_commands()
        self.stand_ins = self._folder / "stand-ins"
        self.stand_ins.mkdir()
        for name in ("curl", "jq", "redis-cli"):
            self._program(self.stand_ins / name, f"tests.docs.{name.replace('-', '_')}")
        self.client = Client(self.url, self.key)
        self._stack.callback(self.client.close)
        self._enqueue_what_pages_show()

    def environment(self) -> dict[str, str]:
        """What documented commands and programs have in their environment."""
        folders = (self.programs, Path(sys.executable).parent, os.environ["PATH"], self.stand_ins)
        path = os.pathsep.join(map(str, folders))
        known = {"PATH": path, "QUEUEFLOW_URL": self.url, "QUEUEFLOW_KEY": self.key, "PYTHONPATH": str(ROOT)}
        return (
            os.environ | self._environment | known | {"NO_COLOR": "1", "DJANGO_SETTINGS_MODULE": "tests.docs.settings"}
        )

    def as_here(self, text: str) -> str:
        """A documented text with the addresses and names of this installation."""
        return text.replace(WRITTEN_ADDRESS, self.url).replace(WRITTEN_WORKER, self._worker_id())

    def _worker_id(self) -> str:
        return str(self.client_call("workers")["items"][0]["id"])

    def client_call(self, path: str) -> Any:
        """What GET below /api answers."""
        import httpx

        answer = httpx.get(f"{self.url}/api/{path}", headers={"Authorization": f"Bearer {self.key}"})
        answer.raise_for_status()
        return answer.json()

    def _serve_commands(self) -> None:
        path = self._folder / "commands.sock"
        command = [sys.executable, "-m", "tests.docs.commands", str(path)]
        environment: Mapping[str, str] = os.environ | self._environment
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
        self._stack.callback(server.wait)
        self._stack.callback(server.kill)
        program = self.programs / "manage.py"
        program.write_text(client(path))
        program.chmod(0o755)
        wait_until(path.exists, 30.0)

    def _program(self, program: Path, module: str) -> None:
        program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m {module} "$@"\n')
        program.chmod(0o755)

    def _enqueue_what_pages_show(self) -> None:
        for number, (job_id, reason) in enumerate([*_DECLINED, *_EXPIRED]):
            payload = {"orderId": f"1795804721867-{number}", "cardLastFour": "4259", "amount": 3500, "reason": reason}
            self.client.enqueue("charge-card", payload, job_id=job_id, max_retries=0)
        email = {"to": "ada@example.com", "subject": "Hello", "body": "Later."}
        self.client.enqueue("send-email", email, delay=3600)
        shell.run("manage.py queues pause newsletter", self.environment())
        for _ in range(12):
            self.client.enqueue("send-email", email, queue="newsletter")
        deadline = time.monotonic() + 30
        while self.client.job("card-2")["status"] != "dead":
            assert time.monotonic() < deadline
