"""A deduplication key is held by one unfinished job, and free again on every way a job ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobs.auditor import audit
from jobs.states import State
from jobs.store.codes import MoveCode
from jobs.store.producer import Marker
from tests.store.states import SETTLE_VERBS, VERBS, Scene, scene
from tests.support.jobs import StoreKit, completed, failed, request

KEY = "invoice 7 · März"
ENDS: dict[str, tuple[State, Callable[[Scene], object]]] = {
    "completed": (State.ACTIVE, VERBS["complete"]),
    "dead": (State.ACTIVE, lambda made: made.worker.fail([failed(made.claim, final=True)])),
    "discarded": (State.ACTIVE, VERBS["discard"]),
    "cancelled while scheduled": (State.SCHEDULED, VERBS["cancel"]),
    "cancelled while pending": (State.PENDING, VERBS["cancel"]),
    "cancelled while retrying": (State.RETRYING, VERBS["cancel"]),
    "deleted while scheduled": (State.SCHEDULED, VERBS["delete"]),
    "deleted while pending": (State.PENDING, VERBS["delete"]),
    "deleted while retrying": (State.RETRYING, VERBS["delete"]),
    "purged": (State.PENDING, VERBS["purge"]),
} | {
    f"cancelled by {verb}": (
        State.ACTIVE,
        lambda made, verb=verb: (made.kit.operator.cancel([made.job_id]), VERBS[verb](made)),
    )
    for verb in SETTLE_VERBS
}


def owner(kit: StoreKit, key: str = KEY) -> str | None:
    """Return who owns a key."""
    raw = kit.client.call("GET", kit.keys.deduplication(key))
    return raw.decode() if raw else None


def duplicate_of(kit: StoreKit, key: str = KEY) -> str:
    """Enqueue another job with the key and return which one it would duplicate."""
    (answer,) = kit.producer.enqueue([request(deduplication_key=key)])
    assert answer.created is not bool(answer.duplicate_of)
    return answer.duplicate_of


@pytest.mark.parametrize("state", [State.SCHEDULED, State.PENDING, State.ACTIVE, State.RETRYING])
def test_an_unfinished_job_holds_its_key(kit: StoreKit, state: State) -> None:
    made = scene(kit, state, deduplication_key=KEY)
    assert duplicate_of(kit) == made.job_id
    assert kit.reader.totals()["created"] == 1


@pytest.mark.parametrize("end", ENDS)
def test_the_key_is_free_when_the_job_has_ended(kit: StoreKit, end: str) -> None:
    state, act = ENDS[end]
    made = scene(kit, state, deduplication_key=KEY)
    act(made)
    assert owner(kit) is None
    assert duplicate_of(kit) == ""
    assert audit(kit.store).clean


@pytest.mark.parametrize("verb", ["release", "snooze", "park", "fail", "reap"])
def test_the_key_stays_while_the_job_only_moves(kit: StoreKit, verb: str) -> None:
    made = scene(kit, State.ACTIVE, deduplication_key=KEY)
    assert VERBS[verb](made)
    assert owner(kit) == made.job_id


def test_two_jobs_of_one_batch_cannot_share_a_key(kit: StoreKit) -> None:
    first, second, other = kit.producer.enqueue([
        request("first", deduplication_key=KEY), request("second", deduplication_key=KEY),
        request("other", deduplication_key="x"),
    ])  # fmt: skip
    assert (first.created, second.created, other.created) == (True, False, True)
    assert second.duplicate_of == "first"
    assert kit.state("second") is None


def test_a_repeat_of_the_holder_itself_is_no_duplicate(kit: StoreKit) -> None:
    made = request("same", deduplication_key=KEY)
    kit.producer.enqueue([made])
    (answer,) = kit.producer.enqueue([made])
    assert (answer.created, answer.duplicate_of, answer.state) == (False, "", State.PENDING)


def test_a_key_with_a_ttl_is_free_at_the_earlier_of_both(kit: StoreKit) -> None:
    first = kit.enqueue(deduplication_key=KEY, deduplication_ttl_ms=60_000)
    ttl = kit.client.call("PTTL", kit.keys.deduplication(KEY))
    assert 50_000 < ttl <= 60_000
    lapse(kit)
    second = kit.enqueue(deduplication_key=KEY)
    assert owner(kit) == second
    worker = kit.worker()
    claims = kit.claim(worker, 2)
    worker.complete([completed(claims[0])])
    assert claims[0].id == first
    assert owner(kit) == second


def lapse(kit: StoreKit) -> None:
    """Let the key's time pass: for the scripts by the kit's time, for the server by removing it as it would."""
    kit.advance(60_001)
    kit.client.call("DEL", kit.keys.deduplication(KEY))


def test_a_job_without_ttl_holds_its_key_without_end(kit: StoreKit) -> None:
    kit.enqueue(deduplication_key=KEY)
    assert kit.client.call("PTTL", kit.keys.deduplication(KEY)) == -1


def test_a_retry_takes_the_key_again(kit: StoreKit) -> None:
    made = scene(kit, State.DEAD, deduplication_key=KEY)
    assert owner(kit) is None
    assert kit.operator.retry([made.job_id])[0].code is MoveCode.DONE
    assert owner(kit) == made.job_id


def test_a_retry_answers_who_took_the_key_meanwhile(kit: StoreKit) -> None:
    made = scene(kit, State.DEAD, deduplication_key=KEY)
    taker = kit.enqueue(deduplication_key=KEY)
    (answer,) = kit.operator.retry([made.job_id])
    assert (answer.code, answer.holder) == (MoveCode.TAKEN, taker)
    assert made.state is State.DEAD
    assert audit(kit.store).clean


def test_of_two_dead_jobs_with_one_key_a_bulk_retry_takes_the_first(kit: StoreKit) -> None:
    first, second = (scene(kit, State.DEAD, deduplication_key=KEY) for _ in range(2))
    answers = kit.operator.retry([first.job_id, second.job_id])
    assert [(answer.code, answer.holder) for answer in answers] == [
        (MoveCode.DONE, ""), (MoveCode.TAKEN, first.job_id),
    ]  # fmt: skip


def test_a_retry_within_the_ttl_holds_the_key_for_the_rest_of_it(kit: StoreKit) -> None:
    made = scene(kit, State.DEAD, deduplication_key=KEY, deduplication_ttl_ms=200_000)
    kit.operator.retry([made.job_id])
    ttl = kit.client.call("PTTL", kit.keys.deduplication(KEY))
    assert 70_000 < ttl <= 80_000


def test_a_retry_after_the_ttl_neither_takes_the_key_nor_minds_who_has_it(kit: StoreKit) -> None:
    made = scene(kit, State.DEAD, deduplication_key=KEY, deduplication_ttl_ms=100_000)
    taker = kit.enqueue(deduplication_key=KEY)
    assert kit.operator.retry([made.job_id])[0].code is MoveCode.DONE
    assert owner(kit) == taker
    assert audit(kit.store).clean


def test_a_key_whose_holder_has_vanished_counts_as_free(kit: StoreKit) -> None:
    kit.client.call("SET", kit.keys.deduplication(KEY), "vanished")
    assert duplicate_of(kit) == ""


def test_a_duplicate_is_answered_with_the_record_of_the_job_that_holds_the_key(kit: StoreKit) -> None:
    made = scene(kit, State.ACTIVE, deduplication_key=KEY)
    (answer,) = kit.producer.enqueue([request(deduplication_key=KEY)])
    assert (answer.id, answer.state, answer.record) == (made.job_id, State.ACTIVE, kit.record(made.job_id))


def test_a_duplicate_of_one_batch_is_answered_with_the_record_that_was_just_made(kit: StoreKit) -> None:
    _, answer = kit.producer.enqueue([request(each, deduplication_key=KEY, delay_ms=9) for each in ("first", "second")])
    there = kit.record("first")
    assert (answer.id, answer.state, answer.due_ms, answer.record) == ("first", State.SCHEDULED, there.ready, there)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_marker_keeps_the_record_that_the_holder_had(kit: StoreKit, jobs: int) -> None:
    holder = scene(kit, State.ACTIVE, deduplication_key=KEY)
    marker = Marker("key", "body", 60, keep_refusals=True)
    wanted = [request(f"job-{index}", deduplication_key=KEY) for index in range(jobs)]
    first = kit.producer.enqueue(wanted, marker)
    VERBS["complete"](holder)
    kit.operator.delete([holder.job_id])
    assert kit.producer.enqueue(wanted, marker) == first
    assert [answer.state for answer in first] == [State.ACTIVE] * jobs


def test_a_holder_that_cannot_be_read_is_named(kit: StoreKit) -> None:
    holder = kit.enqueue(deduplication_key=KEY)
    kit.client.call("HSET", kit.keys.metadata, holder, b"\xc1")
    (answer,) = kit.producer.enqueue([request("other", deduplication_key=KEY)])
    assert (answer.id, answer.duplicate_of, answer.record) == (holder, holder, None)
