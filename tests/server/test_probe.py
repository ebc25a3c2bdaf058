"""The few commands spoken by hand, to good servers and to what is none."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jobs.server import ServerNotAnswering, probe
from jobs.server.address import Address
from tests.support.server import TestServer


@contextmanager
def something_that_says(reply: bytes) -> Iterator[Address]:
    """Listen on a port and answer one connection with ``reply``, whatever it asks."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(reply)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield Address(port=listener.getsockname()[1])
        thread.join()


@pytest.mark.parametrize("options", [{}, {"unix_socket": True}, {"password": "p ä%:@/"}])
def test_a_server_says_who_it_is(options):
    with TestServer(**options) as server, server.client() as client:
        info = probe.ask(server.address)
        assert info.process_id == server.pid
        assert info.run_id == client.info("server")["run_id"]
        assert not info.loading
        assert info.version is not None
        assert info.version.refusal() is None


def test_a_wrong_password_is_no_answer():
    with TestServer(password="right") as server:
        for password in (None, "wrong"):
            with pytest.raises(ServerNotAnswering, match=r"the server answers (NOAUTH|WRONGPASS)"):
                probe.ask(Address(port=server.address.port, password=password))


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"$-1\r\n",
        b"$99999999999\r\n",
        b"$x\r\n",
        b"$10\r\nshort",
        b"$2\r\nhi\r\n",
        b":1\r\n",
        b"-ERR no\r\n",
        b"\xff\xfe\r\n",
        b"x" * 200_000,
    ],
)
def test_what_is_no_server_is_no_answer(reply):
    with something_that_says(reply) as address, pytest.raises(ServerNotAnswering):
        probe.ask(address)


def test_a_frozen_server_is_no_answer_in_time():
    with TestServer() as server:
        with server.away("freeze"), pytest.raises(ServerNotAnswering, match="timed out"):
            probe.ping(server.address, seconds=0.05)
        probe.ping(server.address, seconds=10)


def test_nobody_at_the_address_is_no_answer(tmp_path):
    with pytest.raises(ServerNotAnswering):
        probe.ask(Address(socket_path=str(tmp_path / "missing")))


def test_a_server_can_be_asked_to_end():
    with TestServer() as server:
        probe.shutdown(server.address, seconds=10)
        with pytest.raises(ServerNotAnswering):
            probe.ping(server.address)
