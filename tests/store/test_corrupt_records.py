"""Foreign bytes in the store cost one row: never a script that stops half-way, never a worker that crashes."""

from __future__ import annotations

import msgspec
import pytest

from jobs.states import State
from jobs.store.codes import MoveCode, SettleCode
from jobs.store.producer import Marker
from jobs.types import Envelope
from tests.support.jobs import DUTY, StoreKit, completed, failed, request

pack = msgspec.msgpack.encode
WRONG_SHAPES = {
    "no msgpack": b"\xc1\xff garbage",
    "a number": pack(7),
    "text": pack("seven"),
    "an empty list": pack([]),
    "a short list": pack([3, "echo"]),
    "texts for numbers": pack(["3"] * 30),
    "numbers for texts": pack([3] * 30),
    "a state that is none": pack([99, "echo", "default", 2, *[0] * 7]),
    "a fraction": pack([3, "echo", "default", 2, 0.5, *[0] * 7]),
    "lists inside": pack([3, "echo", "default", 2, [], *[0] * 7]),
    "a map": pack({"state": 3}),
}
NOT_UTF8 = b"\xa4\xff\xfe\xfd\xfc"  # a text of four bytes that are no text


def spoil(kit: StoreKit, job_id: str, blob: bytes, key: str = "") -> None:
    """Put foreign bytes where something of a job is kept."""
    kit.client.call("HSET", key or kit.keys.metadata, job_id, blob)


def misspell(kit: StoreKit, job_id: str) -> None:
    """Put a type into the record that Lua takes for text and Python does not."""
    packed = kit.client.call("HGET", kit.keys.metadata, job_id)
    spoil(kit, job_id, packed.replace(pack("echo"), NOT_UTF8, 1))


@pytest.mark.parametrize("blob", WRONG_SHAPES.values(), ids=WRONG_SHAPES)
def test_an_unreadable_pending_job_steps_aside_and_can_be_deleted(kit: StoreKit, blob: bytes) -> None:
    bad, good = kit.enqueue(), kit.enqueue()
    spoil(kit, bad, blob)
    assert [claim.id for claim in kit.claim(kit.worker(), 10)] == [good]
    assert kit.client.call("ZRANGE", kit.keys.dlq, 0, -1) == [bad.encode()]
    assert kit.reader.totals()["unreadable"] == 1
    assert kit.operator.delete([bad])[0].code is MoveCode.DONE
    assert kit.client.call("ZCARD", kit.keys.dlq) == 0
    assert kit.client.call("HEXISTS", kit.keys.data, bad) == 0


@pytest.mark.parametrize("blob", WRONG_SHAPES.values(), ids=WRONG_SHAPES)
def test_no_transition_stops_at_an_unreadable_record(kit: StoreKit, blob: bytes) -> None:
    worker = kit.worker()
    kit.enqueue_many(2)
    bad, good = kit.claim(worker, 2)
    spoil(kit, bad.id, blob)
    assert worker.renew([bad, good]) == [SettleCode.LEASE_LOST, SettleCode.OK]
    assert worker.fail([failed(bad), failed(good)]) == [SettleCode.LEASE_LOST, SettleCode.OK]
    assert kit.operator.cancel([bad.id])[0].code is MoveCode.GONE
    assert kit.operator.run_now([bad.id, good.id])[1].code is MoveCode.DONE
    assert kit.operator.retry([bad.id])[0].code is MoveCode.GONE


@pytest.mark.parametrize("blob", [b"\xc1", None], ids=["unreadable", "no UTF-8"])
def test_an_unreadable_active_job_is_quarantined_and_deletable(kit: StoreKit, blob: bytes | None) -> None:
    bad = kit.claimed()
    if blob:
        spoil(kit, bad.id, blob)
    else:
        misspell(kit, bad.id)
    kit.advance(60_000)
    due = kit.keeper.expired_leases(10)
    assert [stray[0] for stray in due.unreadable] == [bad.id]
    assert kit.keeper.quarantine(DUTY, kit.lead(), kit.keys.active, due.unreadable) == 1
    assert kit.keeper.expired_leases(10).unreadable == []
    assert kit.operator.delete([bad.id])[0].code is MoveCode.DONE
    assert kit.client.call("ZCARD", kit.keys.dlq) == 0


@pytest.mark.parametrize("blob", [b"\xc1", None], ids=["unreadable", "no UTF-8"])
def test_an_unreadable_active_job_can_be_deleted_at_once(kit: StoreKit, blob: bytes | None) -> None:
    bad = kit.claimed()
    if blob:
        spoil(kit, bad.id, blob)
    else:
        misspell(kit, bad.id)
    assert kit.operator.delete([bad.id])[0].code is MoveCode.DONE
    assert kit.client.call("ZCARD", kit.keys.active) == 0


def test_a_record_that_only_python_cannot_read_does_not_cost_the_whole_claim(kit: StoreKit) -> None:
    bad, good = kit.enqueue(), kit.enqueue()
    misspell(kit, bad)
    assert [claim.id for claim in kit.claim(kit.worker(), 10)] == [good]


def test_a_record_from_before_a_field_existed_gets_its_default(kit: StoreKit) -> None:
    job_id = kit.enqueue()
    fields = msgspec.msgpack.decode(kit.client.call("HGET", kit.keys.metadata, job_id))
    spoil(kit, job_id, pack(fields[:10]))
    worker = kit.worker()
    (claim,) = kit.claim(worker)
    assert claim.record.executions == 1
    assert worker.complete([completed(claim)]) == [SettleCode.OK]
    assert kit.record(job_id).version == 1


def test_a_job_without_its_envelope_is_claimed_without_one(kit: StoreKit) -> None:
    kit.enqueue()
    kit.client.call("DEL", kit.keys.data)
    (claim,) = kit.claim(kit.worker())
    assert claim.envelope is None


def test_a_job_without_its_record_is_skipped_and_its_rest_deletable(kit: StoreKit) -> None:
    lost, good = kit.enqueue(), kit.enqueue()
    kit.client.call("HDEL", kit.keys.metadata, lost)
    assert [claim.id for claim in kit.claim(kit.worker(), 10)] == [good]
    assert kit.operator.delete([lost])[0].code is MoveCode.DONE
    assert kit.client.call("HEXISTS", kit.keys.data, lost) == 0
    assert kit.operator.delete([lost])[0].code is MoveCode.GONE


def test_a_spoilt_history_does_not_keep_a_job_from_failing(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    spoil(kit, claim.id, b"\xc1", kit.keys.history)
    assert worker.fail([failed(claim)]) == [SettleCode.OK]
    assert len(kit.reader.job(claim.id).history) == 1


def test_a_spoilt_group_does_not_keep_a_job_from_dying_or_rising(kit: StoreKit) -> None:
    worker = kit.worker()
    for blob in (b"\xc1", pack(["x"]), pack([1])):
        claim = kit.claimed(worker)
        spoil(kit, "f" * 16, blob, kit.keys.dlq_groups)
        assert worker.fail([failed(claim, final=True)]) == [SettleCode.EXHAUSTED]
        assert kit.reader.groups()["f" * 16].count == 1
        spoil(kit, "f" * 16, blob, kit.keys.dlq_groups)
        assert kit.operator.retry([claim.id])[0].code is MoveCode.DONE
        kit.operator.delete([claim.id])


def test_spoilt_turns_do_not_stop_claims(kit: StoreKit) -> None:
    for blob in (b"\xc1", pack(["a", "b"]), pack(3)):
        kit.client.call("HSET", kit.keys.turns, "default", blob)
        assert kit.claimed().record.attempts == 1


def test_a_spoilt_kept_answer_does_not_stop_a_worker(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    (name,) = kit.client.call("KEYS", f"{kit.keys.prefix}reply:*")
    kit.client.call("SET", name, b"\xc1")
    assert worker.complete([completed(claim)]) == [SettleCode.OK]


def test_a_spoilt_log_is_begun_anew(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    spoil(kit, claim.id, b"\xc1", kit.keys.log)
    assert worker.report([(claim, "", ["hello"])]) == [SettleCode.OK]
    assert kit.reader.job(claim.id).log == ["hello"]


def test_a_spoilt_idempotency_marker_counts_as_none(kit: StoreKit) -> None:
    kit.client.call("SET", kit.keys.idempotency("k"), b"\xc1")
    (answer,) = kit.producer.enqueue([request()], Marker("k", "body", 60))
    assert answer.created


def test_enqueuing_an_id_whose_record_is_unreadable_answers_that_it_is_there(kit: StoreKit) -> None:
    job_id = kit.enqueue()
    spoil(kit, job_id, b"\xc1")
    there, made = kit.producer.enqueue([request(job_id), request()])
    assert (there.created, made.created) == (False, True)


def test_a_dead_job_without_its_envelope_can_be_retried_with_a_new_one(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.fail([failed(claim, final=True)])
    kit.client.call("HDEL", kit.keys.data, claim.id)
    assert kit.operator.retry([claim.id], envelope=Envelope(b"[1]", 1000))[0].code is MoveCode.DONE
    (again,) = kit.claim(worker)
    assert again.envelope is not None
    assert again.envelope.payload == b"[1]"


def test_a_record_that_no_index_names_can_still_be_cancelled_and_deleted(kit: StoreKit) -> None:
    kept, gone = kit.enqueue(delay_ms=1000), kit.enqueue(delay_ms=1000)
    kit.client.call("DEL", kit.keys.scheduled)
    assert kit.operator.cancel([kept])[0].code is MoveCode.DONE
    assert kit.operator.delete([gone])[0].code is MoveCode.DONE
    assert kit.states([kept, gone]) == [State.CANCELLED, None]
