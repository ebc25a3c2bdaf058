"""What the benchmark starts: workers that leave nothing behind, a server that can be emptied, records that add up."""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

import pytest

from benchmarks import proc
from benchmarks.errors import BenchmarkError
from benchmarks.record_file import RecordFile
from benchmarks.server import Server
from benchmarks.work import RECORDS_VARIABLE, payload, run
from benchmarks.workers import Workers
from jobs.server import find_server_binary

DEADLINE_SECONDS = 20.0
# A leader that ignores SIGTERM, with a child in a session of its own; both say who they are.
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if not os.fork() and sys.platform == "linux":
    os.setsid()
with open(sys.argv[1], "a") as out:
    out.write(f"{os.getpid()}\\n")
time.sleep(600)  # job body
"""


def until(condition):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        os.sched_yield()


def refusal(workers: Workers) -> str:
    try:
        workers.check()
    except BenchmarkError as error:
        return str(error)
    return ""


def test_stopped_workers_leave_no_process_behind(tmp_path: Path):
    pids = tmp_path / "pids"
    pids.touch()
    command = [sys.executable, "-c", STUBBORN, str(pids)]
    with Workers([command, command], os.environ, tmp_path, tmp_path / "log") as workers:
        until(lambda: len(pids.read_text().split()) == 4)
        workers.check()
        held = workers.memory()
        assert held.processes == (4 if proc.PROC.exists() else 0)
        assert held.rss >= held.pss >= held.processes
    known = set(map(int, pids.read_text().split()))
    assert not known & proc.family(known)


def test_a_worker_that_ended_is_reported_with_what_it_wrote(tmp_path: Path):
    command = [sys.executable, "-c", "import sys; sys.exit('no such broker')"]
    with Workers([command], os.environ, tmp_path, tmp_path / "log") as workers:
        until(lambda: "no such broker" in refusal(workers))


def test_a_job_leaves_one_record_with_its_wait(tmp_path: Path, monkeypatch):
    records = RecordFile(tmp_path / "records")
    monkeypatch.setenv(RECORDS_VARIABLE, str(records.path))
    run(payload())
    run(payload())
    assert records.count() == 2
    assert all(0 <= wait < 60_000 for wait in records.milliseconds())
    records.clear()
    run(payload())
    assert records.count() == 1


def test_a_new_server_takes_the_place_of_one_that_was_used_and_keeps_nothing_on_disk(tmp_path: Path):
    with Server(find_server_binary(), tmp_path) as server:
        empty, process = server.steady_memory(), server._process
        server._client.set("key", "x" * 1_000_000)
        assert server.steady_memory() - empty > 1_000_000
        address = server.url
        server.renew()
        assert (server._client.dbsize(), server.url) == (0, address)
        assert process is not None
        assert process.poll() is not None
        assert abs(server.steady_memory() - empty) < 100_000
        assert server.cpu_seconds() > 0
        assert server.describe()["name"] in {"valkey", "redis"}
    assert {path.name for path in tmp_path.iterdir()} == {"server.log"}


def test_memory_is_read_when_it_has_come_to_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    readings = iter([5_000_000, 9_000_000, 2_000_000])
    monkeypatch.setattr("benchmarks.server.STEADY_SECONDS", 0.05)
    with Server(find_server_binary(), tmp_path) as server:
        monkeypatch.setattr(server, "_used_memory", lambda: next(readings, 1_000_000))
        assert server.steady_memory() == 1_000_000


def test_memory_that_does_not_come_to_rest_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    readings = itertools.count(0, 1_000_000)
    monkeypatch.setattr("benchmarks.server.STEADY_DEADLINE_SECONDS", 0.3)
    with Server(find_server_binary(), tmp_path) as server:
        monkeypatch.setattr(server, "_used_memory", lambda: next(readings))
        with pytest.raises(BenchmarkError, match="did not come to rest"):
            server.steady_memory()
