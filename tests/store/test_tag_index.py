"""The index of tags: whichever way a job appears or disappears, its entries come and go with it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from jobs.auditor import audit
from jobs.store.fencing import NotLeading
from jobs.store.producer import Marker
from jobs.types import Claim, Envelope
from tests.store.tagging import index, keep, keep_no_longer, listed, make_whole, tagged
from tests.store.ways_out import TAGS, WAYS_OUT
from tests.support.jobs import DUTY, StoreKit, completed, failed, request


def enqueue_one(kit: StoreKit) -> list[str]:
    return [kit.enqueue(tags=TAGS)]


def enqueue_many(kit: StoreKit) -> list[str]:
    return kit.enqueue_many(5, tags=TAGS)


def enqueue_later(kit: StoreKit) -> list[str]:
    return [kit.enqueue(tags=TAGS, delay_ms=60_000)]


def enqueue_with_a_key(kit: StoreKit) -> list[str]:
    ids = [kit.enqueue(tags=TAGS, deduplication_key="k")]
    kit.enqueue(tags=("duplicate",), deduplication_key="k")
    return ids


def enqueue_with_a_marker(kit: StoreKit) -> list[str]:
    made = request(tags=TAGS)
    for _ in range(2):
        kit.producer.enqueue([made], Marker("k", "b", 60))
    return [made.id]


def enqueue_of_a_paused_type(kit: StoreKit) -> list[str]:
    kit.type_pauses.pause("echo")
    return [kit.enqueue(tags=TAGS)]


def enqueue_twice(kit: StoreKit) -> list[str]:
    made = request(tags=TAGS)
    kit.producer.enqueue([made])
    kit.producer.enqueue([request(made.id, tags=("another",))])
    return [made.id]


WAYS_IN = (
    enqueue_one, enqueue_many, enqueue_later, enqueue_with_a_key, enqueue_with_a_marker, enqueue_of_a_paused_type,
    enqueue_twice,
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS_IN)
def test_whichever_way_a_job_comes_it_is_entered_by_when_it_was_made(
    kit: StoreKit, way: Callable[[StoreKit], list[str]]
) -> None:
    keep(kit)
    kit.enqueue("a job without tags")
    ids = way(kit)
    assert index(kit) == {"eu": ids, "vip": ids}
    stamps = kit.client.call("ZMSCORE", kit.keys.created, *ids)
    assert kit.client.call("ZMSCORE", kit.keys.tagged("eu"), *ids) == stamps
    assert {kit.record(job_id).tags for job_id in ids} == {TAGS}
    assert audit(kit.store).clean


@pytest.mark.parametrize("way", WAYS_IN)
def test_while_no_index_is_kept_nothing_is_entered(kit: StoreKit, way: Callable[[StoreKit], list[str]]) -> None:
    kit.enqueue("another")
    ids = way(kit)
    assert index(kit) == {}
    assert {kit.record(job_id).tags for job_id in ids} == {()}


def test_the_record_of_a_job_without_tags_is_what_it_would_be_without_the_index(kit: StoreKit) -> None:
    sizes = []
    for act in (lambda: None, lambda: keep(kit)):
        act()
        for _ in range(2):  # the second one takes the short way
            packed = kit.client.call("HGET", kit.keys.metadata, kit.enqueue())
            sizes.append(len(msgspec.msgpack.decode(packed)))
    assert sizes == [28] * 4


@pytest.mark.parametrize("still_kept", [True, False], ids=["kept", "no longer kept"])
@pytest.mark.parametrize("way", WAYS_OUT)
def test_whichever_way_a_job_goes_its_entries_go_with_it(
    kit: StoreKit, monkeypatch: pytest.MonkeyPatch, way: Callable[[StoreKit, str], None], still_kept: bool
) -> None:
    keep(kit)
    kit.enqueue("another", queue="mail", tags=TAGS)
    if not still_kept:  # from just before the job goes
        enqueue = kit.producer.enqueue

        def enqueue_last(*args: object) -> object:
            answers = enqueue(*args)  # type: ignore[arg-type]
            keep_no_longer(kit)
            return answers

        monkeypatch.setattr(kit.producer, "enqueue", enqueue_last)
    way(kit, "the-job")
    assert kit.state("the-job") is None
    assert kit.client.call("HEXISTS", kit.keys.data, "the-job") == 0
    assert index(kit) == {"eu": ["another"], "vip": ["another"]}


@pytest.mark.parametrize("size", [2, 300, 70_000])
def test_the_entries_of_an_unreadable_job_are_found_behind_payloads_of_any_size(kit: StoreKit, size: int) -> None:
    keep(kit)
    job_id = kit.enqueue(tags=TAGS, payload=b"1" * size)
    kit.client.call("HSET", kit.keys.metadata, job_id, b"\xc1")
    kit.operator.delete([job_id])
    assert index(kit) == {}


@pytest.mark.parametrize(
    "envelope", [b"", b"\x95", b"\xc1", b"\x95\xc6\xff", b"\x95\xc4\x01", b"\x95\xc4\x00\x01\xc0\x80"]
)
def test_a_job_of_which_nothing_can_be_read_goes_all_the_same(kit: StoreKit, envelope: bytes) -> None:
    job_id = kit.enqueue()
    kit.client.call("HSET", kit.keys.metadata, job_id, b"\xc1")
    kit.client.call("HSET", kit.keys.data, job_id, envelope)
    kit.operator.delete([job_id])
    assert kit.client.call("EXISTS", kit.keys.metadata, kit.keys.data) == 0


def test_a_job_that_moves_stays_where_it_is_in_the_index(kit: StoreKit) -> None:
    keep(kit)
    ids = kit.enqueue_many(3, tags=TAGS)
    worker = kit.worker()
    first, second, third = kit.claim(worker, 3)
    worker.complete([completed(first)])
    worker.fail([failed(second), failed(third, final=True)])
    assert tagged(kit, "eu") == ids
    kit.operator.retry([third.id])
    kit.operator.cancel([second.id])
    assert tagged(kit, "eu") == ids
    assert audit(kit.store).clean


@pytest.mark.parametrize("still_kept", [True, False])
def test_a_new_envelope_with_other_tags_moves_a_job_to_them(kit: StoreKit, still_kept: bool) -> None:
    keep(kit)
    worker = kit.worker()
    claim = kit.claimed(worker, tags=TAGS)
    worker.fail([failed(claim, final=True)])
    if not still_kept:
        keep_no_longer(kit)
    kit.operator.retry([claim.id], envelope=Envelope(b"[2]", 1000, None, ("eu", "new")))
    assert index(kit) == {"eu": [claim.id], "new": [claim.id]}
    assert audit(kit.store).clean


def test_a_new_envelope_enters_a_job_that_the_index_does_not_reach_yet(kit: StoreKit) -> None:
    worker = kit.worker()
    claims: list[Claim] = [kit.claimed(worker, tags=TAGS) for _ in range(3)]
    worker.fail([failed(claim, final=True) for claim in claims])
    before, after, bare = (claim.id for claim in claims)
    kit.operator.retry([before], envelope=Envelope(b"[2]", 1000, None, ("new",)))
    since = keep(kit)
    kit.operator.retry([after], envelope=Envelope(b"[2]", 1000, None, ("new",)))
    kit.operator.retry([bare], envelope=Envelope(b"[2]", 1000))
    assert index(kit) == {"new": [after]}
    # What was read before the envelope changed is not entered any more.
    items = [(before, 2, ("new",)), (after, 1, TAGS), (bare, 1, TAGS)]
    assert kit.store.tag_index.fill(DUTY, kit.lead(), since, 0, items)
    assert index(kit) == {"new": [before, after]}
    assert audit(kit.store).clean


def test_an_index_begun_in_an_empty_store_is_whole(kit: StoreKit) -> None:
    assert kit.store.tag_index.since() is None
    assert keep(kit) == 0
    kit.enqueue(tags=TAGS)
    assert keep(kit) == kit.store.tag_index.since() == 0


def test_an_index_begun_among_jobs_is_whole_from_then_on(kit: StoreKit) -> None:
    before = [kit.enqueue(tags=TAGS) for _ in range(3)]
    since = keep(kit)
    after = [kit.enqueue(tags=TAGS) for _ in range(3)]
    assert tagged(kit, "eu") == after
    stamps = [float(each) for each in kit.client.call("ZMSCORE", kit.keys.created, before[-1], after[0])]
    assert stamps[0] < since <= stamps[1]
    assert not kit.store.tag_index.covers(None)
    assert kit.store.tag_index.covers(since // 1000 + 1)
    assert listed(kit, "eu") == [*before, *after][::-1]
    assert audit(kit.store).clean


def test_earlier_jobs_are_entered_and_only_once_it_is_begun_anew(kit: StoreKit) -> None:
    ids = kit.enqueue_many(600, tags=TAGS)
    bad, gone = ids[10], ids[20]
    kit.client.call("HSET", kit.keys.metadata, bad, b"\xc1")
    kit.enqueue_many(300)
    make_whole(kit)
    assert kit.store.tag_index.since() == 0
    assert index(kit) == {tag: [job_id for job_id in ids if job_id != bad] for tag in sorted(TAGS)}
    kit.operator.delete([gone])
    assert gone not in tagged(kit, "eu")
    keep_no_longer(kit)
    late = kit.enqueue(tags=TAGS)
    since = keep(kit)
    assert kit.store.tag_index.fill(DUTY, kit.lead(), since + 1, 0, [(late, 1, TAGS)]) is False
    assert late not in tagged(kit, "eu")
    make_whole(kit)
    assert tagged(kit, "eu")[-1] == late


def test_only_the_leader_begins_fills_and_ends(kit: StoreKit) -> None:
    tags = kit.store.tag_index
    for act in (lambda: tags.begin(DUTY, "x"), lambda: tags.end(DUTY, "x"), lambda: tags.fill(DUTY, "x", 1, 0, [])):
        with pytest.raises(NotLeading):
            act()
