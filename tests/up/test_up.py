"""Everything on one machine starts, works and stops as one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from jobs.server import find_server
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


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """Give a run that has not been started; nothing of it is left afterwards."""
    run = Up(tmp_path)
    yield run
    assert run.process is not None
    left = [] if run.process.poll() is not None else [*run.below(), psutil.Process(run.process.pid)]
    record = tmp_path / "server.json"
    if record.exists():
        left.append(psutil.Process(json.loads(record.read_text())["pid"]))
    for process in left:
        process.kill()


def runs_a_job(up: Up) -> None:
    job = up.ask("/jobs", {"type": "echo", "payload": {"n": 12345678901234567890123}})
    done = wait_until(lambda: (seen := up.ask(f"/jobs/{job['jobId']}"))["status"] == "completed" and seen, 20)
    assert done["result"] == {"n": 12345678901234567890123}


@pytest.mark.slow
def test_one_signal_stops_everything_and_the_server_last(up: Up) -> None:
    up.start()
    runs_a_job(up)
    below = up.below()
    assert find_server(up.folder) is not None
    assert up.end(signal.SIGINT) == 0
    assert find_server(up.folder) is None
    assert [process for process in below if process.is_running()] == []


@pytest.mark.slow
def test_a_killed_up_takes_its_processes_along_and_leaves_a_server_to_adopt(up: Up) -> None:
    up.start()
    runs_a_job(up)
    url, below = find_server(up.folder), [process for process in up.below() if process.name() != "valkey-server"]
    up.end(signal.SIGKILL)
    wait_until(lambda: not any(process.is_running() for process in below), 45)
    assert find_server(up.folder) == url
    up.start()
    assert "adopted the server" in up.output
    assert up.ask("/stats")["completed"] == 1
    assert up.end(signal.SIGTERM) == 0
    assert find_server(up.folder) is None


@pytest.mark.slow
def test_the_end_of_the_terminal_stops_everything(up: Up) -> None:
    up.start()
    below = up.below()
    assert up.end(signal.SIGHUP) == 0
    assert find_server(up.folder) is None
    assert [process for process in below if process.is_running()] == []


@pytest.mark.slow
def test_a_second_signal_ends_everything_at_once(up: Up) -> None:
    up.start()
    job = up.ask("/jobs", {"type": "sleep", "payload": {"seconds": 600}, "options": {"timeout": 600_000}})
    wait_until(lambda: up.ask(f"/jobs/{job['jobId']}")["status"] == "active")
    below, process = up.below(), up.process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: "stopping" in up.output)
    assert up.end(signal.SIGTERM) == 0
    _, left = psutil.wait_procs(below, 2.0)
    assert left == []
