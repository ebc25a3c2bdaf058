"""Deduplication, idempotency and repeated requests: a job is made once."""

from __future__ import annotations

from typing import cast

import msgspec
import pytest

from jobs import QueueManager
from jobs.errors import (
    DuplicateJob,
    InvalidJob,
    StoreUnavailable,
    TooManyQueues,
)
from jobs.requests import JobSpec
from jobs.states import State
from jobs.store import producer
from jobs.store.client import Client
from jobs.store.producer import IdempotencyKeyReused, Marker
from jobs.store.store import Store
from jobs.types import Enqueued
from tests.support.breaking import Losing
from tests.support.jobs import completed


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
    assert again == Enqueued(
        first.id, State.ACTIVE, first.created_ms, created=False, duplicate_of=first.id, record=kit.record(first.id)
    )


def test_a_key_is_free_again_when_its_job_has_completed(kit, manager):
    manager.enqueue("echo", deduplication_key="one")
    worker = kit.worker()
    [claim] = kit.claim(worker)
    worker.complete([completed(claim)])
    assert manager.enqueue("echo", deduplication_key="one").created


def test_a_repeated_job_id_makes_nothing_and_returns_the_job_that_is_there(kit, manager):
    first = manager.enqueue("echo", 1, job_id="mine", delay=60)
    again = manager.enqueue("echo", 2, job_id="mine")
    assert again == msgspec.structs.replace(first, created=False, record=kit.record("mine"), request=None)
    assert kit.envelope("mine").payload == b"1"


def test_a_repeated_job_id_is_answered_though_its_handler_takes_other_payloads_by_now(kit, manager):
    kit.enqueue("mine", type="order", payload=b'{"number":"seven"}')
    again = manager.enqueue("order", {"number": "seven"}, job_id="mine")
    assert again == Enqueued("mine", State.PENDING, again.created_ms, created=False, record=kit.record("mine"))
    for options in ({"job_id": "mine", "max_retries": -1}, {"job_id": "new"}, {}):
        with pytest.raises(InvalidJob):
            manager.enqueue("order", {"number": "seven"}, **options)


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
