"""What a dead worker held is settled by what its supervisor saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from jobs.maintenance.mailbox import Lost, LostJob
from jobs.maintenance.settler import Settler
from jobs.states import State
from jobs.store.consumer import Consumer
from jobs.store.registry import WorkerInfo
from jobs.types import Claim
from tests.support.jobs import StoreKit, completed, released

INCARNATION = "f" * 16


@pytest.fixture
def settler(kit: StoreKit) -> Iterator[Settler]:
    """Give a settler on the kit's store."""
    made = Settler(kit.store)
    yield made
    made.close()


@dataclass
class Dead:
    """A worker about to die."""

    kit: StoreKit
    worker: Consumer

    def claim(self, count: int, **options) -> list[Claim]:
        """Jobs in its hands."""
        self.kit.enqueue_many(count, **options)
        return self.kit.claim(self.worker, count)

    def report(self, **parts: list[Claim] | int | None) -> Lost:
        """What its supervisor says."""
        jobs = {
            name: tuple(LostJob(claim.id, claim.token, 40.4) for claim in claims)
            for name, claims in parts.items()
            if isinstance(claims, list)
        }
        rest = {name: value for name, value in parts.items() if not isinstance(value, list)}
        return Lost("w", INCARNATION, **jobs, **rest)  # type: ignore[arg-type]


@pytest.fixture
def dead(kit: StoreKit) -> Iterator[Dead]:
    """Give a worker about to die."""
    worker = kit.store.consumer("w", INCARNATION, "c")
    yield Dead(kit, worker)
    worker.close()


def info(incarnation: str = INCARNATION) -> WorkerInfo:
    return WorkerInfo(
        id="w", incarnation=incarnation, pool="default", host="h", pid=1, queues=("default",), types=(), concurrency=1
    )


def test_each_job_goes_the_way_the_report_says(kit: StoreKit, settler: Settler, dead: Dead):
    overran, ran, beside, unstarted = dead.claim(4)
    kit.advance(100)
    report = dead.report(timed_out=[overran], running=[ran], released=[beside], signal=9)
    assert settler.settle(report) == 4
    records = [kit.record(claim.id) for claim in (overran, ran, beside, unstarted)]
    assert [record.state for record in records] == [State.RETRYING, State.RETRYING, State.PENDING, State.PENDING]
    assert [record.attempts for record in records] == [1, 1, 0, 0]
    assert records[0].error == "JobTimeout: it ran longer than its timeout of 1000 ms"
    assert records[1].error == "WorkerLost: worker 'w' was lost: killed by SIGKILL"
    outcomes = [
        [past.outcome for past in kit.reader.job(claim.id).history] for claim in (overran, ran, beside, unstarted)
    ]
    assert outcomes == [["timed_out"], ["lost"], ["released"], []]
    (execution,) = kit.reader.job(ran.id).history
    assert execution.duration == 40
    assert execution.ended == pytest.approx(kit.reader.now_ms(), abs=2000)


def test_an_exit_code_is_told(kit: StoreKit, settler: Settler, dead: Dead):
    (ran,) = dead.claim(1)
    settler.settle(dead.report(running=[ran], exit=3))
    assert kit.record(ran.id).error == "WorkerLost: worker 'w' was lost: its process exited with code 3"


def test_a_repeated_report_changes_nothing(kit: StoreKit, settler: Settler, dead: Dead):
    ran, unstarted = dead.claim(2)
    report = dead.report(running=[ran])
    settler.settle(report)
    (again,) = kit.claim(kit.worker())
    assert settler.settle(report) == 0
    assert kit.states([ran.id, unstarted.id]) == [State.RETRYING, State.ACTIVE]
    assert again.id == unstarted.id


def test_what_it_settled_itself_stays_so(kit: StoreKit, settler: Settler, dead: Dead):
    (ran,) = dead.claim(1)
    dead.worker.complete([completed(ran)])
    settler.settle(dead.report(running=[ran]))
    assert kit.state(ran.id) is State.COMPLETED


def test_jobs_of_other_workers_are_not_touched(kit: StoreKit, settler: Settler, dead: Dead):
    other = kit.claimed()
    settler.settle(dead.report(running=[other]))
    assert kit.state(other.id) is State.ACTIVE


def test_the_last_attempt_is_the_last(kit: StoreKit, settler: Settler, dead: Dead):
    overran, ran = dead.claim(2, max_retries=0)
    settler.settle(dead.report(timed_out=[overran], running=[ran]))
    assert kit.states([overran.id, ran.id]) == [State.DEAD, State.DEAD]


def test_a_job_to_be_cancelled_is_cancelled(kit: StoreKit, settler: Settler, dead: Dead):
    ran, unstarted = dead.claim(2)
    kit.operator.cancel([ran.id, unstarted.id])
    settler.settle(dead.report(running=[ran]))
    assert kit.states([ran.id, unstarted.id]) == [State.CANCELLED, State.CANCELLED]


def test_a_job_given_back_too_often_dies(make_kit: Callable[..., StoreKit]):
    kit = make_kit(max_releases=1)
    worker = kit.store.consumer("w", INCARNATION, "c")
    kit.enqueue(max_retries=0)
    (claim,) = kit.claim(worker)
    worker.release([released(claim)])
    (claim,) = kit.claim(worker)
    settler = Settler(kit.store)
    settler.settle(Lost("w", INCARNATION))
    record = kit.record(claim.id)
    assert record.state is State.DEAD
    assert "given back too often" in record.error
    settler.close()
    worker.close()


def test_many_jobs_are_settled_in_batches(kit: StoreKit, settler: Settler, dead: Dead):
    kit.enqueue_many(600)
    claims = [claim for _ in range(3) for claim in kit.claim(dead.worker, 250)]
    settler.settle(dead.report(running=claims[:300]))
    assert kit.states([claims[0].id, claims[299].id]) == [State.RETRYING, State.RETRYING]
    assert kit.states([claims[300].id, claims[599].id]) == [State.PENDING, State.PENDING]
    assert kit.client.call("ZCARD", kit.keys.active) == 0


def test_the_worker_leaves_the_list(kit: StoreKit, settler: Settler, dead: Dead):
    kit.store.registry.heartbeat(info())
    settler.settle(dead.report())
    assert kit.store.registry.workers() == []


def test_a_successor_of_the_same_name_stays_on_the_list(kit: StoreKit, settler: Settler, dead: Dead):
    kit.store.registry.heartbeat(info("e" * 16))
    settler.settle(dead.report())
    assert [seen.info.incarnation for seen in kit.store.registry.workers()] == ["e" * 16]
