"""Connections: each has one owner, none is reused half-read, none is shared across a fork, nothing is repeated."""

from __future__ import annotations

import linecache
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

import pytest

from jobs.errors import InvalidJob, StoreError, StoreMisconfigured, StoreUnavailable
from jobs.store.channel import Channel
from jobs.store.client import Client
from tests.support.jobs import StoreKit, request
from tests.support.polling import wait_until
from tests.support.server import TestServer


class SoftInterrupt(BaseException):
    """What a supervisor throws into a job's thread."""


def interrupt_between_request_and_answer(frame: FrameType, event: str, _: Any) -> Any:
    """Trace function: raise when a channel is about to read an answer."""
    if frame.f_code not in (Channel.call.__code__, Channel.run.__code__):
        return None
    if event == "call":
        return interrupt_between_request_and_answer
    if event == "line" and "read_response" in _source_line(frame):
        sys.settrace(None)
        raise SoftInterrupt
    return interrupt_between_request_and_answer


def _source_line(frame: FrameType) -> str:
    return linecache.getline(frame.f_code.co_filename, frame.f_lineno)


def test_an_interrupted_call_never_hands_its_answer_to_the_next(kit: StoreKit) -> None:
    kit.client.call("SET", "mine", "1")
    tracer = sys.gettrace()
    sys.settrace(interrupt_between_request_and_answer)
    try:
        with pytest.raises(SoftInterrupt):
            kit.client.call("GET", "mine")
    finally:
        sys.settrace(tracer)
    assert kit.client.call("ECHO", "yours") == b"yours"


def test_a_refusal_keeps_the_connection(kit: StoreKit) -> None:
    before = kit.client.call("CLIENT", "ID")
    with pytest.raises(StoreError, match="wrong number of arguments") as caught:
        kit.client.call("GET")
    assert not caught.value.transient
    assert kit.client.call("CLIENT", "ID") == before


def test_a_refusal_in_a_pipeline_is_raised_after_every_answer_was_read(kit: StoreKit) -> None:
    with pytest.raises(StoreError):
        kit.client.pipeline([("SET", "a", 1), ("GET",), ("SET", "b", 2)])
    assert kit.client.pipeline([("GET", "a"), ("GET", "b")]) == [b"1", b"2"]


def test_a_server_that_does_not_answer_costs_the_timeout_and_no_more(redis_server: TestServer) -> None:
    client = Client(redis_server.url, timeout=0.2)
    assert client.call("PING") in (b"PONG", "PONG")
    with redis_server.away("freeze"):
        started = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            client.call("PING")
        assert caught.value.kind == "timeout"
        assert time.monotonic() - started < 1.0
    assert client.call("ECHO", "again") == b"again"
    client.close()


def test_a_connection_that_was_closed_while_it_rested_fails_nobody(
    redis_server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.store.channel.STALE_AFTER", 0.0)
    client = Client(redis_server.url)
    mine = client.call("CLIENT", "ID")
    assert client.call("CLIENT", "ID") == mine  # one that is fine is kept
    with redis_server.client() as other:
        other.client_kill_filter(_id=str(mine))
    assert client.call("ECHO", "fine") == b"fine"
    assert client.call("CLIENT", "ID") != mine
    client.close()


def test_nobody_listening_is_unavailable_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        Client("redis://127.0.0.1:1/0", timeout=0.5).call("PING")
    assert caught.value.kind == "connection"
    assert time.monotonic() - started < 1.0


def test_no_free_file_descriptor_is_told_from_a_store_that_is_away(redis_server: TestServer) -> None:
    """In a process of its own, which may open no more files than it has."""
    code = f"""
import resource
import tests.settings
from jobs.errors import StoreUnavailable
from jobs.store.client import Client
client = Client({redis_server.url!r})
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
try:
    client.call("PING")
except StoreUnavailable as error:
    print(error.kind)
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True, timeout=30) == "too_many_files\n"


def test_an_address_that_is_none_is_a_configuration_error() -> None:
    with pytest.raises(StoreMisconfigured, match="REDIS_URL"):
        Client("ftp://example.com")


def test_a_pool_that_is_busy_refuses_after_its_timeout(redis_server: TestServer) -> None:
    client = Client(redis_server.url, timeout=0.1, most=1)
    channel = client._take()
    with pytest.raises(StoreUnavailable) as caught:
        client.call("PING")
    assert caught.value.kind == "pool"
    client._give(channel)
    assert client.call("ECHO", "free again") == b"free again"
    client.close()


def test_a_forked_child_makes_connections_of_its_own(kit: StoreKit) -> None:
    parents = kit.client.call("CLIENT", "ID")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, str(kit.client.call("CLIENT", "ID")).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    childs = int(os.read(reader, 100))
    os.close(reader)
    assert childs != parents
    assert kit.client.call("CLIENT", "ID") == parents


def test_a_channel_that_was_interrupted_by_another_thread_fails_and_works_again(kit: StoreKit) -> None:
    channel = kit.client.channel()
    failures: list[StoreError] = []

    def wait() -> None:
        try:
            channel.block(30, "BLPOP", "nothing", 30)
        except StoreError as error:
            failures.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    wait_until(lambda: kit.client.call("CLIENT", "LIST", "TYPE", "normal").count(b"cmd=blpop"))
    channel.interrupt()
    thread.join(5)
    assert not thread.is_alive()
    assert [failure.kind for failure in failures] == ["connection"]
    assert channel.call("ECHO", "again") == b"again"
    channel.close()


def test_channels_may_come_and_go_for_ever(kit: StoreKit) -> None:
    for _ in range(300):
        channel = kit.client.channel()
        assert channel.call("ECHO", "here") == b"here"
        channel.close()


def test_scripts_in_one_go_answer_each_for_itself(kit: StoreKit) -> None:
    ids = [kit.enqueue(), kit.enqueue()]
    keys = kit.keys
    totals_keys = (*keys.core, *[keys.scheduled] * 6, keys.dlq_groups)
    calls = [("audit_totals", totals_keys, (0,)), ("desire", ("pools",), ("p", 2))]
    totals, desired = kit.client.run_all(calls)
    assert totals[4][:2] == [len(ids), 2]
    assert desired == 1


def test_nothing_is_repeated_behind_the_callers_back(redis_server: TestServer, kit: StoreKit) -> None:
    client = Client(redis_server.url, timeout=0.2)
    client.call("PING")
    with redis_server.away("freeze"), pytest.raises(StoreUnavailable):
        client.call("INCR", "once")
    wait_until(lambda: kit.client.call("GET", "once"))
    assert kit.client.call("GET", "once") == b"1"
    client.close()


def test_bulk_limits_are_refused_before_anything_is_sent(kit: StoreKit) -> None:
    with pytest.raises(InvalidJob, match="250"):
        kit.producer.enqueue([request() for _ in range(251)])
    with pytest.raises(InvalidJob, match="bytes"):
        kit.producer.enqueue([request(payload=b'"' + b"x" * 700_000 + b'"') for _ in range(3)])
    assert kit.producer.enqueue([]) == []
    assert kit.client.call("DBSIZE") == 0
    kit.producer.enqueue([request(payload=b'"' + b"x" * (3 << 20) + b'"')])
    kit.producer.enqueue([request() for _ in range(250)])
    assert kit.reader.totals()["created"] == 251


def test_many_threads_share_few_connections(redis_server: TestServer) -> None:
    client = Client(redis_server.url, timeout=5, most=3)
    before = int(client.call("CLIENT", "LIST").count(b"\n"))
    with ThreadPoolExecutor(20) as threads:
        echoes = list(threads.map(lambda n: client.call("ECHO", str(n)), range(2000)))
    assert echoes == [str(n).encode() for n in range(2000)]
    assert int(client.call("CLIENT", "LIST").count(b"\n")) <= before + 2
    client.close()


def test_what_cannot_be_written_down_is_a_bug_and_sends_nothing(kit: StoreKit) -> None:
    with pytest.raises(StoreError) as caught:
        kit.client.call("ECHO", object())  # type: ignore[arg-type]
    assert caught.value.kind == "bug"
    assert kit.client.call("ECHO", "still in step") == b"still in step"
