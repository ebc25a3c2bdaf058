"""The auditor finds what is wrong with the index of tags."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobs.auditor import audit
from tests.store.tagging import keep, keep_no_longer
from tests.support.jobs import StoreKit, completed, failed

TAGS = ("vip", "eu")


def fill(kit: StoreKit) -> dict[str, str]:
    """Jobs in some states, those with tags and those without; one was made before there was an index."""
    early = kit.enqueue(tags=TAGS, queue="early")
    keep(kit)
    worker = kit.worker()
    done, dead = kit.claimed(worker, tags=TAGS), kit.claimed(worker, tags=TAGS)
    worker.complete([completed(done)])
    worker.fail([failed(dead, final=True)])
    return {"early": early, "done": done.id, "dead": dead.id, "plain": kit.enqueue(), "waits": kit.enqueue(tags=TAGS)}


def without_tags(kit: StoreKit, job_id: str) -> None:
    """Take a job out of the index, and its tags out of its record."""
    for tag in TAGS:
        kit.client.call("ZREM", kit.keys.tagged(tag), job_id)
    packed = kit.client.call("HGET", kit.keys.metadata, job_id)
    names = b"\x92\xa3vip\xa2eu"
    assert packed.endswith(names)
    kit.client.call("HSET", kit.keys.metadata, job_id, packed[:2] + bytes([28]) + packed[3 : -len(names)])


FAULTS: dict[str, tuple[str, str, Callable[[StoreKit, dict[str, str]], object]]] = {
    "an entry of nobody": (
        "entry_without_record",
        "nobody",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.tagged("eu"), 1, "nobody"),
    ),
    "an entry in an index of nobody's tag": (
        "entry_without_record",
        "nobody",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.tagged("unheard of"), 1, "nobody"),
    ),
    "an entry of a job without that tag": (
        "in_wrong_index",
        "waits",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.tagged("us"), 1, ids["waits"]),
    ),
    "an entry of a job without tags": (
        "in_wrong_index",
        "plain",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.tagged("eu"), 1, ids["plain"]),
    ),
    "an entry too early": (
        "in_wrong_index",
        "early",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.tagged("eu"), 1, ids["early"]),
    ),
    "a missing entry": (
        "not_in_index",
        "done",
        lambda kit, ids: kit.client.call("ZREM", kit.keys.tagged("vip"), ids["done"]),
    ),
    "a missing index": ("not_in_index", "dead", lambda kit, ids: kit.client.call("DEL", kit.keys.tagged("vip"))),
    "an entry at another place": (
        "wrong_score",
        "dead",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.tagged("eu"), 1, ids["dead"]),
    ),
    "a job that was never entered": ("wrong_tags", "waits", lambda kit, ids: without_tags(kit, ids["waits"])),
    "an index that claims to be whole": (
        "wrong_tags",
        "early",
        lambda kit, ids: kit.client.call("SET", kit.keys.tag_index, 0),
    ),
}


def test_what_is_right_is_found_right(kit: StoreKit) -> None:
    fill(kit)
    assert audit(kit.store).clean
    keep_no_longer(kit)
    kit.enqueue(tags=TAGS)
    assert audit(kit.store).clean


@pytest.mark.parametrize(("kind", "subject", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found(
    kit: StoreKit, kind: str, subject: str, fault: Callable[[StoreKit, dict[str, str]], object]
) -> None:
    ids = fill(kit)
    fault(kit, ids)
    found = {(each.kind, each.subject) for each in audit(kit.store).findings}
    assert (kind, ids.get(subject, subject)) in found


def test_a_job_that_was_never_entered_is_none_of_its_business_while_no_index_is_kept(kit: StoreKit) -> None:
    ids = fill(kit)
    without_tags(kit, ids["waits"])
    keep_no_longer(kit)
    assert audit(kit.store).clean


def test_an_unreadable_job_may_stand_in_the_index_until_it_is_deleted(kit: StoreKit) -> None:
    ids = fill(kit)
    kit.client.call("HSET", kit.keys.metadata, ids["done"], b"\xc1")
    assert {each.subject for each in audit(kit.store).findings if each.kind != "drift"} == {ids["done"]}
    kit.operator.delete([ids["done"]])
    assert audit(kit.store).counts.keys() <= {"drift"}
