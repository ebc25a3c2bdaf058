"""Servers that take their time, or send more than anybody wants: each costs a bounded time and a bounded memory."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest

import queueflow_client
from queueflow_client import Client, NoAnswer
from tests.client.certificate import write_certificate
from tests.client.hostile_peer import Answer, HostilePeer, raw
from tests.client.refusals import job, refusal
from tests.client.slow_reader import SlowReader

OK = b"HTTP/1.1 200 OK\r\n"
MEBIBYTE = 1024 * 1024
TAKES_ALL = """
import resource, sys
from queueflow_client import ApiError, Client
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    Client(sys.argv[1], "secret").job("x")
except ApiError as error:
    print(error.code, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def slowly(head: bytes, piece: bytes) -> Iterator[bytes]:
    """A piece every tenth of a second: never silent for as long as a client would wait for a byte."""
    yield head
    for each in repeat(piece):
        time.sleep(0.1)  # job body
        yield each


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (OK + b"Content-Length: 100000\r\n\r\n", b" "),
        (OK + b"\r\n", b" "),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n"),
        (OK, b"x"),
        (b"", b"H"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["length", "until closed", "chunks", "trailers", "header", "status", "continue"],
)
def test_an_answer_that_never_ends_is_given_up_in_time(head: bytes, piece: bytes) -> None:
    with HostilePeer(lambda: slowly(head, piece)) as peer:
        client = Client(peer.url, "secret", timeout=0.5)
        began = time.monotonic()
        with pytest.raises(NoAnswer, match="TimeoutError"):
            client.job("x")
        assert time.monotonic() - began < 5
        assert peer.requests == 1


def test_a_wait_for_an_answer_that_never_ends_ends_in_time() -> None:
    with HostilePeer(lambda: slowly(OK + b"\r\n", b" ")) as peer:
        began = time.monotonic()
        with pytest.raises(TimeoutError, match="not seen to end"):
            Client(peer.url, "secret").wait("x", timeout=0.5)
        assert time.monotonic() - began < 5


def test_continues_without_a_pause_are_given_up_in_time() -> None:
    with HostilePeer(lambda: repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)) as peer:
        began = time.monotonic()
        with pytest.raises(NoAnswer):
            Client(peer.url, "secret", timeout=0.5).job("x")
        assert time.monotonic() - began < 5


def test_a_server_that_takes_a_request_by_the_byte_is_given_up_in_time(tmp_path: Path) -> None:
    certificate = tmp_path / "localhost.pem"
    write_certificate(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with SlowReader(context) as slow:
        began = time.monotonic()
        with pytest.raises(NoAnswer, match="TimeoutError"):
            Client(slow.url, "secret", timeout=0.5, context=trusting).enqueue("a", "x" * 15 * MEBIBYTE)
        assert time.monotonic() - began < 5


def endless(head: bytes, piece: bytes) -> Answer:
    return lambda: chain([head], repeat(piece))


@pytest.mark.parametrize(
    "answer",
    [
        raw(b" " * 2000),
        lambda: [OK + b"Content-Length: 99999999999999999\r\n\r\n"],
        endless(OK + b"\r\n", b" " * 8192),
        endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"2000\r\n" + b" " * 8192 + b"\r\n"),
        endless(OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", b" " * 8192),
        endless(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n" * 1000),
    ],
    ids=["length", "boast", "until closed", "chunks", "negative chunk", "trailers"],
)
def test_an_answer_that_is_too_large_is_refused(answer: Answer) -> None:
    error = refusal(answer, job, max_answer=1999)
    assert (error.status, error.code, error.detail) == (200, "bad_answer", "the answer has more than 1,999 bytes")


def test_an_answer_of_the_largest_size_is_taken() -> None:
    content = json.dumps({"jobId": "x", "status": "active"}).encode().ljust(2000)
    with HostilePeer(raw(content)) as peer:
        client = Client(peer.url, "secret", max_answer=2000)
        assert [client.job("x")["jobId"] for _ in range(2)] == ["x", "x"]
        client.close()


def test_an_endless_answer_costs_little_memory() -> None:
    with HostilePeer(endless(OK + b"\r\n", b" " * MEBIBYTE)) as peer:
        command = [sys.executable, "-c", TAKES_ALL, peer.url]
        folder = Path(queueflow_client.__file__).parents[1]
        code, mebibytes = subprocess.check_output(command, text=True, cwd=folder).split()
        assert peer.sent < 80 * MEBIBYTE
    assert code == "bad_answer"
    assert int(mebibytes) < 150


def test_an_answer_that_is_cut_short_is_no_answer() -> None:
    def cut() -> Iterable[bytes]:
        yield OK + b'Content-Length: 1000\r\n\r\n{"jobId": "x", "status": "active"}'
        raise OSError

    with HostilePeer(cut) as peer, pytest.raises(NoAnswer, match="IncompleteRead"):
        Client(peer.url, "secret", timeout=0.2).job("x")


@pytest.mark.parametrize("size", [b"-5", b"zz", b"-1", b""])
def test_a_chunk_of_no_size_is_no_answer(size: bytes) -> None:
    def chunk() -> Iterable[bytes]:
        yield OK + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\n{}\r\n"
        raise OSError

    with HostilePeer(chunk) as peer, pytest.raises(NoAnswer):
        Client(peer.url, "secret", timeout=0.2).job("x")


def test_an_endless_pause_is_not_begun() -> None:
    head = b"HTTP/1.1 429 X\r\nRetry-After: " + b"9" * 5000 + b"\r\nContent-Length: 2\r\n\r\n{}"
    assert refusal(lambda: [head], job, timeout=5).status == 429
