"""The demonstration, as `manage.py up --demo` starts it, in a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final, Self

ROOT: Final = Path(__file__).resolve().parents[2]
START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 60.0
SETTINGS: Final = {
    "ENVIRONMENT_NAME": "staging",
    "ENVIRONMENT_COLOR": "amber",
    "LATENCY_GOAL": "10000",
    "MIN_WORKERS": "3",
    "WORKER_CONCURRENCY": "4",
}


class Demo:
    """Runs from `with` to its end. `url`, `key` and `password` (of admin) are known inside.

    Everything it writes is under `folder`; what it says goes to `folder`/up.log.
    """

    url = key = password = ""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        port = _free_port()
        self._start("up", "2026.11.1", "up", "--demo", "--port", str(port))
        try:
            self.url = f"http://127.0.0.1:{port}"
            self._await_key()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def deploy(self, release: str, name: str, queues: str) -> None:
        """Start another pool, of another release, as a deployment would."""
        self._start(name, release, "workerpool", "--name", name, "--queues", queues, "--min", "1")

    def _start(self, name: str, release: str, *command: str) -> None:
        taken = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL")}
        env = {**taken, **SETTINGS, "QUEUEFLOW_VAR_DIR": str(self._folder), "RELEASE": release}
        env["QUEUEFLOW_HANDLERS"] = "examples.handlers"
        with (self._folder / f"{name}.log").open("wb") as log:
            program = [sys.executable, "manage.py", *command]
            self._programs.append(
                subprocess.Popen(program, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
            )

    def _await_key(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while "Enqueue one more" not in self._said("up"):
            if time.monotonic() > deadline or self._programs[0].poll() is not None:
                raise SystemExit(f"the demonstration does not start:\n{self._said('up')[-2000:]}")
            time.sleep(0.2)
        self.key = (self._folder / "api_key").read_text().strip()
        self.password = (self._folder / "admin_password").read_text().strip()

    def _said(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(errors="replace")

    def _stop(self) -> None:
        """End pools of later releases first: the server goes with `up`."""
        for program in reversed(self._programs):
            program.send_signal(signal.SIGTERM)
            try:
                program.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(program.pid, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
