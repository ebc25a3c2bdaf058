"""The auditor finds what was broken on purpose, and nothing in a store that is whole."""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec
import pytest

from jobs.audit.findings import AuditReport
from jobs.auditor import audit
from jobs.types import Claim, Envelope
from tests.support.jobs import StoreKit, completed, discarded, failed, parked, released, request, snoozed


def run(kit: StoreKit) -> AuditReport:
    """Audit the kit's store."""
    return audit(kit.store)


def fill(kit: StoreKit) -> dict[str, str]:
    """Make jobs in every state and with everything that jobs can have; return one id a state."""
    worker = kit.worker()
    ids = {}
    acts: tuple[tuple[str, Callable[[Claim], object]], ...] = (
        ("completed", lambda c: worker.complete([completed(c, b'"result"')])),
        ("dead", lambda c: worker.fail([failed(c, final=True)])),
        ("retrying", lambda c: worker.fail([failed(c)])),
        ("snoozed", lambda c: worker.snooze([snoozed(c)])),
        ("parked", lambda c: worker.park([parked(c)])),
        ("discarded", lambda c: worker.discard([discarded(c)])),
        ("active", lambda c: worker.report([(c, "50", ["a line"])])),
    )
    for name, act in acts:
        claim = kit.claimed(worker, deduplication_key=f"key of {name}")
        act(claim)
        ids[name] = claim.id
    kit.operator.retry([ids["dead"]], envelope=Envelope(b"[2]", 1000))
    (claim,) = kit.claim(worker)
    worker.release([released(claim)])
    (claim,) = kit.claim(worker)
    worker.fail([failed(claim, final=True)])
    ids["scheduled"] = kit.enqueue(delay_ms=60_000, deduplication_key="later", deduplication_ttl_ms=60_000)
    ids["pending"] = kit.enqueue(queue="mail", retention_ms=5, deduplication_key="mail")
    kit.type_pauses.pause("paused")
    ids["held"] = kit.enqueue(queue="mail", type="paused")
    ids["cancelled"] = kit.enqueue(delay_ms=60_000)
    kit.operator.cancel([ids["cancelled"]])
    ids["deleted"] = kit.enqueue()
    kit.operator.delete([ids["deleted"]])
    return ids


def kinds(kit: StoreKit) -> set[str]:
    """Return the kinds of what an audit finds."""
    return set(run(kit).counts)


def test_a_store_with_jobs_in_every_state_is_whole(kit: StoreKit) -> None:
    fill(kit)
    report = run(kit)
    assert report.clean, report.findings
    assert (report.jobs, report.quiet) == (11, True)


def test_an_empty_store_is_whole(kit: StoreKit) -> None:
    report = run(kit)
    assert report.clean
    assert report.jobs == 0


def test_a_missing_index_entry_is_found_for_every_state(kit: StoreKit) -> None:
    ids, keys = fill(kit), kit.keys
    entries = {
        "scheduled": keys.scheduled, "retrying": keys.retrying, "active": keys.active, "completed": keys.completed,
        "cancelled": keys.cancelled, "dead": keys.dlq_of_type("echo"),
        "pending": keys.pending("mail", request().priority),
    }  # fmt: skip
    for key in entries.values():
        kit.client.call("DEL", key)
    found = {finding.subject for finding in run(kit).findings if finding.kind == "not_in_index"}
    assert found >= {ids[name] for name in entries}


BREAKS: dict[str, tuple[str, Callable[[StoreKit, dict[str, str]], object]]] = {
    "a second place": (
        "in_wrong_index",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.scheduled, 1, ids["completed"]),
    ),
    "another queue's index": (
        "in_wrong_index",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.pending("default", request().priority), 1, ids["pending"]),
    ),
    "another error's index": (
        "in_wrong_index",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.dlq_of_error("a" * 16), 1, ids["dead"]),
    ),
    "a wrong score": (
        "wrong_score",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.scheduled, 1, ids["scheduled"]),
    ),
    "an index entry of nobody": (
        "entry_without_record",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.completed, 1, "nobody"),
    ),
    "a pending entry of nobody": (
        "entry_without_record",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.pending("mail", request().priority), 1, "nobody"),
    ),
    "a creation entry of nobody": (
        "entry_without_record",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.created, 1, "nobody"),
    ),
    "a body of nobody": (
        "body_without_record",
        lambda kit, ids: kit.client.call("HSET", kit.keys.data, "nobody", b"x"),
    ),
    "a missing body": ("no_body", lambda kit, ids: kit.client.call("HDEL", kit.keys.data, ids["active"])),
    "a missing creation entry": (
        "not_in_creation_index",
        lambda kit, ids: kit.client.call("ZREM", kit.keys.created, ids["active"]),
    ),
    "a missing record": (
        "entry_without_record",
        lambda kit, ids: kit.client.call("HDEL", kit.keys.metadata, ids["active"]),
    ),
    "an unreadable record": (
        "unreadable_record",
        lambda kit, ids: kit.client.call("HSET", kit.keys.metadata, ids["active"], b"\xc1"),
    ),
    "a result of nobody": ("remains", lambda kit, ids: kit.client.call("HSET", kit.keys.result, "nobody", b"1")),
    "a log of nobody": ("remains", lambda kit, ids: kit.client.call("HSET", kit.keys.log, "nobody", b"1")),
    "an expiry of nobody": ("remains", lambda kit, ids: kit.client.call("ZADD", kit.keys.expiring, 1, "nobody")),
    "an expiry of an unfinished job": (
        "expires_too_early",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.expiring, 1, ids["pending"]),
    ),
    "an old envelope of nobody": (
        "old_version",
        lambda kit, ids: kit.client.call("HSET", kit.keys.data, "nobody#1", b"x"),
    ),
    "an old envelope too many": (
        "old_version",
        lambda kit, ids: kit.client.call("HSET", kit.keys.data, f"{ids['dead']}#2", b"x"),
    ),
    "a key without its owner's knowing": (
        "key_without_owner",
        lambda kit, ids: kit.client.call("SET", kit.keys.deduplication("foreign"), ids["pending"]),
    ),
    "a key of nobody": (
        "key_without_owner",
        lambda kit, ids: kit.client.call("SET", kit.keys.deduplication("stale"), "nobody"),
    ),
    "a key that was not freed": (
        "key_not_freed",
        lambda kit, ids: kit.client.call("SET", kit.keys.deduplication("key of completed"), ids["completed"]),
    ),
    "a key that was lost": ("key_not_owned", lambda kit, ids: kit.client.call("DEL", kit.keys.deduplication("mail"))),
    "a held job whose type may run": (
        "held_without_pause",
        lambda kit, ids: kit.client.call("DEL", kit.keys.paused_types),
    ),
    "a held job in its queue as well": (
        "in_wrong_index",
        lambda kit, ids: kit.client.call(
            "ZADD", kit.keys.pending("mail", request().priority), kit.record(ids["held"]).position, ids["held"]
        ),
    ),
    "a held job that is held nowhere": (
        "not_in_index",
        lambda kit, ids: kit.client.call("ZREM", kit.keys.held("paused"), ids["held"]),
    ),
    "a held job at another place": (
        "wrong_score",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.held("paused"), 1, ids["held"]),
    ),
    "a job held for another type": (
        "in_wrong_index",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.held("paused"), 1, ids["pending"]),
    ),
    "a held entry of nobody": (
        "entry_without_record",
        lambda kit, ids: kit.client.call("ZADD", kit.keys.held("paused"), 1, "nobody"),
    ),
    "a wrong gauge of held": ("drift", lambda kit, ids: kit.client.call("HINCRBY", kit.keys.counts, "mail|held", 1)),
    "a wrong gauge": ("drift", lambda kit, ids: kit.client.call("HINCRBY", kit.keys.counts, "default|dead", 1)),
    "a wrong gauge of a queue": (
        "drift",
        lambda kit, ids: kit.client.pipeline([
            ("HINCRBY", kit.keys.counts, "default|active", -1), ("HINCRBY", kit.keys.counts, "mail|active", 1),
        ]),
    ),
    "wrong bytes": ("drift", lambda kit, ids: kit.client.call("HINCRBY", kit.keys.counts, "retained_bytes", 1)),
    "a lost group": ("drift", lambda kit, ids: kit.client.call("DEL", kit.keys.dlq_groups)),
    "an unbalanced total": ("imbalance", lambda kit, ids: kit.client.call("HINCRBY", kit.keys.stats, "created", 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found(kit: StoreKit, name: str) -> None:
    kind, break_it = BREAKS[name]
    ids = fill(kit)
    break_it(kit, ids)
    assert kind in kinds(kit)


def test_findings_are_listed_up_to_a_bound_and_counted_beyond(kit: StoreKit) -> None:
    kit.enqueue_many(500)
    kit.client.call("DEL", kit.keys.data)
    report = run(kit)
    assert report.counts == {"no_body": 500}
    assert (len(report.findings), report.total) == (200, 500)
    assert "envelope" in report.findings[0].text
    assert msgspec.json.decode(msgspec.json.encode(report))["counts"] == {"no_body": 500}


def test_progress_is_told(kit: StoreKit) -> None:
    kit.enqueue_many(450)
    told: list[tuple[int, int]] = []
    audit(kit.store, lambda done, expected: told.append((done, expected)))
    assert told[0] == (200, 900)
    assert told[-1] == (900, 900)


def test_an_audit_beside_live_traffic_finds_nothing(kit: StoreKit) -> None:
    fill(kit)
    ended = threading.Event()
    worker = kit.worker()

    def traffic() -> None:
        while not ended.is_set():
            ids = kit.enqueue_many(20, queue="live")
            claims = kit.claim(worker, 20, "live")
            worker.complete([completed(claim, b"1") for claim in claims[:10]])
            worker.fail([failed(claim, final=True) for claim in claims[10:]])
            kit.operator.delete(ids[::3])
            kit.operator.retry(ids[1::3])
            kit.enqueue(deduplication_key="busy", queue="live")

    thread = threading.Thread(target=traffic)
    thread.start()
    try:
        reports = [run(kit) for _ in range(6)]
    finally:
        ended.set()
        thread.join()
    assert [report.findings for report in reports if not report.clean] == []
    assert not all(report.quiet for report in reports)
    assert run(kit).clean
