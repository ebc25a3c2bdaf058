"""Every way in which a job with tags disappears from a store."""

from __future__ import annotations

import msgspec

from jobs.states import State
from jobs.store.consumer import Consumer
from tests.support.jobs import DUTY, StoreKit, completed, discarded, failed

TAGS = ("vip", "eu")


def trimmed(kit: StoreKit, **limits: int) -> Consumer:
    """A worker whose completions leave fewer jobs than there are."""
    return kit.worker(limits=msgspec.structs.replace(kit.limits, **limits))


def complete_without_retention(kit: StoreKit, job_id: str) -> None:
    kit.enqueue(job_id, tags=TAGS, retention_ms=0)
    worker = kit.worker()
    worker.complete([completed(claim) for claim in kit.claim(worker)])


def trim_by_number(kit: StoreKit, job_id: str) -> None:
    worker = trimmed(kit, retention_max=0)
    worker.complete([completed(kit.claimed(worker, job_id=job_id, tags=TAGS))])


def trim_by_bytes(kit: StoreKit, job_id: str) -> None:
    worker = trimmed(kit, retention_max_bytes=0)
    worker.complete([completed(kit.claimed(worker, job_id=job_id, tags=TAGS), b"1")])


def trim_unreadable(kit: StoreKit, job_id: str) -> None:
    worker = kit.worker()
    worker.complete([completed(kit.claimed(worker, job_id=job_id, tags=TAGS))])
    kit.client.call("HSET", kit.keys.metadata, job_id, b"\xc1")
    worker = trimmed(kit, retention_max=1)
    worker.complete([completed(kit.claimed(worker))])


def prune_expired(kit: StoreKit, job_id: str) -> None:
    worker = kit.worker()
    worker.discard([discarded(kit.claimed(worker, job_id=job_id, tags=TAGS, retention_ms=5))])
    kit.advance(60_000)
    assert [job[0] for job in kit.keeper.expired_retention(10).jobs] == [job_id]
    kit.operator.delete([job_id], seen_in=State.CANCELLED, counter="pruned", duty=DUTY, token=kit.lead())


def delete_pending(kit: StoreKit, job_id: str) -> None:
    kit.enqueue(job_id, tags=TAGS)
    kit.operator.delete([job_id])


def delete_scheduled(kit: StoreKit, job_id: str) -> None:
    kit.enqueue(job_id, tags=TAGS, delay_ms=60_000)
    kit.operator.delete([job_id])


def delete_dead(kit: StoreKit, job_id: str) -> None:
    worker = kit.worker()
    worker.fail([failed(kit.claimed(worker, job_id=job_id, tags=TAGS), final=True)])
    kit.operator.delete([job_id])


def delete_retrying(kit: StoreKit, job_id: str) -> None:
    worker = kit.worker()
    worker.fail([failed(kit.claimed(worker, job_id=job_id, tags=TAGS))])
    kit.operator.delete([job_id])


def purge(kit: StoreKit, job_id: str) -> None:
    kit.enqueue(job_id, tags=TAGS)
    kit.operator.delete([job_id], seen_in=State.PENDING, counter="purged")


def delete_unreadable(kit: StoreKit, job_id: str) -> None:
    kit.enqueue(job_id, tags=TAGS)
    kit.client.call("HSET", kit.keys.metadata, job_id, b"\xc1")
    assert kit.claim(kit.worker()) == []
    kit.operator.delete([job_id])


def delete_quarantined(kit: StoreKit, job_id: str) -> None:
    kit.claimed(job_id=job_id, tags=TAGS)
    kit.client.call("HSET", kit.keys.metadata, job_id, b"\xc1")
    kit.advance(60_000)
    strays = kit.keeper.expired_leases(10).unreadable
    assert kit.keeper.quarantine(DUTY, kit.lead(), kit.keys.active, strays) == 1
    kit.operator.delete([job_id])


def delete_half_gone(kit: StoreKit, job_id: str) -> None:
    kit.enqueue(job_id, tags=TAGS)
    kit.client.call("HDEL", kit.keys.metadata, job_id)
    kit.operator.delete([job_id])


WAYS_OUT = (
    complete_without_retention, trim_by_number, trim_by_bytes, trim_unreadable, prune_expired, delete_pending,
    delete_scheduled, delete_dead, delete_retrying, purge, delete_unreadable, delete_quarantined, delete_half_gone,
)  # fmt: skip
