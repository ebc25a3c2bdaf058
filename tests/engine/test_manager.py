"""Enqueueing on a real server: one job, the same job twice, a job that another one stands for."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
import pytest

from jobs import QueueManager
from jobs.backoff import Backoff
from jobs.conf import Config
from jobs.errors import (
    DuplicateJob,
    InvalidJob,
    PayloadTooLarge,
    StoreUnavailable,
    TooManyQueues,
    UnknownJobType,
)
from jobs.events import Event, announcer
from jobs.handlers import Registry, handler
from jobs.middleware import Chain, Middleware
from jobs.requests import JobSpec
from jobs.states import State
from jobs.store import producer, store
from jobs.store.client import Client
from jobs.store.producer import IdempotencyKeyReused, Marker
from jobs.store.registry import WorkerInfo
from jobs.store.store import Store
from jobs.types import Enqueued, Priority
from tests.support.breaking import Losing
from tests.support.jobs import StoreKit, completed, store_kit
from tests.support.server import TestServer


class Order(msgspec.Struct):
    number: int


@pytest.fixture
def known() -> Registry:
    registry = Registry()

    @handler("echo", registry=registry)
    def echo(payload: Any) -> None: ...

    @handler("order", queue="orders", priority="high", max_retries=1, timeout=5, backoff={"base": 2}, registry=registry)
    def order(payload: Order) -> None: ...

    return registry


@pytest.fixture
def kit(store_url: str, config: Config) -> Iterator[StoreKit]:
    with store_kit(store_url, config) as made:
        yield made


@pytest.fixture
def manager(kit: StoreKit, known: Registry) -> QueueManager:
    return QueueManager(kit.store, registry=known)


def envelope_of(kit: StoreKit, job_id: str) -> Any:
    [found] = kit.reader.envelopes([job_id])
    assert found is not None
    return found


def test_a_job_is_pending_with_its_payload_and_its_handlers_settings(kit, manager):
    made = manager.enqueue("order", {"number": 5})
    assert (made.state, made.created, made.duplicate_of) == (State.PENDING, True, "")
    assert abs(made.created_ms - kit.reader.now_ms()) < 10_000
    record, envelope = kit.record(made.id), envelope_of(kit, made.id)
    assert (record.type, record.queue, record.priority, record.max_retries) == ("order", "orders", Priority.HIGH, 1)
    assert (envelope.payload, envelope.timeout_ms, envelope.backoff) == (b'{"number":5}', 5000, Backoff(base=2))


@pytest.mark.parametrize(
    "text", ["130775545883395173", "12345678901234567890123", "1.0", "[]", "{}", '"007"', r'"\u0000"', ' { "a":1 } ']
)
def test_json_arrives_byte_for_byte(kit, manager, text):
    made = manager.enqueue("echo", msgspec.Raw(text.encode()))
    assert envelope_of(kit, made.id).payload == text.encode()


def test_a_delayed_job_is_scheduled_for_its_time(kit, manager):
    made = manager.enqueue("echo", delay=timedelta(minutes=1))
    assert (made.state, made.due_ms) == (State.SCHEDULED, made.created_ms + 60_000)
    moment = datetime.now(UTC) + timedelta(days=1)
    timed = manager.enqueue("echo", run_at=moment)
    assert (timed.state, timed.due_ms) == (State.SCHEDULED, int(moment.timestamp() * 1000))
    kit.advance(60_000)
    assert kit.promote() == [made.id]


def test_a_time_in_the_past_runs_at_once(manager):
    assert manager.enqueue("echo", run_at=datetime(2000, 1, 1, tzinfo=UTC)).state is State.PENDING


def test_the_year_9999_can_be_waited_for(manager):
    made = manager.enqueue("echo", run_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert made.state is State.SCHEDULED


def test_a_refused_job_leaves_nothing_in_the_store(kit, manager):
    for payload, options in (({"number": "x"}, {}), ({"number": 1}, {"max_retries": -1})):
        with pytest.raises(InvalidJob):
            manager.enqueue("order", payload, **options)
    with pytest.raises(PayloadTooLarge):
        manager.enqueue("echo", "x" * kit.store.config.max_payload_bytes)
    assert kit.client.call("DBSIZE") == 0


def worker_that_knows(*types: str) -> WorkerInfo:
    return WorkerInfo(
        id="w", incarnation="0" * 16, pool="p", host="h", pid=1, queues=("default",), types=types, concurrency=1
    )


def test_a_type_that_nobody_knows_is_refused(manager):
    with pytest.raises(UnknownJobType, match="'nobodys'"):
        manager.enqueue("nobodys")


def test_a_type_that_a_live_worker_announces_is_taken(kit, manager):
    kit.store.registry.heartbeat(worker_that_knows("elsewhere"))
    assert manager.enqueue("elsewhere").created
    with pytest.raises(UnknownJobType):
        manager.enqueue("nobodys")


def test_a_type_of_a_worker_that_went_silent_is_refused(kit, manager):
    kit.store.registry.heartbeat(worker_that_knows("elsewhere"))
    kit.advance(int(kit.store.config.heartbeat_seconds * 3000) + 1)
    with pytest.raises(UnknownJobType):
        manager.enqueue("elsewhere")


def test_unknown_types_are_taken_where_the_configuration_says_so(store_url, config):
    with store_kit(store_url, replace(config, accept_unknown_types=True)) as kit:
        assert QueueManager(kit.store, registry=Registry()).enqueue("nobodys").created


def test_a_duplicate_is_refused_with_the_id_of_the_first(manager):
    first = manager.enqueue("echo", deduplication_key="one")
    with pytest.raises(DuplicateJob) as caught:
        manager.enqueue("echo", deduplication_key="one")
    assert (caught.value.job_id, caught.value.key) == (first.id, "one")
    assert manager.enqueue("echo", deduplication_key="other").created


def test_a_duplicate_may_be_answered_with_the_first_job_as_it_is_now(kit, manager):
    first = manager.enqueue("echo", deduplication_key="one")
    kit.claim(kit.worker())
    again = manager.enqueue("echo", deduplication_key="one", on_duplicate="return")
    assert again == Enqueued(first.id, State.ACTIVE, first.created_ms, created=False, duplicate_of=first.id)


def test_a_key_is_free_again_when_its_job_has_completed(kit, manager):
    manager.enqueue("echo", deduplication_key="one")
    worker = kit.worker()
    [claim] = kit.claim(worker)
    worker.complete([completed(claim)])
    assert manager.enqueue("echo", deduplication_key="one").created


def test_a_repeated_job_id_makes_nothing_and_returns_the_job_that_is_there(kit, manager):
    first = manager.enqueue("echo", 1, job_id="mine", delay=60)
    again = manager.enqueue("echo", 2, job_id="mine")
    assert again == replace_created(first)
    assert envelope_of(kit, "mine").payload == b"1"


def replace_created(made: Enqueued) -> Enqueued:
    return msgspec.structs.replace(made, created=False)


def test_a_lost_reply_can_be_repeated_with_a_job_id(kit, known):
    client = Losing(kit.client)
    manager = QueueManager(Store(cast(Client, client), kit.store.config), registry=known)
    manager.enqueue("echo")  # the first of a queue goes the long way
    client.lose("enqueue_one")
    with pytest.raises(StoreUnavailable):
        manager.enqueue("echo", job_id="mine")
    assert not manager.enqueue("echo", job_id="mine").created


def test_a_marker_gives_the_first_answer_again_and_refuses_another_body(manager):
    def submit(body):
        return manager.submit(JobSpec("echo", 1, job_id="derived"), Marker("key", body, 60))

    first = submit("body")
    assert submit("body") == first
    with pytest.raises(IdempotencyKeyReused):
        submit("other body")


def test_one_queue_too_many_is_refused(manager, monkeypatch):
    monkeypatch.setattr(producer, "MAX_QUEUES", 2)
    manager.enqueue("echo", queue="a")
    manager.enqueue("echo", queue="b")
    with pytest.raises(TooManyQueues):
        manager.enqueue("echo", queue="c")
    assert manager.enqueue("echo", queue="a").created


def test_middleware_sees_the_request_and_the_answer_but_no_refusal(kit, known):
    seen: list[Any] = []

    class Watcher(Middleware):
        def before_enqueue(self, request):
            seen.append(request.id)
            traced = msgspec.structs.replace(request.envelope, trace={"span": "1"})
            return msgspec.structs.replace(request, envelope=traced)

        def after_enqueue(self, request, enqueued):
            seen.append(enqueued)

    manager = QueueManager(kit.store, registry=known, chain=Chain([Watcher()]))
    made = manager.enqueue("echo", deduplication_key="one")
    assert seen == [made.id, made]
    assert envelope_of(kit, made.id).trace == {"span": "1"}
    with pytest.raises(DuplicateJob):
        manager.enqueue("echo", deduplication_key="one")
    with pytest.raises(InvalidJob):
        manager.enqueue("echo", delay=-1)
    assert len(seen) == 3


def test_an_enqueue_is_announced_once_and_a_repeat_is_not(manager):
    heard: list[Event] = []
    leave = announcer.subscribe(heard.append)
    try:
        made = manager.enqueue("echo", queue="q", job_id="mine")
        manager.enqueue("echo", job_id="mine")
    finally:
        leave()
    assert [(event.name, event.job_id, event.type, event.queue) for event in heard] == [
        ("enqueued", made.id, "echo", "q")
    ]


def test_a_coroutine_enqueues_in_a_thread(kit, manager, monkeypatch):
    threads: list[threading.Thread] = []
    enqueue = manager.enqueue

    def noted(*arguments, **options):
        threads.append(threading.current_thread())
        return enqueue(*arguments, **options)

    monkeypatch.setattr(manager, "enqueue", noted)
    made = asyncio.run(manager.aenqueue("echo", 5, tags=["a"]))
    assert envelope_of(kit, made.id).tags == ("a",)
    assert threads[0] is not threading.main_thread()


def test_an_option_that_does_not_exist_is_a_type_error(manager):
    with pytest.raises(TypeError, match="retries"):
        manager.enqueue("echo", retries=3)


def test_without_a_store_the_one_of_the_process_is_used(kit, known, configure, monkeypatch):
    configure(kit.store.config)
    monkeypatch.setattr(store, "_process_store", (os.getpid(), kit.store))
    made = QueueManager(registry=known).enqueue("echo")
    assert kit.state(made.id) is State.PENDING


def test_a_store_that_is_away_is_said_so(known, config):
    with TestServer() as server:
        away = Store.open(replace(config, redis_url=server.url), timeout=0.5)
        manager = QueueManager(away, registry=known)
        assert manager.enqueue("echo").created
        server.kill()
        with pytest.raises(StoreUnavailable) as caught:
            manager.enqueue("echo")
        assert caught.value.retry_after > 0
        with pytest.raises(StoreUnavailable):
            manager.enqueue("unknown-here")
        with pytest.raises(InvalidJob):
            manager.enqueue("echo", delay=-1)
        server.start()
        assert manager.enqueue("echo").created
        away.close()
