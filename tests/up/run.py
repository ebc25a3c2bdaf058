"""A run of `manage.py up` as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from jobs.server.address import free_port
from tests.support.polling import wait_until

ROOT = Path(__file__).resolve().parents[2]
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Up:
    """One run of `manage.py up` on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "up.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when it has said that it runs."""
        env = {
            **os.environ,
            "QUEUEFLOW_VAR_DIR": str(self.folder),
            "QUEUEFLOW_HANDLERS": "tests.engine.handlers_for_tests",
        }
        env["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        with self.log.open("wb") as log:
            command = [sys.executable, "manage.py", "up", "--port", str(self.port)]
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
        wait_until(lambda: "Ctrl-C stops everything" in self.output, 60)

    @property
    def output(self) -> str:
        """What it has printed."""
        return self.log.read_text(errors="replace")

    def below(self) -> list[psutil.Process]:
        """Its child processes; the server is none of them once it runs in its own session."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def ask(self, path: str, body: object = None) -> Any:
        """The answer of the REST interface to the key that `up` made."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {(self.folder / 'api_key').read_text().strip()}",
                "Content-Type": "application/json",
            },
        )
        with OPENER.open(request, timeout=5) as answer:
            return json.load(answer)

    def end(self, number: signal.Signals) -> int:
        """Send it a signal and return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)


def runs_a_job(up: Up) -> None:
    job = up.ask("/jobs", {"type": "echo", "payload": {"n": 12345678901234567890123}})
    done = wait_until(lambda: (seen := up.ask(f"/jobs/{job['jobId']}"))["status"] == "completed" and seen, 20)
    assert done["result"] == {"n": 12345678901234567890123}
