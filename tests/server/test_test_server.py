"""The test kit's own server does what its users rely on."""

import pytest
import redis

from jobs.server.address import Address
from tests.support.server import ServerEnded, TestServer


@pytest.mark.parametrize("unix_socket", [False, True])
def test_a_durable_server_keeps_its_data_and_address_over_a_stop_and_start(unix_socket):
    with TestServer(durable=True, unix_socket=unix_socket) as server, server.client() as client:
        url = server.url
        client.set("key", "value")
        server.stop()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        server.start()
        assert server.url == url
        assert client.get("key") == b"value"


def test_a_server_in_memory_forgets(request):
    with TestServer() as server, server.client() as client:
        client.set("key", "value")
        pid = server.pid
        server.restart()
        assert server.pid != pid
        assert client.get("key") is None


def test_settings_count_at_the_next_start():
    with TestServer(settings={"maxmemory": "16mb"}) as server, server.client() as client:
        server.settings["maxmemory"] = "8mb"
        server.restart()
        assert client.config_get("maxmemory")["maxmemory"] == str(8 * 1024 * 1024)


def test_a_server_that_cannot_start_says_why():
    server = TestServer(settings={"dir": "/nonexistent"})
    with pytest.raises(ServerEnded, match="No such file"):
        server.start()
    server.close()


def test_a_port_taken_in_between_is_replaced():
    with TestServer() as first:
        second = TestServer()
        second.address = Address(port=first.address.port)
        with second:
            assert second.address.port != first.address.port
        assert not second.folder.exists()


def test_each_test_finds_an_empty_server(store_url):
    with redis.Redis.from_url(store_url) as client:
        assert client.dbsize() == 0
        client.set("key", "value")


def test_also_the_next_one(store_url):
    with redis.Redis.from_url(store_url) as client:
        assert client.dbsize() == 0
