"""Unix socket where it can be, else a loopback port that asks for a password."""

import os
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from jobs.server import EmbeddedServer, find_server
from jobs.server.address import Address, choose_port, choose_socket, free_port
from tests.support.polling import wait_until
from tests.support.server import TestServer


def socket_path(url):
    return Path(unquote(urlsplit(url).path))


def test_a_long_path_gets_its_socket_in_a_short_private_folder_that_goes_with_it(var_dir):
    long = var_dir / ("long" * 25)
    with EmbeddedServer(long) as server:
        path = socket_path(server.url)
        assert long not in path.parents
        assert len(os.fsencode(path)) <= 100
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert find_server(long) == server.url
    assert not path.parent.exists()


def test_a_killed_server_with_a_long_path_comes_back_at_its_address(var_dir):
    long = var_dir / ("long" * 25)
    with EmbeddedServer(long) as server, redis.Redis.from_url(server.url) as client:
        url, pid = server.url, client.info("server")["process_id"]
        os.kill(pid, 9)
        wait_until(lambda: not server.running)
        assert server.ensure()
        assert server.url == url
        assert client.ping()


def test_a_path_of_101_bytes_is_too_long_and_one_of_100_is_not(var_dir):
    for length in (100, 101):
        home = var_dir / ("x" * (length - len(os.fsencode(var_dir)) - len("//valkey.sock")))
        home.mkdir(parents=True)
        address = choose_socket(home, None)
        assert address is not None
        assert address.socket_path is not None
        assert (Path(address.socket_path).parent == home) is (length == 100)
        address.discard(home)


def test_a_port_refuses_who_does_not_know_the_password(var_dir):
    with EmbeddedServer(var_dir, unix_socket=False) as server:
        parts = urlsplit(server.url)
        assert parts.hostname == "127.0.0.1"
        assert parts.port is not None
        assert parts.password is not None
        assert len(parts.password) >= 32
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()
        for wrong in (None, "wrong"):
            client = redis.Redis(port=parts.port, password=wrong, retry=Retry(NoBackoff(), 0))
            with client, pytest.raises(redis.AuthenticationError):
                client.ping()


def test_a_killed_server_on_a_port_comes_back_at_its_address(var_dir):
    with EmbeddedServer(var_dir, unix_socket=False) as server, redis.Redis.from_url(server.url) as client:
        url = server.url
        os.kill(client.info("server")["process_id"], 9)
        wait_until(lambda: not server.running)
        assert server.ensure()
        assert server.url == url
        assert client.ping()


def test_a_port_that_somebody_has_taken_is_left_to_him(monkeypatch, var_dir):
    with TestServer() as other:
        # As if it had been free a moment ago, when it was looked for.
        taken = [Address(port=other.address.port, password="secret"), choose_port(None)]
        monkeypatch.setattr("jobs.server.embedded.choose_port", lambda previous: taken.pop(0))
        with EmbeddedServer(var_dir, unix_socket=False) as server, redis.Redis.from_url(server.url) as client:
            assert client.ping()
        assert not taken


def test_a_taken_port_is_not_chosen():
    with TestServer() as other:
        port = other.address.port
        assert port is not None
        assert free_port(port) != port
        assert choose_port(Address(port=port, password="secret")).port != port


def test_where_no_socket_can_be_bound_a_port_serves(var_dir, monkeypatch):
    monkeypatch.setattr("jobs.server.address._can_bind", lambda path: False)
    with EmbeddedServer(var_dir) as server:
        assert server.url.startswith("redis://:")


def test_a_password_is_not_shown_where_an_address_is_logged():
    assert "secret" not in repr(Address(port=1, password="secret"))
