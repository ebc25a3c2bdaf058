"""A job is checked, settled by its handler and its options, and in the store, or refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from jobs import QueueManager
from jobs.backoff import Backoff
from jobs.errors import (
    InvalidJob,
    PayloadTooLarge,
    UnknownJobType,
)
from jobs.handlers import Registry
from jobs.states import State
from jobs.store.registry import WorkerInfo
from jobs.types import Priority
from tests.support.jobs import store_kit


def test_a_job_is_pending_with_its_payload_and_its_handlers_settings(kit, manager):
    made = manager.enqueue("order", {"number": 5})
    assert (made.state, made.created, made.duplicate_of) == (State.PENDING, True, "")
    assert abs(made.created_ms - kit.reader.now_ms()) < 10_000
    record, envelope = kit.record(made.id), kit.envelope(made.id)
    assert (record.type, record.queue, record.priority, record.max_retries) == ("order", "orders", Priority.HIGH, 1)
    assert (envelope.payload, envelope.timeout_ms, envelope.backoff) == (b'{"number":5}', 5000, Backoff(base=2))


@pytest.mark.parametrize(
    "text", ["130775545883395173", "12345678901234567890123", "1.0", "[]", "{}", '"007"', r'"\u0000"', ' { "a":1 } ']
)
def test_json_arrives_byte_for_byte(kit, manager, text):
    made = manager.enqueue("echo", msgspec.Raw(text.encode()))
    assert kit.envelope(made.id).payload == text.encode()


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
