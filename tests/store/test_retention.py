"""What is kept of finished jobs, trimmed by the completion itself up to twice its batch; history and log have caps."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from jobs.auditor import audit
from jobs.states import State
from jobs.store.codes import MoveCode
from jobs.store.consumer import Consumer
from jobs.types import Envelope
from tests.support.jobs import DUTY, StoreKit, completed, failed, parked, released, snoozed


def finish(kit: StoreKit, worker: Consumer, count: int, result: bytes = b"", **options: object) -> list[str]:
    """Complete `count` jobs one by one and return their ids."""
    ids = []
    for _ in range(count):
        claim = kit.claimed(worker, **options)
        worker.complete([completed(claim, result)])
        ids.append(claim.id)
    return ids


def there(kit: StoreKit, ids: Sequence[str]) -> list[str]:
    """Those of some jobs that the store still has."""
    return [job_id for job_id in ids if kit.state(job_id)]


def limited(kit: StoreKit, **limits: int) -> Consumer:
    """Return a worker with retention limits."""
    return kit.worker(limits=msgspec.structs.replace(kit.limits, **limits))


def test_the_oldest_completed_go_when_there_are_too_many(kit: StoreKit) -> None:
    ids = finish(kit, limited(kit, retention_max=5), 9)
    assert there(kit, ids) == ids[4:]
    assert kit.reader.totals()["pruned"] == 4
    assert audit(kit.store).clean


def test_a_completion_trims_at_most_twice_its_batch(kit: StoreKit) -> None:
    finish(kit, kit.worker(), 20)
    ids = finish(kit, limited(kit, retention_max=5), 1)
    assert kit.reader.state_counts()["completed"] == 19
    assert there(kit, ids) == ids


def test_bytes_are_trimmed_no_further_than_needed(kit: StoreKit) -> None:
    worker = limited(kit, retention_max_bytes=10_500)
    kit.enqueue_many(10)
    worker.complete([completed(claim, b"1" * 1000) for claim in kit.claim(worker, 10)])
    assert kit.reader.state_counts()["completed"] == 10
    kit.enqueue_many(3)
    worker.complete([completed(claim, b"1" * 1000) for claim in kit.claim(worker, 3)])
    assert kit.reader.state_counts()["completed"] == 10
    assert 9_500 < kit.reader.gauges()["retained_bytes"] <= 10_500
    assert audit(kit.store).clean


def test_a_result_bigger_than_all_that_may_be_kept_is_not_kept(kit: StoreKit) -> None:
    ids = finish(kit, limited(kit, retention_max_bytes=1000), 2, b"1" * 5000)
    assert there(kit, ids) == []
    assert kit.reader.gauges()["retained_bytes"] == 0
    assert audit(kit.store).clean


def test_retention_zero_keeps_nothing_at_all(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker, retention_ms=0, deduplication_key="once")
    worker.report([(claim, "50", ["a line"])])
    worker.complete([completed(claim, b"1")])
    assert kit.state(claim.id) is None
    for key in (kit.keys.data, kit.keys.result, kit.keys.log, kit.keys.progress, kit.keys.history):
        assert kit.client.call("HLEN", key) == 0
    assert kit.reader.totals() == {"created": 1, "claimed": 1, "completed": 1, "pruned": 1}
    assert audit(kit.store).clean


@pytest.mark.parametrize("retention_ms", [0, 60_000])
def test_a_cancelled_job_expires_by_its_own_retention(kit: StoreKit, retention_ms: int) -> None:
    job_id = kit.enqueue(retention_ms=retention_ms)
    kit.operator.cancel([job_id])
    kit.advance(retention_ms - 1000)
    assert [each for each, _ in kit.keeper.expired_retention(10).jobs] == []
    kit.advance(2000)
    assert [each for each, _ in kit.keeper.expired_retention(10).jobs] == [job_id]


def test_own_retention_expires_and_is_pruned_by_the_leader(kit: StoreKit) -> None:
    (job_id,) = finish(kit, kit.worker(), 1, b"1", retention_ms=60_000)
    assert kit.keeper.expired_retention(10).jobs == []
    kit.advance(60_001)
    (due,) = kit.keeper.expired_retention(10).jobs
    pruned = kit.operator.delete([due[0]], seen_in=State.COMPLETED, counter="pruned", duty=DUTY, token=kit.lead())
    assert pruned[0].code is MoveCode.DONE
    assert kit.state(job_id) is None
    assert kit.keeper.expired_retention(10).jobs == []
    assert audit(kit.store).clean


def test_trimming_takes_every_version_of_an_edited_payload(kit: StoreKit) -> None:
    worker = limited(kit, retention_max=1)
    claim = kit.claimed(worker)
    for number in range(3):
        worker.fail([failed(claim, final=True)])
        kit.operator.retry([claim.id], envelope=Envelope(b"[%d]" % number, 1000))
        (claim,) = kit.claim(worker)
        assert claim.envelope is not None
        assert claim.envelope.payload == b"[%d]" % number
    assert kit.client.call("HLEN", kit.keys.data) == 4
    assert claim.record.version == 4
    worker.complete([completed(claim)])
    finish(kit, worker, 1)
    assert kit.client.call("HLEN", kit.keys.data) == 1
    assert audit(kit.store).clean


def test_the_history_keeps_the_last_twenty_executions_and_counts_all(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker, max_retries=100)
    for _ in range(24):
        worker.fail([failed(claim)])
        kit.operator.run_now([claim.id])
        (claim,) = kit.claim(worker)
    worker.complete([completed(claim)])
    job = kit.reader.job(claim.id)
    assert [execution.number for execution in job.history] == list(range(5, 25))
    assert job.record is not None
    assert job.record.executions == 25
    assert audit(kit.store).clean


def test_the_log_keeps_the_last_two_hundred_lines_and_counts_as_kept(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    before = kit.record(claim.id).size
    for start in range(0, 260, 26):
        worker.report([(claim, "", [f"line {number}" for number in range(start, start + 26)])])
    assert kit.reader.job(claim.id).log == [f"line {number}" for number in range(60, 260)]
    assert kit.record(claim.id).size == before + kit.client.call("HSTRLEN", kit.keys.log, claim.id)
    worker.complete([completed(claim)])
    assert kit.reader.gauges()["retained_bytes"] == kit.record(claim.id).size


def test_progress_alone_leaves_the_log_as_it_is(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.report([(claim, "", ["first"])])
    worker.report([(claim, '{"percent":50}', [])])
    job = kit.reader.job(claim.id)
    assert (job.log, job.progress) == (["first"], b'{"percent":50}')


def test_an_execution_that_never_started_leaves_no_trace(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.release([released(claim)])
    assert kit.reader.job(claim.id).history == []
    (claim,) = kit.claim(worker)
    worker.release([released(claim, started=True)])
    assert [execution.outcome for execution in kit.reader.job(claim.id).history] == ["released"]


@pytest.mark.parametrize("ends", ["snoozed", "failed"])
def test_running_proves_that_the_type_is_known(kit: StoreKit, ends: str) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.park([parked(claim)])
    assert kit.record(claim.id).unknown_since > 0
    kit.operator.run_now([claim.id])
    (claim,) = kit.claim(worker)
    if ends == "snoozed":
        worker.snooze([snoozed(claim)])
    else:
        worker.fail([failed(claim)])
    assert kit.record(claim.id).unknown_since == 0
