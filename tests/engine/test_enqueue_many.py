"""Many jobs at once: each is taken or refused by itself, in batches that the store can take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from msgspec.structs import replace as changed

from jobs import QueueManager
from jobs.conf import Config
from jobs.errors import StoreUnavailable
from jobs.handlers import Registry, handler
from jobs.refusals import Refusal
from jobs.requests import JobSpec
from jobs.states import State
from jobs.store import producer
from jobs.store.client import Client
from jobs.store.producer import IdempotencyKeyReused, Marker
from jobs.store.store import Store
from tests.support.breaking import Losing
from tests.support.jobs import StoreKit, store_kit

KNOWN = Registry()
AWAY = "The store cannot answer now (connection)."


@handler("echo", registry=KNOWN)
def echo(payload: Any) -> None: ...


@handler("number", registry=KNOWN)
def number(payload: int) -> None: ...


@pytest.fixture
def kit(store_url: str, config: Config) -> Iterator[StoreKit]:
    with store_kit(store_url, config) as made:
        yield made


@pytest.fixture
def manager(kit: StoreKit) -> QueueManager:
    return QueueManager(kit.store, registry=KNOWN)


class Counting:
    """A client that counts the jobs of each batch, and answers no more once `answers` are used up."""

    def __init__(self, inner: Client, answers: int = 1_000_000) -> None:
        self._inner = inner
        self.answers = answers
        self.batches: list[int] = []

    def run(self, name: str, keys: Any, args: Any = (), *more: Any) -> Any:
        if not name.startswith("enqueue"):
            return self._inner.run(name, keys, args, *more)
        if not self.answers:
            raise StoreUnavailable("it is away")
        reply = self._inner.run(name, keys, args, *more)
        if reply:  # else the short way did nothing, and the long one follows
            self.answers -= 1
            self.batches.append(1 if name == "enqueue_one" else len(args) - 7)
        return reply

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def counting(kit: StoreKit, answers: int = 1_000_000) -> tuple[Counting, QueueManager]:
    client = Counting(kit.client, answers)
    return client, QueueManager(Store(cast(Client, client), kit.store.config), registry=KNOWN)


def echoes(count: int, **options: Any) -> list[JobSpec]:
    return [JobSpec("echo", each, **options) for each in range(count)]


def test_all_are_made_in_their_order(kit, manager):
    result = manager.enqueue_many(echoes(1000))
    assert [index for index, _ in result.accepted] == list(range(1000))
    assert result.refused == []
    worker = kit.worker()
    claimed = [claim.id for _ in range(4) for claim in kit.claim(worker, 250)]
    assert claimed == [made.id for _, made in result.accepted]


def test_nothing_is_asked_of_the_store_for_nothing(kit):
    client, manager = counting(kit)
    assert manager.enqueue_many([]).accepted == []
    assert manager.enqueue_many([JobSpec("number", "x")]).accepted == []
    assert client.batches == []


def test_batches_have_as_many_jobs_as_the_caller_wants(kit):
    client, manager = counting(kit)
    manager.enqueue_many(iter(echoes(520)))
    manager.enqueue_many(echoes(201), batch_jobs=100)
    assert client.batches == [250, 250, 20, 100, 100, 1]


def test_batches_have_at_most_two_mebibytes(kit):
    client, manager = counting(kit)
    big = ["x" * 700_000, "x" * 700_000, "x" * 700_000, "x" * 1_000_000, 1]
    tags = ["é" * 64 for _ in range(10)]
    result = manager.enqueue_many([JobSpec("echo", payload, tags=tags) for payload in big])
    assert [index for index, _ in result.accepted] == [0, 1, 2, 3, 4]
    assert client.batches == [2, 3]


def test_a_payload_of_more_than_a_batch_goes_alone(store_url, config):
    with store_kit(store_url, replace(config, max_payload_bytes=4 << 20)) as kit:
        client, manager = counting(kit)
        result = manager.enqueue_many([JobSpec("echo", payload) for payload in (1, "x" * (3 << 20), 2)])
        assert len(result.accepted) == 3
        assert client.batches == [1, 1, 1]


def test_each_wrong_job_is_refused_by_itself_with_code_and_field(manager):
    first = manager.enqueue("echo", deduplication_key="taken")
    result = manager.enqueue_many(
        [
            JobSpec("echo"),
            JobSpec("number", "x"),
            JobSpec("nobodys"),
            JobSpec("echo", max_retries=-1),
            JobSpec("echo", deduplication_key="taken"),
            JobSpec("echo", "x" * manager.config.max_payload_bytes),
            JobSpec("echo", 5),
        ]
    )
    assert [index for index, _ in result.accepted] == [0, 6]
    assert [(refusal.index, refusal.code, refusal.field, refusal.job_id) for refusal in result.refused] == [
        (1, "invalid", "payload", ""),
        (2, "unknown_job_type", "type", ""),
        (3, "invalid", "options.maxRetries", ""),
        (4, "duplicate_job", "", first.id),
        (5, "payload_too_large", "payload", ""),
    ]
    assert all(refusal.detail for refusal in result.refused)


def test_duplicates_within_a_batch_meet_the_first_of_them(manager):
    result = manager.enqueue_many(
        [
            JobSpec("echo", 0, deduplication_key="k"),
            JobSpec("echo", 1, deduplication_key="k"),
            JobSpec("echo", 2, deduplication_key="k", on_duplicate="return"),
        ]
    )
    (_, first), (index, returned) = result.accepted
    assert index == 2
    assert (returned.id, returned.state, returned.created) == (first.id, State.PENDING, False)
    assert [(refusal.index, refusal.job_id) for refusal in result.refused] == [(1, first.id)]


def test_a_repeated_id_within_a_batch_is_one_job(kit, manager):
    result = manager.enqueue_many([JobSpec("echo", 1, job_id="mine"), JobSpec("echo", 2, job_id="mine")])
    assert [made.created for _, made in result.accepted] == [True, False]
    assert kit.client.call("HLEN", kit.keys.metadata) == 1


def test_only_those_that_name_one_queue_too_many_are_refused(manager, monkeypatch):
    monkeypatch.setattr(producer, "MAX_QUEUES", 2)
    names = ("a", "b", "c", "a", "d")
    result = manager.enqueue_many([JobSpec("echo", queue=name) for name in names])
    assert [index for index, _ in result.accepted] == [0, 1, 3]
    assert [(refusal.index, refusal.code) for refusal in result.refused] == [(2, "invalid"), (4, "invalid")]


def test_a_store_that_is_lost_midway_refuses_the_rest(kit):
    _, manager = counting(kit, answers=1)
    result = manager.enqueue_many([JobSpec("number", "x"), *echoes(250)], batch_jobs=100)
    assert [index for index, _ in result.accepted] == list(range(1, 101))
    assert result.refused[0].code == "invalid"
    refused = [changed(each, job_id="") for each in result.refused[1:]]
    assert refused == [Refusal(index, "store_unavailable", AWAY) for index in range(101, 251)]
    assert [each.index for each in result.refused if each.job_id] == list(range(101, 201))  # those that were sent


def test_a_store_that_is_away_from_the_start_is_an_error(kit):
    _, manager = counting(kit, answers=0)
    with pytest.raises(StoreUnavailable):
        manager.enqueue_many(echoes(5))


def marked(manager: QueueManager, body: str, specs: list[JobSpec]) -> Any:
    return manager.enqueue_many(specs, Marker("key", body, 60, keep_refusals=True), batch_jobs=2)


def derived(*payloads: Any, job_type: str = "echo") -> list[JobSpec]:
    return [JobSpec(job_type, payload, job_id=f"derived-{index}") for index, payload in enumerate(payloads)]


def test_a_marker_gives_the_first_answers_again(kit, manager):
    first = marked(manager, "body", derived(*range(5)))
    assert marked(manager, "body", derived(*range(5))) == first
    assert kit.client.call("HLEN", kit.keys.metadata) == 5
    with pytest.raises(IdempotencyKeyReused):
        marked(manager, "other", derived(*range(5)))


def test_a_repeat_of_which_a_job_would_be_refused_by_now_meets_the_same_jobs(kit, manager):
    specs = [*derived(1, 2), JobSpec("number", 3, job_id="derived-2")]
    first = marked(manager, "body", specs)
    forgetful = Registry()
    handler("echo", registry=forgetful)(echo)
    again = marked(QueueManager(kit.store, registry=forgetful), "body", specs)
    assert [(index, made.id) for index, made in again.accepted] == [(i, made.id) for i, made in first.accepted]
    assert again.refused == []
    assert kit.client.call("HLEN", kit.keys.metadata) == 3


def test_jobs_of_ones_own_ids_are_accepted_again_whatever_is_known_of_their_types_by_now(kit, manager):
    specs = [JobSpec("number", n, job_id=f"mine-{n}") for n in range(300)]
    manager.enqueue_many(specs)
    again = QueueManager(kit.store, registry=Registry()).enqueue_many([JobSpec("number", 0), *specs])
    assert [(index, made.id, made.created) for index, made in again.accepted] == [
        (n + 1, f"mine-{n}", False) for n in range(300)
    ]
    assert [(refusal.index, refusal.code) for refusal in again.refused] == [(0, "unknown_job_type")]
    assert kit.client.call("HLEN", kit.keys.metadata) == 300


def test_a_repeat_after_a_lost_reply_makes_nothing_twice(kit):
    client = Losing(kit.client)
    manager = QueueManager(Store(cast(Client, client), kit.store.config), registry=KNOWN)
    client.lose("enqueue")
    with pytest.raises(StoreUnavailable):
        manager.enqueue_many(derived(1, 2, 3))
    assert [made.created for _, made in manager.enqueue_many(derived(1, 2, 3)).accepted] == [False] * 3
    assert kit.client.call("HLEN", kit.keys.metadata) == 3
