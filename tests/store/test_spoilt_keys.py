"""A key that holds something else costs what needs it: it is named, no job is lost, and all others go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobs.auditor import audit
from jobs.errors import StoreSpoilt, WrongState
from jobs.states import State
from jobs.steering import Steering
from jobs.store.codes import MoveCode, SettleCode
from jobs.types import Priority
from tests.support.jobs import DUTY, StoreKit, completed, discarded, failed, parked, released, request, snoozed

NORMAL = Priority.NORMAL


def spoil(kit: StoreKit, key: str) -> Callable[[], None]:
    """Put a text in the place of a key, and give a function that puts back what was there."""
    aside = f"aside:{key}"
    if kit.client.call("EXISTS", key):
        kit.client.call("RENAME", key, aside)
    kit.client.call("SET", key, "foreign")

    def mend() -> None:
        kit.client.call("DEL", key)
        if kit.client.call("EXISTS", aside):
            kit.client.call("RENAME", aside, key)

    return mend


def test_the_command_and_the_key_are_named(kit: StoreKit) -> None:
    spoil(kit, kit.keys.stats)
    with pytest.raises(StoreSpoilt) as caught:
        kit.reader.totals()
    assert (caught.value.kind, caught.value.transient, caught.value.code) == ("wrong_type", False, "store_error")
    assert str(caught.value) == f"a key in the store does not hold its kind of data, met by HGETALL {kit.keys.stats}"
    with pytest.raises(StoreSpoilt, match=f"met by ZCARD {kit.keys.stats}$"):
        kit.client.pipeline([("PING",), ("ZCARD", kit.keys.stats)])


def test_a_script_is_named(kit: StoreKit) -> None:
    spoil(kit, kit.keys.metadata)
    for _ in range(2):
        with pytest.raises(StoreSpoilt, match=r"met by the script enqueue$"):
            kit.enqueue(delay_ms=5)
        kit.client.call("SCRIPT", "FLUSH")


def test_a_counter_that_is_no_number_is_told_apart(kit: StoreKit) -> None:
    kit.client.call("HSET", kit.keys.stats, "created", "many")
    with pytest.raises(StoreSpoilt, match="does not hold a number") as caught:
        kit.enqueue()
    assert caught.value.kind == "wrong_value"


@pytest.mark.parametrize("many", [1, 2])
def test_a_job_that_its_line_cannot_take_is_not_there_and_can_be_sent_again(kit: StoreKit, many: int) -> None:
    kit.claimed()  # so that the queue is known
    mend = spoil(kit, kit.keys.pending("default", NORMAL))
    jobs = [request(f"again-{number}") for number in range(many)]
    with pytest.raises(StoreSpoilt):
        kit.producer.enqueue(jobs)
    assert kit.states([job.id for job in jobs]) == [None] * many
    mend()
    assert all(answer.created for answer in kit.producer.enqueue(jobs))


def test_a_spoilt_line_costs_its_own_jobs_only(kit: StoreKit) -> None:
    kit.enqueue(queue="bad")
    good, low = kit.enqueue(queue="good"), kit.enqueue(queue="bad", priority=Priority.LOW)
    mend = spoil(kit, kit.keys.pending("bad", NORMAL))
    worker = kit.worker()
    claims = worker.claim([("bad", 1), ("good", 1)], 10)
    assert {claim.id for claim in claims} == {good, low}
    assert worker.complete([completed(claim) for claim in claims]) == [SettleCode.OK] * 2
    mend()
    assert len(worker.claim([("bad", 1), ("good", 1)], 10)) == 1
    assert audit(kit.store).clean


def test_without_leases_nothing_leaves_its_queue(kit: StoreKit) -> None:
    ids = kit.enqueue_many(3)
    mend = spoil(kit, kit.keys.active)
    with pytest.raises(StoreSpoilt):
        kit.claim(kit.worker(), 2)
    mend()
    assert [claim.id for claim in kit.claim(kit.worker(), 10)] == ids
    assert audit(kit.store).clean


WAYS_OUT = {
    "complete": "completed", "release": "pending", "fail": "retrying", "fail finally": "dlq", "snooze": "scheduled",
    "park": "scheduled", "discard": "cancelled", "fail when cancelled": "cancelled",
    "snooze when cancelled": "cancelled",
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS_OUT)
def test_an_outcome_that_cannot_be_kept_leaves_the_job_with_its_worker(kit: StoreKit, way: str) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    if way.endswith("cancelled"):
        kit.operator.cancel([claim.id])
    index = WAYS_OUT[way]
    key = kit.keys.pending("default", NORMAL) if index == "pending" else getattr(kit.keys, index)
    settle: dict[str, Callable[[], list[SettleCode]]] = {
        "complete": lambda: worker.complete([completed(claim)]),
        "release": lambda: worker.release([released(claim)]),
        "fail": lambda: worker.fail([failed(claim, final=way == "fail finally")]),
        "snooze": lambda: worker.snooze([snoozed(claim)]),
        "park": lambda: worker.park([parked(claim)]),
        "discard": lambda: worker.discard([discarded(claim)]),
    }
    act = settle[way.partition(" ")[0]]
    mend = spoil(kit, key)
    with pytest.raises(StoreSpoilt):
        act()
    mend()
    assert kit.state(claim.id) is State.ACTIVE
    assert kit.client.call("ZSCORE", kit.keys.active, claim.id) is not None
    assert act()[0] is not SettleCode.LEASE_LOST
    assert kit.client.call("ZCARD", kit.keys.active) == 0


@pytest.mark.parametrize("delay_ms", [0, 5000])
def test_a_waiting_job_that_cannot_be_cancelled_waits_on(kit: StoreKit, delay_ms: int) -> None:
    job_id = kit.enqueue(delay_ms=delay_ms)
    mend = spoil(kit, kit.keys.cancelled)
    with pytest.raises(StoreSpoilt):
        kit.operator.cancel([job_id])
    mend()
    assert kit.state(job_id) is (State.SCHEDULED if delay_ms else State.PENDING)
    assert audit(kit.store).clean
    assert kit.operator.cancel([job_id])[0].code is MoveCode.DONE
    assert audit(kit.store).clean


def test_what_is_beside_a_job_does_not_keep_it_from_ending(kit: StoreKit) -> None:
    worker = kit.worker()
    done = kit.claimed(worker, deduplication_key="one")
    dead = kit.claimed(worker, deduplication_key="two")
    for key in (kit.keys.deduplication("one"), kit.keys.deduplication("two"), kit.keys.dlq_of_type("echo")):
        kit.client.call("DEL", key)
        kit.client.call("RPUSH", key, "foreign")
    assert worker.complete([completed(done)]) == [SettleCode.OK]
    assert worker.fail([failed(dead, final=True)]) == [SettleCode.EXHAUSTED]
    assert kit.states([done.id, dead.id]) == [State.COMPLETED, State.DEAD]
    assert kit.operator.delete([dead.id])[0].code is MoveCode.DONE


def test_a_wake_list_that_is_none_stops_neither_enqueue_nor_claim(kit: StoreKit) -> None:
    kit.client.call("SET", kit.keys.wake("default"), "foreign")
    job_id = kit.enqueue()
    worker = kit.worker()
    assert [claim.id for claim in kit.claim(worker, 1)] == [job_id]
    assert kit.claim(worker, 1) == []
    assert kit.client.call("TYPE", kit.keys.wake("default")) == b"none", "a claim that finds nothing clears it"


def test_nothing_is_promoted_into_what_is_no_queue(kit: StoreKit) -> None:
    bad, good = kit.enqueue(queue="bad", delay_ms=1000), kit.enqueue(queue="good", delay_ms=1000)
    mend = spoil(kit, kit.keys.pending("bad", NORMAL))
    kit.advance(1001)
    assert kit.promote() == [good]
    assert kit.operator.run_now([bad])[0].code is MoveCode.SPOILT
    with pytest.raises(StoreSpoilt, match="the key of the queue 'bad'"):
        Steering(kit.store).run_now(bad)
    assert kit.state(bad) is State.SCHEDULED
    mend()
    assert kit.promote() == [bad]
    with pytest.raises(WrongState):
        Steering(kit.store).run_now(bad)
    assert audit(kit.store).clean


def test_a_dead_job_is_not_retried_into_what_is_no_queue(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker, queue="bad")
    worker.fail([failed(claim, final=True)])
    mend = spoil(kit, kit.keys.pending("bad", NORMAL))
    assert kit.operator.retry([claim.id])[0].code is MoveCode.SPOILT
    assert kit.state(claim.id) is State.DEAD
    mend()
    assert kit.operator.retry([claim.id])[0].code is MoveCode.DONE
    assert audit(kit.store).clean


def test_waiting_jobs_of_a_spoilt_line_can_be_cancelled_and_deleted(kit: StoreKit) -> None:
    one, two = kit.enqueue(), kit.enqueue()
    kit.client.call("DEL", kit.keys.pending("default", NORMAL))
    kit.client.call("SET", kit.keys.pending("default", NORMAL), "foreign")
    assert kit.operator.cancel([one])[0].code is MoveCode.DONE
    assert kit.operator.delete([two])[0].code is MoveCode.DONE


NOT_TEXT = b"\xff\xfe id"


@pytest.mark.parametrize("index", ["scheduled", "retrying", "active", "expiring"])
@pytest.mark.parametrize("raw", [NOT_TEXT, b"\\xff", b"", b"a b\n"])
def test_what_can_be_no_job_is_taken_out_of_an_index(kit: StoreKit, index: str, raw: bytes) -> None:
    key = getattr(kit.keys, index)
    kit.client.call("ZADD", key, 1, raw)
    read = {
        "scheduled": kit.keeper.due_scheduled,
        "retrying": kit.keeper.due_retrying,
        "active": kit.keeper.expired_leases,
        "expiring": kit.keeper.expired_retention,
    }[index]
    due = read(10)
    assert (due.jobs, len(due.unreadable)) == ([], 1)
    assert kit.keeper.quarantine(DUTY, kit.lead(), key, due.unreadable) == 1
    assert kit.client.call("ZCARD", key) == kit.client.call("ZCARD", kit.keys.dlq) == 0


def test_a_record_below_an_id_that_is_none_is_nobodys_job(kit: StoreKit) -> None:
    good = kit.enqueue()
    packed = kit.client.call("HGET", kit.keys.metadata, good)
    kit.client.call("HSET", kit.keys.metadata, NOT_TEXT, packed)
    kit.client.call("ZADD", kit.keys.pending("default", NORMAL), 0, NOT_TEXT)
    assert [claim.id for claim in kit.claim(kit.worker(), 10)] == [good]
    kit.advance(60_000)
    due = kit.keeper.expired_leases(10)
    assert [job_id for job_id, _ in due.jobs] == [good]
    assert kit.keeper.quarantine(DUTY, kit.lead(), kit.keys.active, due.unreadable) == 1
    assert kit.client.call("ZCARD", kit.keys.dlq) == 0


def test_an_index_is_read_on_behind_what_is_no_id(kit: StoreKit) -> None:
    for raw in (NOT_TEXT, b"\\xab", b"\xfe"):
        kit.client.call("ZADD", kit.keys.dlq, 1, raw)
    kit.client.call("ZADD", kit.keys.dlq, 2, "last")
    seen: list[str] = []
    page = kit.keeper.page(kit.keys.dlq, 1)
    while page:
        seen.append(page[0].id)
        page = kit.keeper.page(kit.keys.dlq, 1, after=page[0].place)
    assert seen == ["\\x5c786162", "\\xfe", "\\xfffe206964", "last"]
