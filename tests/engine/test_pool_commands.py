"""A pool as a command: what it refuses, when it waits, what it answers to probes, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jobs.worker.preload import try_imports
from tests.engine.pools import Pool
from tests.engine.stage import Stage, result
from tests.support.polling import wait_until


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import nothing_of_this_name", "nothing_of_this_name"),
        ("import os\nos._exit(5)", "exit code 5"),
        ("import os, signal\nimport broken_inner\n", "SIGSEGV while it imported broken_inner"),
        ("raise SystemExit(3)", "exit code 3"),
    ],
)
def test_handlers_that_cannot_be_imported_end_the_command(
    stage: Stage, tmp_path: Path, source: str, words: str
) -> None:
    (tmp_path / "broken_handlers.py").write_text(source)
    (tmp_path / "broken_inner.py").write_text("import os\nos.kill(os.getpid(), 11)\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    with stage.pool("--max", "1", PYTHONPATH=path, QUEUEFLOW_HANDLERS="broken_handlers") as pool:
        assert pool.wait() == 1
        lines = [line for line in pool.output.splitlines() if line.strip()]
        assert len(lines) == 1, pool.output
        assert words in lines[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--queues", "a:b"),
        ("--min", "3", "--max", "2"),
        ("--concurrency", "0"),
        ("--name", "a b"),
        ("--queues", "UPPER"),
    ],
)
def test_arguments_that_cannot_work_end_the_command(stage: Stage, arguments: tuple[str, ...]) -> None:
    with Pool(stage.server.url, *arguments) as pool:
        assert pool.wait() == 1
        lines = [line for line in pool.output.splitlines() if line.strip()]
        assert len(lines) == 1, pool.output
        assert "refused" in lines[0]


def test_a_pool_waits_for_a_store_that_is_not_there_yet(stage: Stage) -> None:
    from tests.support.server import TestServer

    server = TestServer()
    with Pool(server.url, "--max", "1") as pool:
        wait_until(pool.misses_the_store)
        server.start()
        try:
            pool.await_ready(1)
        finally:
            server.close()


def test_one_worker_is_a_pool_of_one(stage: Stage) -> None:
    with Pool(stage.server.url, command="worker") as pool:
        pool.await_ready(1)
        assert result(stage.run("echo", 1)) == 1
        began = time.monotonic()
        pool.signal(signal.SIGINT)
        assert pool.wait(5) == 0
        assert time.monotonic() - began < 3


def test_health_is_answered_by_the_supervisor(stage: Stage) -> None:
    import urllib.error
    import urllib.request

    from jobs.server.address import free_port

    port = free_port()

    def ask(path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    with stage.pool("--max", "1", "--health-port", str(port)) as pool:
        pool.await_ready(1)
        assert [ask(path) for path in ("/health/live", "/health/ready", "/other")] == [200, 200, 404]
        stage.run("noop")
        wait_until(lambda: metrics(port).get("queueflow_worker_executions_total") == 1)
        stage.enqueue("sleep", {"seconds": 2})
        wait_until(lambda: metrics(port).get("queueflow_worker_jobs_in_hand") == 1)  # a moment after it is claimed
        assert metrics(port) == {
            "queueflow_pool_desired_workers": 1, "queueflow_pool_workers": 1, "queueflow_pool_ready_workers": 1,
            "queueflow_pool_slots": 5, "queueflow_worker_jobs_in_hand": 1, "queueflow_worker_executions_total": 1,
            "queueflow_worker_failures_total": 0, "queueflow_worker_breaker_opened_total": 0,
            "queueflow_pool_breaker_workers": 0,
        }  # fmt: skip
        pool.signal(signal.SIGTERM)
        wait_until(lambda: ask("/health/ready") == 503)
        assert ask("/health/live") == 200
        assert pool.wait(10) == 0


def metrics(port: int) -> dict[str, float]:
    """Samples by name, of a pool with one worker."""
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics/process", timeout=5) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        families = text_string_to_metric_families(answer.read().decode())
        return {each.name: each.value for family in families for each in family.samples}


def test_sigterm_before_anything_has_started_is_a_clean_end(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "slow_handlers.py").write_text(f"import time\nopen({str(tmp_path / 'began')!r}, 'w')\ntime.sleep(60)\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    with stage.pool("--max", "1", PYTHONPATH=path, QUEUEFLOW_HANDLERS="slow_handlers") as pool:
        wait_until((tmp_path / "began").exists)
        pool.signal(signal.SIGTERM)
        assert pool.wait(20) == 0  # long before its handlers are there


def test_a_signal_that_comes_while_the_pool_forks_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    born: list[int] = []

    def forked() -> int:
        pid = fork()
        if pid:
            born.append(pid)
            # As if it came while the hooks of others run. For this thread: another one would take it.
            signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
            assert signal.sigpending() == {signal.SIGTERM}
        return pid

    fork = os.fork
    monkeypatch.setattr(os, "fork", forked)
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    try:
        with pytest.raises(SystemExit):
            try_imports(())
    finally:
        signal.signal(signal.SIGTERM, before)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()
    os.waitpid(born[0], 0)


def test_a_drain_ends_though_the_store_is_away(tmp_path: Path) -> None:
    from tests.support.server import TestServer

    with TestServer() as server:
        stage = Stage(server)
        with stage.pool("--max", "1", SHUTDOWN_GRACE_SECONDS="2") as pool:
            pool.await_ready(1)
            starts = tmp_path / "starts"
            stage.enqueue("sleep", {"seconds": 1.0, "file": str(starts)})
            wait_until(starts.exists)
            server.kill()
            pool.signal(signal.SIGTERM)
            assert pool.wait(25) == 0
            assert not pool.descendants()


def test_a_frozen_store_is_survived(tmp_path: Path) -> None:
    from tests.support.server import TestServer

    with TestServer() as server:
        stage = Stage(server)
        with stage.pool("--max", "1", LEASE_SECONDS="3", HEARTBEAT_SECONDS="1") as pool:
            pool.await_ready(1)
            starts = tmp_path / "starts"
            job_id = stage.enqueue("sleep", {"seconds": 1.0, "file": str(starts)})
            wait_until(starts.exists)
            with server.away("freeze"):
                wait_until(pool.misses_the_store, 20)
            assert result(stage.settled(job_id)) == "slept"
            stage.await_completed(stage.enqueue_many(10, "noop"))
