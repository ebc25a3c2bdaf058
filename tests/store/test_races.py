"""What was read may have moved before the script runs: it is read again; nothing is left behind or counted twice."""

from __future__ import annotations

import msgspec
import pytest

from jobs.states import State
from jobs.store.codes import MoveCode, SettleCode
from jobs.store.keeper import Keeper
from jobs.store.operator import Operator
from jobs.types import Failure, Priority
from tests.support.breaking import Losing, Meddler
from tests.support.jobs import BOOM, DUTY, StoreKit, completed, failed, released

OTHER = Failure("KeyError", "other", "", "e" * 16)


@pytest.fixture
def meddler(kit: StoreKit) -> Meddler:
    """Give a client between whose reads and scripts others act."""
    return Meddler(kit.client)


@pytest.fixture
def operator(kit: StoreKit, meddler: Meddler) -> Operator:
    """Give an operator on that client."""
    return Operator(meddler, kit.keys)  # type: ignore[arg-type]


def die(kit: StoreKit, failure: Failure = BOOM) -> str:
    """Return a job that is dead of `failure`."""
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.fail([failed(claim, failure, final=True)])
    return claim.id


def die_again(kit: StoreKit, job_id: str, failure: Failure) -> None:
    """Retry a dead job and let it die of something else."""
    kit.operator.retry([job_id])
    worker = kit.worker()
    (claim,) = kit.claim(worker)
    worker.fail([failed(claim, failure, final=True)])


@pytest.mark.parametrize("verb", ["delete", "retry"])
def test_a_job_that_died_anew_meanwhile_leaves_the_right_group(
    kit: StoreKit, meddler: Meddler, operator: Operator, verb: str
) -> None:
    job_id = die(kit)
    meddler.before(verb, lambda: die_again(kit, job_id, OTHER))
    assert getattr(operator, verb)([job_id])[0].code is MoveCode.DONE
    assert kit.reader.groups() == {}
    for fingerprint in (BOOM.fingerprint, OTHER.fingerprint):
        assert kit.client.call("ZCARD", kit.keys.dlq_of_error(fingerprint)) == 0
    assert kit.client.call("ZCARD", kit.keys.dlq_of_type("echo")) == 0


@pytest.mark.parametrize("verb", ["delete", "retry"])
def test_a_job_that_dies_between_read_and_script_is_read_again(
    kit: StoreKit, meddler: Meddler, operator: Operator, verb: str
) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    worker.fail([failed(claim)])
    kit.operator.run_now([claim.id])

    def die_now() -> None:
        (again,) = kit.claim(worker)
        worker.fail([failed(again, final=True)])

    meddler.before(verb, die_now)
    assert getattr(operator, verb)([claim.id])[0].code is MoveCode.DONE
    assert kit.client.call("ZCARD", kit.keys.dlq) == 0


@pytest.mark.parametrize("verb", ["delete", "cancel"])
def test_a_job_that_was_retried_to_another_queue_leaves_that_one(
    kit: StoreKit, meddler: Meddler, operator: Operator, verb: str
) -> None:
    job_id = die(kit)
    kit.operator.retry([job_id])

    def change_queue() -> None:
        worker = kit.worker()
        (claim,) = kit.claim(worker)
        worker.fail([failed(claim, final=True)])
        kit.operator.retry([job_id], queue="other")

    meddler.before(verb, change_queue)
    assert getattr(operator, verb)([job_id])[0].code is MoveCode.DONE
    assert kit.claim(kit.worker(), queue="other") == []
    assert kit.client.call("ZCARD", kit.keys.pending("other", Priority.NORMAL)) == 0


def test_run_now_and_promote_never_file_a_job_under_a_queue_it_left(
    kit: StoreKit, meddler: Meddler, operator: Operator
) -> None:
    job_id = kit.enqueue(delay_ms=1000)
    record = kit.record(job_id)

    def move() -> None:
        kit.operator.run_now([job_id])
        die_from_pending(kit)
        kit.operator.retry([job_id], queue="other")
        worker = kit.worker()
        (claim,) = kit.claim(worker, queue="other")
        worker.fail([failed(claim)])

    meddler.before("run_now", move)
    assert operator.run_now([job_id])[0].code is MoveCode.DONE
    assert [claim.id for claim in kit.claim(kit.worker(), queue="other")] == [job_id]
    stale = [(job_id, msgspec.structs.replace(record, queue="default"))]
    keeper = Keeper(kit.client, kit.keys)
    assert keeper.promote(DUTY, kit.lead(), stale) == [MoveCode.WRONG_STATE]


def die_from_pending(kit: StoreKit) -> None:
    """Let the only pending job of the default queue die."""
    worker = kit.worker()
    (claim,) = kit.claim(worker)
    worker.fail([failed(claim, final=True)])


def test_a_claim_named_twice_in_one_batch_settles_once(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    assert worker.complete([completed(claim), completed(claim)]) == [SettleCode.OK, SettleCode.LEASE_LOST]
    assert kit.reader.totals()["completed"] == 1
    assert kit.reader.gauges()["default|active"] == 0


def test_a_job_named_twice_in_one_script_moves_once(kit: StoreKit) -> None:
    job_id = kit.enqueue(delay_ms=10)
    kit.advance(20)
    due = kit.keeper.due_scheduled(10).jobs
    assert kit.keeper.promote(DUTY, kit.lead(), [*due, *due]) == [MoveCode.DONE, MoveCode.MOVED]
    assert kit.reader.gauges()["default|scheduled"] == 0
    assert kit.state(job_id) is State.PENDING


def test_a_cancel_asked_for_while_it_ran_wins_over_failure_release_and_loss(kit: StoreKit) -> None:
    worker = kit.worker()
    for settle in (lambda c: worker.fail([failed(c)]), lambda c: worker.release([released(c)])):
        claim = kit.claimed(worker)
        assert kit.operator.cancel([claim.id])[0].code is MoveCode.FLAGGED
        assert worker.renew([claim]) == [SettleCode.CANCELLED]
        assert settle(claim) == [SettleCode.CANCELLED]
        assert kit.state(claim.id) is State.CANCELLED
    lost = kit.claimed(worker)
    kit.operator.cancel([lost.id])
    kit.advance(60_000)
    assert kit.reap() == [lost.id]
    assert kit.state(lost.id) is State.CANCELLED


def test_a_job_that_completes_before_its_cancel_arrives_is_completed(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    kit.operator.cancel([claim.id])
    assert worker.complete([completed(claim)]) == [SettleCode.OK]
    assert kit.state(claim.id) is State.COMPLETED


def test_a_repeated_claim_leaves_out_what_was_taken_away_meanwhile(kit: StoreKit) -> None:
    worker = kit.worker()
    worker._channel = losing = Losing(worker._channel)  # type: ignore[assignment]
    ids = kit.enqueue_many(3)
    losing.lose("claim")
    with pytest.raises(Exception, match="lost"):
        kit.claim(worker, 3)
    kit.client.call("ZADD", kit.keys.active, 1, ids[0])
    assert kit.reap() == [ids[0]]
    kit.client.call("ZADD", kit.keys.active, 1, ids[1])
    kit.reap()
    kit.operator.delete([ids[1]])
    assert [claim.id for claim in worker.repeat()] == [ids[2]]
