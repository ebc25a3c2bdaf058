"""The end of the web process: told first, nothing lost, and on time."""

from __future__ import annotations

import contextlib
import signal
import time

import pytest

from tests.support.polling import wait_until
from tests.web.process import serving

MEBIBYTE = 1024 * 1024


def test_an_idle_process_ends_at_once() -> None:
    with serving("grace=60") as web:
        assert web.get("/size").status == 200
        started = time.monotonic()
        web.signal()
        assert web.exit_code() == 0
        assert time.monotonic() - started < 10


def test_readiness_says_no_before_the_address_is_closed() -> None:
    with serving("grace=8") as web:
        assert web.get("/ready").status == 200
        web.signal()
        wait_until(lambda: web.get("/ready").status == 503)
        last = web.get("/size")
        assert (last.status, last.headers["connection"]) == (200, "close")
        wait_until(web.refuses)
        assert web.exit_code() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_in_flight_is_finished(number: signal.Signals) -> None:
    with serving("grace=30") as web, web.connect() as connection:
        connection.send("GET /slow?1.5 HTTP/1.1\r\n\r\n")
        web.await_line("started")
        web.signal(number)
        wait_until(web.refuses)
        answer = connection.answer()
        assert (answer.body, answer.headers["connection"]) == (b"slow but sure", "close")
        assert connection.read() == b""
        assert web.exit_code() == 0


def test_a_request_that_is_still_arriving_is_finished() -> None:
    with serving("grace=30") as web, web.connect() as connection:
        connection.send("POST /size HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc")
        assert web.get("/size").status == 200
        web.signal()
        wait_until(web.refuses)
        connection.send("def")
        assert connection.answer().body.startswith(b"6 ")
        assert web.exit_code() == 0


def test_a_connection_between_two_requests_is_closed() -> None:
    with serving("grace=30") as web, web.connect() as connection:
        assert connection.get("/size").status == 200
        web.signal()
        assert connection.read() == b""
        assert web.exit_code() == 0


def test_half_a_head_is_not_waited_for() -> None:
    with serving("grace=60", "header_seconds=60") as web, contextlib.ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(web.connect()).send("GET /si")
        wait_until(lambda: web.get("/size").status == 200)
        started = time.monotonic()
        web.signal()
        assert web.exit_code(30) == 0
        assert time.monotonic() - started < 15


def test_an_answer_that_is_read_slowly_is_sent_to_its_end() -> None:
    with serving("grace=30") as web, web.connect() as connection:
        connection.send("GET /large?30 HTTP/1.1\r\n\r\n")
        connection.head()
        web.signal()
        wait_until(web.refuses)
        assert len(connection.read_to_end()) == 30 * MEBIBYTE
        assert web.exit_code() == 0


def test_a_live_connection_is_told_that_the_server_goes_away() -> None:
    with serving("grace=30") as web, web.connect() as connection:
        connection.upgrade()
        connection.send_frame(1, b"hello")
        assert connection.frame() == (1, b"hello")
        web.signal()
        opcode, payload = connection.frame()
        assert (opcode, int.from_bytes(payload[:2], "big")) == (8, 1001)
        connection.send_frame(8, payload[:2])
        assert web.exit_code() == 0
        assert "closed 1001" in web.lines


def test_a_live_connection_that_does_not_answer_delays_nothing() -> None:
    with serving("grace=60") as web, web.connect() as connection:
        connection.upgrade()
        started = time.monotonic()
        web.signal()
        assert web.exit_code() == 0
        assert time.monotonic() - started < 20


def test_a_live_connection_ends_with_a_message_that_is_too_long() -> None:
    with serving() as web, web.connect() as connection:
        connection.upgrade()
        connection.send_frame(1, b"x" * 5000)
        opcode, payload = connection.frame()
        assert (opcode, int.from_bytes(payload[:2], "big")) == (8, 1009)


@pytest.mark.parametrize("path", ["/slow?60", "/stubborn", "/blocked"])
def test_the_deadline_holds_whatever_runs(path: str) -> None:
    with serving("grace=2") as web, web.connect() as connection:
        connection.send(f"GET {path} HTTP/1.1\r\n\r\n")
        web.await_line("started")
        started = time.monotonic()
        web.signal()
        assert web.exit_code() == 0
        assert 1 < time.monotonic() - started < 8


@pytest.mark.parametrize("path", ["/slow?60", "/stubborn", "/blocked"])
def test_a_second_signal_ends_it_at_once(path: str) -> None:
    with serving("grace=600") as web, web.connect() as connection:
        connection.send(f"GET {path} HTTP/1.1\r\n\r\n")
        web.await_line("started")
        started = time.monotonic()
        web.signal()
        # Two that arrive before the first is looked at are one, so it is sent until there has been a second.
        wait_until(lambda: web.is_over or web.signal(), seconds=20, interval=2)
        assert web.exit_code() == 0
        assert time.monotonic() - started < 10


def test_without_any_grace_it_ends_at_once() -> None:
    with serving("grace=0") as web, web.connect() as connection:
        connection.send("GET /slow?60 HTTP/1.1\r\n\r\n")
        web.await_line("started")
        web.signal()
        assert web.exit_code() == 0
