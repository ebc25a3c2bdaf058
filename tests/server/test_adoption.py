"""What a killed `up` leaves behind, and what the next one makes of it. Never two servers on the same files."""

import json
import os
import shutil
import signal

import pytest
import redis

from jobs.server import EmbeddedServer, find_server
from jobs.server.files import ServerFiles
from jobs.server.locks import RecordLock
from tests.support.polling import wait_until
from tests.support.server import TestServer


def holder(var_dir):
    lock = RecordLock(ServerFiles(var_dir).data_lock)
    try:
        return lock.holder
    finally:
        lock.forget()


def kill_server(pid, var_dir):
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: holder(var_dir) is None)


def edit_record(var_dir, **changes):
    path = ServerFiles(var_dir).record
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_the_server_of_a_killed_starter_is_adopted(var_dir, starter):
    left = starter()
    first = left.hear()
    left.kill()
    assert find_server(var_dir) == first["url"]
    heir = starter()
    second = heir.hear()
    assert second == {**first, "adopted": True}
    assert heir.finish() == {"drained": True, "ended": True}
    assert holder(var_dir) is None


def test_a_server_whose_starter_died_before_it_had_answered_is_adopted(var_dir, starter):
    left = starter()
    first = left.hear()
    left.kill()
    edit_record(var_dir, pid=0, run_id="")
    assert find_server(var_dir) == first["url"]
    assert starter().hear() == {**first, "adopted": True}


def test_starts_at_the_same_time_make_one_server(var_dir, starter):
    starters = [starter() for _ in range(4)]
    heard = [one.hear() for one in starters]
    assert len({(one["url"], one["pid"], one["run_id"]) for one in heard}) == 1
    assert sorted(one["adopted"] for one in heard) == [False, True, True, True]
    assert heard[0]["pid"] == holder(var_dir)


def test_the_last_user_ends_the_server(var_dir, starter):
    first, second, killed = starter(), starter(), starter()
    url = {one.hear()["url"] for one in (first, second, killed)}.pop()
    killed.kill()
    assert first.finish()["ended"] is False
    assert find_server(var_dir) == url
    assert second.finish()["ended"] is True
    assert find_server(var_dir) is None


def test_a_killed_server_comes_back_with_its_file_at_its_address(var_dir):
    with EmbeddedServer(var_dir) as server, redis.Redis.from_url(server.url) as client:
        client.set("key", "value")
        wait_until(lambda: client.info("persistence")["aof_pending_bio_fsync"] == 0)
        url, pid = server.url, client.info("server")["process_id"]
        kill_server(pid, var_dir)
        assert not server.running
        assert find_server(var_dir) is None
        assert server.ensure()
        assert server.url == url
        assert client.get("key") == b"value"
        assert not server.ensure()


def test_a_server_that_both_died_with_its_starter_is_replaced(var_dir, starter):
    left = starter()
    first = left.hear()
    left.kill()
    kill_server(first["pid"], var_dir)
    second = starter().hear()
    assert second["adopted"] is False
    assert second["run_id"] != first["run_id"]


def test_a_server_that_does_not_answer_is_replaced_and_its_data_kept(var_dir):
    hung = EmbeddedServer(var_dir)
    with redis.Redis.from_url(hung.start()) as client:
        client.set("key", "value")
        pid = client.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    with EmbeddedServer(var_dir, silence_seconds=0.2, stop_seconds=0.2) as server:
        assert not server.adopted
        assert holder(var_dir) != pid
        with redis.Redis.from_url(server.url) as client:
            assert client.get("key") == b"value"


def test_a_server_with_a_damaged_record_is_replaced_and_its_data_kept(var_dir, starter):
    left = starter()
    first = left.hear()
    left.kill()
    with redis.Redis.from_url(first["url"]) as client:
        client.set("key", "value")
    for damaged in (
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"pid": 1}',
        "\ud800".encode("utf-16", "surrogatepass").decode("latin1"),
    ):
        ServerFiles(var_dir).record.write_text(damaged)
        assert find_server(var_dir) is None
    with EmbeddedServer(var_dir) as server, redis.Redis.from_url(server.url) as client:
        assert not server.adopted
        assert holder(var_dir) != first["pid"]
        assert client.get("key") == b"value"


def test_a_stale_record_whose_pid_belongs_to_somebody_else_harms_nobody(var_dir, starter):
    left = starter()
    first = left.hear()
    left.kill()
    kill_server(first["pid"], var_dir)
    bystander = starter()  # Any process; the record now names its pid.
    bystander.hear()
    with EmbeddedServer(var_dir.with_name("other")) as other:
        other.stop()
    record = json.loads(ServerFiles(var_dir).record.read_text())
    kill_server(record["pid"], var_dir)
    edit_record(var_dir, pid=bystander.process.pid)
    assert find_server(var_dir) is None
    with EmbeddedServer(var_dir) as server:
        assert not server.adopted
    assert bystander.process.poll() is None


def test_a_foreign_server_at_the_recorded_address_is_left_alone(var_dir, starter):
    left = starter("tcp")
    first = left.hear()
    left.kill()
    kill_server(first["pid"], var_dir)
    record = json.loads(ServerFiles(var_dir).record.read_text())
    with TestServer(password=record["password"]) as foreign:
        edit_record(var_dir, port=foreign.address.port)
        assert find_server(var_dir) is None
        with EmbeddedServer(var_dir, unix_socket=False) as server, foreign.client() as client:
            assert not server.adopted
            assert server.url != foreign.url
            assert client.ping()


def test_a_copied_checkout_neither_finds_nor_harms_the_server_of_its_original(var_dir):
    with EmbeddedServer(var_dir) as original, redis.Redis.from_url(original.url) as client:
        client.set("key", "original")
        copy = var_dir.with_name("copy")
        shutil.copytree(var_dir, copy, ignore=shutil.ignore_patterns("*.sock"))
        assert find_server(copy) is None
        with EmbeddedServer(copy) as server, redis.Redis.from_url(server.url) as copied:
            assert not server.adopted
            copied.set("key", "copy")
        assert client.get("key") == b"original"
        assert find_server(var_dir) == original.url
        with redis.Redis.from_url(original.url) as newcomer:
            assert newcomer.ping()


def test_a_folder_deleted_under_a_running_server_leaves_no_server_behind(var_dir):
    server = EmbeddedServer(var_dir)
    with redis.Redis.from_url(server.start()) as client:
        pid = client.info("server")["process_id"]
    shutil.rmtree(var_dir)
    assert not server.ensure()
    assert server.stop()
    with EmbeddedServer(var_dir) as fresh, redis.Redis.from_url(fresh.url) as client:
        assert client.info("server")["process_id"] != pid


@pytest.mark.parametrize("moment", ["folder", "config", "record", "data_lock"])
def test_a_starter_killed_in_the_middle_leaves_at_most_one_server(var_dir, starter, moment):
    interrupted = starter()
    wait_until(getattr(ServerFiles(var_dir), moment).exists)
    interrupted.kill()
    # The child it launched may not have become the server yet, and then takes the lock at any moment.
    heirs = [starter() for _ in range(2)]
    heard = [heir.hear() for heir in heirs]
    assert heard[0]["pid"] == heard[1]["pid"] == holder(var_dir)
    assert heard[0]["url"] == find_server(var_dir)
