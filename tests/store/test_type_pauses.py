"""A paused type: none of its jobs is claimed, all others go on as if they were not there, and none loses its place."""

from __future__ import annotations

from collections import Counter

import pytest

from jobs.auditor import audit
from jobs.errors import InvalidJob
from jobs.states import State
from jobs.store.codes import MoveCode, SettleCode
from jobs.store.type_pauses import MOST_PAUSED, TooManyPausedTypes
from jobs.types import Priority
from tests.store.pausing import claim_all, held, ids, tokens
from tests.support.jobs import StoreKit, completed, failed, released, snoozed

HIGH, NORMAL, LOW = Priority


def interleave(kit: StoreKit, count: int) -> tuple[list[str], list[str]]:
    """Enqueue so many jobs of each of two types in turn."""
    pairs = [(kit.enqueue(type="echo"), kit.enqueue(type="other")) for _ in range(count)]
    return [first for first, _ in pairs], [second for _, second in pairs]


def test_a_paused_type_is_not_claimed_and_the_others_keep_their_order(kit: StoreKit) -> None:
    paused, others = interleave(kit, 30)
    assert kit.type_pauses.pause("echo")
    more = interleave(kit, 30)
    assert ids(claim_all(kit, kit.worker(), 7)) == others + more[1]
    assert set(kit.states(paused + more[0])) == {State.PENDING}
    assert held(kit) == 60
    assert audit(kit.store).clean


def test_a_type_is_paused_on_every_queue(kit: StoreKit) -> None:
    kit.type_pauses.pause("echo")
    for queue in ("default", "mail", "reports"):
        kit.enqueue(queue=queue)
    other = kit.enqueue(queue="mail", type="other")
    worker = kit.worker()
    assert ids(worker.claim([("default", 1), ("mail", 1), ("reports", 1)], 10)) == [other]


def test_only_a_whole_name_is_paused(kit: StoreKit) -> None:
    kit.type_pauses.pause("echo")
    near = [kit.enqueue(type=name) for name in ("ech", "echo2", "Echo", "echo/echo")]
    assert ids(kit.claim(kit.worker(), 10)) == near


def test_a_pause_says_whether_it_changed_anything(kit: StoreKit) -> None:
    assert kit.type_pauses.pause("never-seen")
    assert not kit.type_pauses.pause("never-seen")
    assert kit.type_pauses.resume("never-seen")
    assert not kit.type_pauses.resume("never-seen")
    assert kit.client.call("EXISTS", kit.keys.paused, kit.keys.paused_types) == 0


def test_what_cannot_be_a_type_cannot_be_paused(kit: StoreKit) -> None:
    for name in ("", "a b", "x" * 129, 'quo"te'):
        with pytest.raises(InvalidJob):
            kit.type_pauses.pause(name)
        with pytest.raises(InvalidJob):
            kit.type_pauses.resume(name)


def test_there_is_an_end_to_the_types_that_may_be_paused(kit: StoreKit) -> None:
    for number in range(MOST_PAUSED):
        assert kit.type_pauses.pause(f"type-{number}")
    with pytest.raises(TooManyPausedTypes):
        kit.type_pauses.pause("one-more")
    assert not kit.type_pauses.pause("type-7")
    kit.enqueue(type="type-999")
    free = kit.enqueue(type="free")
    assert ids(kit.claim(kit.worker(), 5)) == [free]
    assert kit.type_pauses.resume("type-7")
    assert kit.type_pauses.pause("one-more")


def test_every_way_to_pending_leads_to_where_the_type_waits(kit: StoreKit) -> None:
    worker = kit.worker()
    back, dead, retrying = (kit.claimed(worker, max_retries=1) for _ in range(3))
    worker.fail([failed(dead, final=True), failed(retrying)])
    later = [kit.enqueue(delay_ms=500) for _ in range(2)]
    kit.type_pauses.pause("echo")
    single, batch = kit.enqueue(), kit.enqueue_many(3)
    keyed = kit.enqueue(deduplication_key="k")
    worker.release([released(back)])
    assert kit.operator.retry([dead.id])[0].code is MoveCode.DONE
    assert kit.operator.run_now([retrying.id, later[0]])[0].code is MoveCode.DONE
    kit.advance(1000)
    assert kit.promote() == [later[1]]
    every = [back.id, single, *batch, keyed, dead.id, retrying.id, *later]
    assert kit.states(every) == [State.PENDING] * len(every)
    assert (claim_all(kit, worker), held(kit), tokens(kit)) == ([], len(every), 0)
    assert audit(kit.store).clean
    kit.type_pauses.resume("echo")
    assert ids(claim_all(kit, worker)) == every


def test_active_jobs_of_a_paused_type_end_as_usual(kit: StoreKit) -> None:
    worker = kit.worker()
    claims = [kit.claimed(worker, max_retries=1) for _ in range(3)]
    kit.type_pauses.pause("echo")
    assert worker.complete([completed(claims[0])]) == [SettleCode.OK]
    assert worker.fail([failed(claims[1])]) == [SettleCode.OK]
    assert worker.snooze([snoozed(claims[2])]) == [SettleCode.OK]
    assert kit.states(ids(claims)) == [State.COMPLETED, State.RETRYING, State.SCHEDULED]


def test_after_a_resume_all_run_in_the_order_in_which_they_came(kit: StoreKit) -> None:
    """Some stand in the queue when the pause begins, of which claims meet some; some come during the pause."""
    before = interleave(kit, 40)
    kit.type_pauses.pause("echo")
    worker = kit.worker()
    met = ids(kit.claim(worker, 20))
    assert met == before[1][:20]
    during = interleave(kit, 40)
    assert kit.type_pauses.resume("echo")
    after = interleave(kit, 10)
    claims = claim_all(kit, worker, 9)
    assert [claim.id for claim in claims if claim.record.type == "echo"] == before[0] + during[0] + after[0]
    assert [claim.id for claim in claims if claim.record.type == "other"] == (before[1] + during[1] + after[1])[20:]
    stamps = [claim.record.position for claim in claims]
    assert stamps == sorted(stamps)
    assert audit(kit.store).clean


def test_a_resumed_type_goes_back_to_its_queues_and_priorities(kit: StoreKit) -> None:
    kit.type_pauses.pause("echo")
    places = [(queue, priority) for queue in ("default", "mail") for priority in Priority]
    made = [(kit.enqueue(queue=queue, priority=priority), queue, priority) for queue, priority in places * 3]
    kit.type_pauses.resume("echo")
    worker = kit.worker()
    claims = worker.claim([("default", 1), ("mail", 1)], 50)
    assert sorted((claim.id, claim.record.queue, claim.record.priority) for claim in claims) == sorted(made)
    assert audit(kit.store).clean


@pytest.mark.parametrize("want", [1, 5, 250])
def test_a_claim_meets_each_paused_job_once(kit: StoreKit, want: int) -> None:
    kit.enqueue_many(3000)
    others = kit.enqueue_many(100, type="other")
    kit.type_pauses.pause("echo")
    worker = kit.worker()
    kit.client.call("DEL", kit.keys.wake("default"))
    empty = 0
    while not (first := kit.claim(worker, want)):
        empty += 1
        assert tokens(kit) == 1  # somebody goes on at once
    assert empty <= 3000 / 200
    assert ids(first + claim_all(kit, worker, want)) == others
    assert held(kit) == 3000
    assert audit(kit.store).clean


def test_beside_many_held_jobs_a_claim_costs_what_it_costs_alone(kit: StoreKit) -> None:
    def calls_of_a_claim() -> int:
        kit.enqueue_many(20, type="other")
        kit.client.call("CONFIG", "RESETSTAT")
        assert len(kit.claim(worker, 10)) == 10
        lines = kit.client.call("INFO", "commandstats").decode().splitlines()
        return sum(int(line.partition("calls=")[2].partition(",")[0]) for line in lines if "calls=" in line)

    worker = kit.worker()
    kit.enqueue(type="other")
    kit.claim(worker, 1)  # the server knows the script
    alone = calls_of_a_claim()
    kit.type_pauses.pause("echo")
    kit.enqueue_many(20_000)
    claim_all(kit, worker)
    assert calls_of_a_claim() <= alone + 3  # two of them look whether two hashes are any, before a job leaves its line


def test_paused_jobs_at_the_head_do_not_cost_their_priority_its_turn(kit: StoreKit) -> None:
    for priority in Priority:
        kit.enqueue_many(60, priority=priority)
        kit.enqueue_many(300, priority=priority, type="other")
    kit.type_pauses.pause("echo")
    worker = kit.worker()
    claims = [claim for _ in range(300) for claim in kit.claim(worker)]
    for start in range(201):
        for priority, count in Counter(claim.record.priority for claim in claims[start : start + 100]).items():
            assert abs(count - {HIGH: 60, NORMAL: 30, LOW: 10}[priority]) <= 2


def test_a_priority_full_of_paused_jobs_holds_up_no_other(kit: StoreKit) -> None:
    kit.enqueue_many(1000, priority=HIGH)
    kit.enqueue_many(1000, queue="mail")
    low, other = kit.enqueue(priority=LOW, type="other"), kit.enqueue(queue="reports", type="other")
    kit.type_pauses.pause("echo")
    claims = kit.worker().claim([("default", 1), ("mail", 1), ("reports", 1)], 5)
    assert sorted(ids(claims)) == sorted([low, other])


def test_a_claim_takes_and_puts_apart_250_jobs_at_most(kit: StoreKit) -> None:
    for _ in range(2):
        kit.enqueue_many(150)
        kit.enqueue_many(150, type="other")
    kit.type_pauses.pause("echo")
    worker = kit.worker()
    while kit.reader.sizes(kit.reader.pending_indexes(["default"])) > held(kit):
        before = held(kit)
        assert len(kit.claim(worker, 250)) + held(kit) - before <= 250
    assert held(kit) == 300


def test_queues_with_paused_jobs_at_their_heads_split_by_their_weights(kit: StoreKit) -> None:
    for queue in "ab":
        kit.enqueue_many(120, queue=queue)
        kit.enqueue_many(300, queue=queue, type="other")
    kit.type_pauses.pause("echo")
    worker = kit.worker()
    claims = [claim for _ in range(200) for claim in worker.claim([("a", 3), ("b", 1)], 1)]
    assert Counter(claim.record.queue for claim in claims) == {"a": 150, "b": 50}


def test_a_claim_beside_a_paused_type_takes_two_mebibytes_at_most(kit: StoreKit) -> None:
    big = b'"' + b"x" * (1 << 20) + b'"'
    made = [kit.enqueue(payload=payload, type="other") for payload in (big, big, big, b"1") if kit.enqueue()]
    kit.type_pauses.pause("echo")
    worker = kit.worker()
    assert [ids(kit.claim(worker, 10)) for _ in range(4)] == [[made[0]], [made[1]], made[2:], []]
    assert audit(kit.store).clean


def test_an_unreadable_job_beside_a_paused_type_goes_where_a_person_finds_it(kit: StoreKit) -> None:
    broken, gone, fine = (kit.enqueue(type="other") for _ in range(3))
    kit.client.call("HSET", kit.keys.metadata, broken, b"\xc1")
    kit.client.call("HDEL", kit.keys.metadata, gone)
    kit.type_pauses.pause("echo")
    assert ids(kit.claim(kit.worker(), 10)) == [fine]
    assert kit.client.call("ZRANGE", kit.keys.dlq, 0, -1) == [broken.encode()]
