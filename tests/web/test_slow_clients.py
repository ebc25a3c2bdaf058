"""Clients that take their time, on purpose or not, lose their connection; the others are served meanwhile."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from tests.support.polling import wait_until
from tests.web.process import Connection, WebProcess, serving

BOUNDS = (
    "header_seconds=1", "body_seconds=3", "body_window_seconds=1", "body_rate=1000", "keep_alive_seconds=2",
    "stall_seconds=1", "linger_seconds=0.5", "application_seconds=1",
)  # fmt: skip


@pytest.fixture(scope="module")
def web() -> Iterator[WebProcess]:
    """Give a server that has little patience."""
    with serving(*BOUNDS) as made:
        yield made


def drip(connection: Connection, make: Callable[[int], str], seconds: float) -> bytes:
    """Send a little ten times a second until the server says something or closes; what it says."""
    connection.socket.settimeout(0.1)
    deadline, number = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        number += 1
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.send(make(number))
        try:
            return connection.read()
        except TimeoutError:
            continue
    raise AssertionError(f"still open after {seconds} s")


def test_headers_that_never_end_are_refused(web: WebProcess) -> None:
    with web.connect() as connection:
        connection.send("GET / HTTP/1.1\r\n")
        said = drip(connection, lambda number: f"X-{number}: 1\r\n", 10)
        assert said.startswith(b"HTTP/1.1 408 ")
        assert json.loads(said.partition(b"\r\n\r\n")[2])["code"] == "request_timeout"


@pytest.mark.parametrize("length", ["Content-Length: 100000", "Transfer-Encoding: chunked"])
def test_a_body_that_only_drips_is_refused(web: WebProcess, length: str) -> None:
    with web.connect() as connection:
        connection.send(f"POST /size HTTP/1.1\r\n{length}\r\n\r\n")
        said = drip(connection, lambda _: "1\r\nx\r\n", 10)
        assert said.startswith(b"HTTP/1.1 408 ")


def test_a_steady_body_is_refused_when_it_takes_too_long_as_a_whole(web: WebProcess) -> None:
    with web.connect() as connection:
        connection.send("POST /size HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n")
        started = time.monotonic()
        said = drip(connection, lambda _: "x" * 1000, 15)
        assert said.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - started > 2.5


def test_a_connection_without_a_request_is_closed(web: WebProcess) -> None:
    with web.connect() as connection:
        assert connection.read() == b""


def test_a_silent_connection_is_closed_between_requests_and_a_used_one_is_not(web: WebProcess) -> None:
    with web.connect() as silent, web.connect() as used:
        assert silent.get("/size").status == 200
        since = time.monotonic()
        asked = 0
        silent.socket.settimeout(0.2)
        while True:
            assert used.get("/size").status == 200
            asked += 1
            try:
                assert silent.read() == b""
                break
            except TimeoutError:
                assert time.monotonic() - since < 10
        assert time.monotonic() - since > 1.5
        assert asked > 5
        assert used.get("/size").status == 200


def test_others_are_served_while_hundreds_dawdle(web: WebProcess) -> None:
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(web.connect()) for _ in range(300)]
        for connection in slow:
            connection.send("GET / HTTP/1.1\r\nX-Slow: ")
        assert [web.get("/size").status for _ in range(20)] == [200] * 20
        assert all(connection.read_to_end().startswith(b"HTTP/1.1 408 ") for connection in slow)


def made(web: WebProcess) -> int:
    return sum(line.startswith("made ") and line != "made enough" for line in list(web.lines))


def test_what_a_client_does_not_read_is_not_made(web: WebProcess) -> None:
    before = made(web)
    with web.connect() as connection:
        connection.send("GET /stream?500 HTTP/1.1\r\n\r\n")
        wait_until(lambda: made(web) > before)
        memory = web.memory
        wait_until(lambda: web.get("/size").status == 200 and is_cut(connection), 20)
        wait_until(lambda: "made enough" in web.lines)
        assert made(web) - before < 50, "as much as the system holds for a connection"
        assert web.memory - memory < 20 * 1024 * 1024


def is_cut(connection: Connection) -> bool:
    """True when the server has given the connection up; without reading from it."""
    events = select.poll()
    events.register(connection.socket, select.POLLHUP | select.POLLERR | select.POLLRDHUP)
    return bool(events.poll(100)) or connection.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


def test_who_reads_slowly_but_steadily_gets_everything(web: WebProcess) -> None:
    with web.connect() as connection:
        connection.send("GET /large?6 HTTP/1.0\r\n\r\n")
        connection.head()
        started = time.monotonic()
        size = len(connection.arrived())
        while part := connection.read():
            size += len(part)
            due = started + size / (2 * 1024 * 1024)
            wait_until(lambda due=due: time.monotonic() > due, 5)  # type: ignore[misc]
        assert size == 6 * 1024 * 1024
        assert time.monotonic() - started > 2.5, "longer than the bounds for a client that stands still"


def test_an_application_that_says_nothing_is_given_up(web: WebProcess) -> None:
    answer = web.get("/silence")
    assert answer.status == 503
    assert json.loads(answer.body)["code"] == "unavailable"


def test_half_an_answer_does_not_look_like_a_whole_one(web: WebProcess) -> None:
    with web.connect() as connection:
        connection.send("GET /half HTTP/1.1\r\n\r\n")
        said = connection.read_to_end()
        assert b"half" in said
        assert not said.endswith(b"0\r\n\r\n")
