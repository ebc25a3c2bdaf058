"""Middleware, events, threads, and the store of the process."""

from __future__ import annotations

import asyncio
import os
import threading
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from jobs import QueueManager
from jobs.errors import (
    DuplicateJob,
    InvalidJob,
    StoreUnavailable,
)
from jobs.events import Event, announcer
from jobs.handlers import Registry
from jobs.middleware import Chain, Middleware
from jobs.requests import JobSpec
from jobs.states import State
from jobs.store import store
from jobs.store.registry import WorkerInfo
from jobs.store.store import Store
from tests.support.server import TestServer


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
    assert kit.envelope(made.id).trace == {"span": "1"}
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
    assert kit.envelope(made.id).tags == ("a",)
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
        with server.away("kill"):
            with pytest.raises(StoreUnavailable) as caught:
                manager.enqueue("echo")
            assert caught.value.retry_after > 0
            with pytest.raises(StoreUnavailable):
                manager.enqueue("unknown-here")
            with pytest.raises(InvalidJob):
                manager.enqueue("echo", delay=-1)
        assert manager.enqueue("echo").created
        away.close()


def test_types_that_only_workers_know_are_asked_for_once_a_bulk_enqueue(kit, monkeypatch):
    info = WorkerInfo(
        id="w", incarnation="0" * 16, pool="p", host="h", pid=1, queues=("default",), types=("theirs",), concurrency=1
    )
    kit.store.registry.heartbeat(info)
    asked: list[bool] = []
    known_types = kit.store.registry.known_types

    def noted():
        asked.append(True)
        return known_types()

    monkeypatch.setattr(kit.store.registry, "known_types", noted)
    manager = QueueManager(kit.store, registry=Registry())
    for _ in range(2):
        result = manager.enqueue_many([JobSpec("theirs") for _ in range(30)], batch_jobs=10)
        assert (len(result.accepted), result.refused, len(asked)) == (30, [], 1)
        asked.clear()
    mixed = manager.enqueue_many([JobSpec("theirs"), JobSpec("unheard-of"), JobSpec("theirs")])
    assert [refusal.index for refusal in mixed.refused] == [1]
    manager.enqueue("theirs")
    manager.enqueue("theirs")
    assert len(asked) == 4  # by itself each asks
