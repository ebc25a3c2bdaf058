"""Requests as the RFCs allow them and few clients send them: absolute targets, half-closed connections."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from tests.web.process import Connection, WebProcess, serving

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def web() -> Iterator[WebProcess]:
    """Give a process that waits for a head much longer than a test."""
    with serving("header_seconds=60", "keep_alive_seconds=60", "linger_seconds=20") as started:
        yield started


def asked(web: WebProcess, target: str, *headers: str) -> str:
    with web.connect() as connection:
        connection.send("\r\n".join([f"GET {target} HTTP/1.1", "Host: elsewhere.example", *headers, "", ""]))
        answer = connection.answer()
        assert answer.status == 200, answer.body
        return answer.body.decode()


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        ("/target?a=1", "elsewhere.example|/target|a=1"),
        ("http://queue.example/target", "queue.example|/target|"),
        ("http://queue.example:8000/target?a=http://b/", "queue.example:8000|/target|a=http://b/"),
        ("HTTPS://queue.example/target?", "queue.example|/target|"),
        ("http://[::1]:80/target", "[::1]:80|/target|"),
        ("/target?to=http://queue.example/", "elsewhere.example|/target|to=http://queue.example/"),
    ],
)
def test_the_host_of_an_absolute_target_counts(web: WebProcess, target: str, seen: str) -> None:
    assert asked(web, target) == seen


def test_it_counts_alone_however_many_the_headers_name(web: WebProcess) -> None:
    assert asked(web, "http://queue.example/target", "Host: another.example") == "queue.example|/target|"


def test_an_absolute_target_may_have_no_path(web: WebProcess) -> None:
    assert asked(web, "http://queue.example").startswith("0 e3b0c44298fc1c14"), "that of /, without a body"
    assert asked(web, "http://queue.example?a=1").startswith("0 e3b0c44298fc1c14")


@pytest.mark.parametrize(
    "target", ["http:///target", "http://", "http://a@b/target", "http://a:b/target", "http:target"]
)
def test_an_absolute_target_that_cannot_be_read_is_refused(web: WebProcess, target: str) -> None:
    with web.connect() as connection:
        connection.send(f"GET {target} HTTP/1.1\r\nHost: queue.example\r\n\r\n")
        answer = connection.answer()
        assert (answer.status, json.loads(answer.body)["code"]) == (400, "malformed_request")
        assert connection.read() == b""


def test_a_live_connection_may_be_asked_for_so(web: WebProcess) -> None:
    with web.connect() as connection:
        connection.upgrade(f"http://127.0.0.1:{web.port}/ws")
        connection.send_frame(1, b"hello")
        assert connection.frame() == (1, b"hello")


def finish(connection: Connection) -> None:
    """Say that nothing more will be sent."""
    connection.socket.shutdown(socket.SHUT_WR)


def test_who_has_said_all_gets_the_answer(web: WebProcess) -> None:
    with web.connect() as connection:
        connection.send("GET /slow?0.5 HTTP/1.1\r\n\r\n")
        finish(connection)
        assert connection.answer().body == b"slow but sure"
        assert connection.read() == b""


def test_so_does_who_has_sent_a_body(web: WebProcess) -> None:
    with web.connect() as connection:
        connection.send("POST /size HTTP/1.1\r\nContent-Length: 6\r\n\r\nabcdef")
        finish(connection)
        assert connection.answer().body.startswith(b"6 ")
        assert connection.read() == b""


def test_so_does_who_has_asked_for_more_than_one_thing(web: WebProcess) -> None:
    with web.connect() as connection:
        connection.send("GET /slow?0.3 HTTP/1.1\r\n\r\nGET /target?2 HTTP/1.1\r\n\r\nGET /targ")
        finish(connection)
        assert connection.answer().body == b"slow but sure"
        assert connection.answer().body == b"|/target|2"
        assert connection.read() == b"", "what never becomes a request is given up"


def test_a_long_answer_comes_whole(web: WebProcess) -> None:
    with web.connect() as connection:
        connection.send("GET /large?20 HTTP/1.1\r\n\r\n")
        finish(connection)
        assert len(connection.answer().body) == 20 * MEBIBYTE


@pytest.mark.parametrize(
    "sent", ["", "GET /si", "GET /size HTTP/1.1\r\nX: ", "POST /size HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"]
)
def test_what_never_becomes_a_request_is_given_up_at_once(web: WebProcess, sent: str) -> None:
    with web.connect() as connection:
        connection.send(sent)
        finish(connection)
        assert connection.read() == b""


def test_a_used_connection_ends_with_its_client(web: WebProcess) -> None:
    with web.connect() as connection:
        assert connection.get("/size").status == 200
        finish(connection)
        assert connection.read() == b""


def test_a_refusal_reaches_who_has_said_all(web: WebProcess) -> None:
    with web.connect() as connection:
        connection.send(f"POST /size HTTP/1.1\r\nContent-Length: {2 * MEBIBYTE}\r\n\r\nabc")
        finish(connection)
        assert connection.answer().status == 413
        assert connection.read() == b""


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (200, "OK"),
        (413, "Content Too Large"),
        (422, "Unprocessable Content"),
        (429, "Too Many Requests"),
        (503, "Service Unavailable"),
        (599, "Unknown Status"),  # no HTTP has it
    ],
)
def test_a_status_line_has_the_words_of_its_code(web: WebProcess, status: int, words: str) -> None:
    with web.connect() as connection:
        connection.send(f"GET /status?{status} HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n")
        answer = connection.answer()
        assert (answer.status, answer.words) == (status, words)
