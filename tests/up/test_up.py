"""Everything on one machine starts, works and stops as one."""

from __future__ import annotations

import signal

import psutil
import pytest

from jobs.server import find_server
from tests.support.polling import wait_until
from tests.support.processes import alive
from tests.up.run import Up, runs_a_job


@pytest.mark.slow
def test_one_signal_stops_everything_and_the_server_last(up: Up) -> None:
    up.start()
    runs_a_job(up)
    below = up.below()
    assert find_server(up.folder) is not None
    assert up.end(signal.SIGINT) == 0
    assert find_server(up.folder) is None
    assert alive(below) == []


@pytest.mark.slow
def test_a_killed_up_takes_its_processes_along_and_leaves_a_server_to_adopt(up: Up) -> None:
    up.start()
    runs_a_job(up)
    url, below = find_server(up.folder), [process for process in up.below() if process.name() != "valkey-server"]
    up.end(signal.SIGKILL)
    wait_until(lambda: not alive(below), 45)
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
    assert alive(below) == []


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
