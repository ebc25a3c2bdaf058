"""What is too large is refused while it comes: memory and disk stay as they were, and the client learns why."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.web.process import Answer, Connection, WebProcess, serving

MEBIBYTE = 1024 * 1024
GIBIBYTE = 1024 * MEBIBYTE


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    """Give a server that takes bodies of at most 1 MiB; what it writes is in `spool`."""
    folder = tmp_path_factory.mktemp("spool")
    with serving(env={"TMPDIR": str(folder)}) as made:
        yield made


def post(connection: Connection, *headers: str, path: str = "/size") -> None:
    connection.send("\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *headers, "", ""]))


def refusal(answer: Answer, status: int, code: str) -> None:
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert json.loads(answer.body)["code"] == code


def test_an_announced_body_that_is_too_large_is_refused_before_it_comes(web: WebProcess) -> None:
    with web.connect() as connection:
        post(connection, f"Content-Length: {MEBIBYTE + 1}")
        refusal(connection.answer(), 413, "payload_too_large")
        assert connection.read() == b""


def test_a_client_that_asks_first_is_told_no_instead_of_continue(web: WebProcess) -> None:
    with web.connect() as connection:
        post(connection, f"Content-Length: {2 * MEBIBYTE}", "Expect: 100-continue")
        refusal(connection.answer(), 413, "payload_too_large")
    with web.connect() as connection:
        post(connection, "Content-Length: 3", "Expect: 100-continue")
        assert connection.head() == b"HTTP/1.1 100 Continue"
        connection.send("abc")
        assert connection.answer().body.startswith(b"3 ")


def test_a_chunked_body_is_counted(web: WebProcess) -> None:
    with web.connect() as connection:
        post(connection, "Transfer-Encoding: chunked")
        piece = b"10000\r\n" + bytes(65_536) + b"\r\n"
        for _ in range(16):
            connection.send(piece)
        connection.send(b"1\r\nx\r\n")
        refusal(connection.answer(), 413, "payload_too_large")
        assert connection.read() == b""


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_just_the_limit_arrives_whole(web: WebProcess, chunked: bool) -> None:
    body = bytes(range(256)) * 4096
    with web.connect() as connection:
        if chunked:
            post(connection, "Transfer-Encoding: chunked")
            for start in range(0, len(body), 10_000):
                part = body[start : start + 10_000]
                connection.send(b"%x\r\n%s\r\n" % (len(part), part))
            connection.send("0\r\n\r\n")
        else:
            post(connection, f"Content-Length: {len(body)}")
            connection.send(body)
        size, digest = connection.answer().body.decode().split()
        assert (int(size), digest) == (len(body), hashlib.sha256(body).hexdigest())
        assert connection.get("/size").status == 200


def test_who_looks_at_the_answer_only_after_sending_everything_finds_it(web: WebProcess) -> None:
    with web.connect() as connection:
        post(connection, f"Content-Length: {16 * MEBIBYTE}")
        for _ in range(16):
            connection.send(bytes(MEBIBYTE))
        refusal(connection.answer(), 413, "payload_too_large")


class Pusher(threading.Thread):
    """Sends a gibibyte without looking at the answer, as simple clients do; `sent` says how much went."""

    def __init__(self, connection: Connection, piece: bytes) -> None:
        super().__init__(daemon=True)
        self.connection = connection
        self.piece = piece
        self.sent = 0

    def run(self) -> None:
        try:
            while self.sent < GIBIBYTE:
                self.connection.send(self.piece)
                self.sent += len(self.piece)
        except OSError:
            return


@pytest.mark.parametrize("chunked", [False, True])
def test_a_gibibyte_leaves_memory_and_disk_alone(chunked: bool, tmp_path: Path) -> None:
    piece = bytes(MEBIBYTE)
    with serving(env={"TMPDIR": str(tmp_path)}) as web, web.connect() as connection:
        web.get("/size")
        before, most, spooled = web.memory, 0, 0
        if chunked:
            post(connection, "Transfer-Encoding: chunked")
            piece = b"%x\r\n%s\r\n" % (len(piece), piece)
        else:
            post(connection, f"Content-Length: {GIBIBYTE}")
        pusher = Pusher(connection, piece)
        pusher.start()
        refusal(connection.answer(), 413, "payload_too_large")
        while pusher.is_alive():
            most, spooled = max(most, web.memory - before), max(spooled, web.spooled)
            pusher.join(0.05)
        assert pusher.sent > 0
        assert most < 8 * MEBIBYTE
        assert spooled <= 2 * MEBIBYTE
        assert list(tmp_path.iterdir()) == []
        assert web.get("/size").status == 200


BadHead = Callable[[Connection], None]


def many(connection: Connection) -> None:
    connection.send("GET / HTTP/1.1\r\n" + "".join(f"X-{number}: 1\r\n" for number in range(101)) + "\r\n")


def long(connection: Connection) -> None:
    connection.send("GET / HTTP/1.1\r\n" + "".join(f"X-{n}: {'v' * 1000}\r\n" for n in range(17)) + "\r\n")


def endless(connection: Connection) -> None:
    connection.send("GET / HTTP/1.1\r\nX: " + "v" * 20_000)


def long_address(connection: Connection) -> None:
    connection.send("GET /" + "a" * 20_000)


@pytest.mark.parametrize("send", [many, long, endless, long_address])
def test_headers_that_are_too_large_are_refused(web: WebProcess, send: BadHead) -> None:
    with web.connect() as connection:
        send(connection)
        refusal(connection.answer(), 431, "headers_too_large")
        assert connection.read() == b""


@pytest.mark.parametrize(
    "text",
    [
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        "GET / HTTP/1.1\r\nX: a\x0bb\r\n\r\n",
        "GET /\xff HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(web: WebProcess, text: str) -> None:
    with web.connect() as connection:
        connection.send(text)
        refusal(connection.answer(), 400, "malformed_request")
        assert connection.read() == b""


def test_nothing_that_follows_a_refusal_is_served(web: WebProcess) -> None:
    with web.connect() as connection:
        connection.send("GET / HTTP/1.1\r\nno colon\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.read_to_end().count(b"HTTP/1.1 ") == 1


def test_clients_do_not_choose_the_prefix_of_addresses(web: WebProcess) -> None:
    with web.connect() as connection:
        answer = connection.get("/size", "Daphne-Root-Path: //evil.example", "daphne-root-path: \xff")
        assert answer.body.split(b" ")[2] == b""


def test_a_bug_is_a_problem_and_the_next_request_is_served(web: WebProcess) -> None:
    refusal(web.get("/error"), 500, "internal_error")
    assert web.get("/size").status == 200


def test_requests_that_come_together_are_answered_in_order(web: WebProcess) -> None:
    with web.connect() as connection:
        connection.send("".join(f"POST /size HTTP/1.1\r\nContent-Length: {n}\r\n\r\n{'x' * n}" for n in range(1, 6)))
        assert [connection.answer().body.split(b" ")[0] for _ in range(5)] == [b"1", b"2", b"3", b"4", b"5"]


@pytest.mark.parametrize("path", ["/large?20", "/stream?20"])
def test_large_answers_arrive_whole(web: WebProcess, path: str) -> None:
    with web.connect() as connection:
        connection.send(f"GET {path} HTTP/1.0\r\n\r\n")
        connection.head()
        assert len(connection.read_to_end()) == 20 * MEBIBYTE
