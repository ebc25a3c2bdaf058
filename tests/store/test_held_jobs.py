"""Held jobs wake nobody, and people can do to them what they can do to any pending job."""

from __future__ import annotations

import threading

import pytest

from jobs.auditor import audit
from jobs.states import State
from jobs.store.codes import MoveCode
from jobs.store.operator import Operator
from tests.store.pausing import held, tokens
from tests.support.breaking import Meddler
from tests.support.jobs import DUTY, StoreKit, request
from tests.support.polling import wait_until


class TestTokens:
    def test_a_held_job_wakes_nobody(self, kit: StoreKit) -> None:
        kit.type_pauses.pause("echo")
        kit.enqueue()
        kit.enqueue_many(5)
        assert tokens(kit) == 0

    def test_a_queue_with_nothing_but_paused_jobs_lets_workers_sleep(self, kit: StoreKit) -> None:
        kit.enqueue_many(500)
        kit.type_pauses.pause("echo")
        worker, asked = kit.worker(), 0
        while tokens(kit):
            assert kit.claim(worker, 5) == []
            asked += 1
        assert asked <= 4

    def test_a_resume_wakes_workers(self, kit: StoreKit) -> None:
        kit.type_pauses.pause("echo")
        kit.enqueue_many(500)
        kit.enqueue(queue="mail")
        kit.type_pauses.resume("echo")
        assert (tokens(kit), tokens(kit, "mail")) == (64, 1)

    def test_a_resume_ends_the_wait_of_an_idle_worker(self, kit: StoreKit) -> None:
        kit.type_pauses.pause("echo")
        kit.enqueue()
        worker = kit.worker()
        waiting = threading.Thread(target=worker.wait, args=(["default"], "control", 60.0))
        waiting.start()
        wait_until(lambda: b"blocked_clients:1" in kit.client.call("INFO", "clients"))
        kit.type_pauses.resume("echo")
        waiting.join(10)
        assert not waiting.is_alive()
        assert len(kit.claim(worker, 5)) == 1

    def test_a_resume_wakes_nobody_for_a_paused_queue(self, kit: StoreKit) -> None:
        kit.type_pauses.pause("echo")
        kit.enqueue()
        kit.operator.pause("default")
        kit.type_pauses.resume("echo")
        assert (tokens(kit), kit.claim(kit.worker(), 5)) == (0, [])
        kit.operator.resume("default")
        assert tokens(kit) == 1
        assert len(kit.claim(kit.worker(), 5)) == 1

    def test_the_resume_of_a_queue_leaves_its_paused_type_alone(self, kit: StoreKit) -> None:
        kit.type_pauses.pause("echo")
        kit.operator.pause("default")
        kit.enqueue_many(3)
        kit.operator.resume("default")
        assert (tokens(kit), kit.claim(kit.worker(), 5), list(kit.reader.paused())) == (0, [], [])


class TestHeldJobs:
    """What people do to held jobs."""

    @pytest.fixture
    def job_id(self, kit: StoreKit) -> str:
        """Give the id of a held job."""
        kit.type_pauses.pause("echo")
        return kit.enqueue(deduplication_key="mine")

    @pytest.mark.parametrize("verb", ["cancel", "delete"])
    def test_they_can_be_cancelled_and_deleted(self, kit: StoreKit, job_id: str, verb: str) -> None:
        assert getattr(kit.operator, verb)([job_id])[0].code is MoveCode.DONE
        assert kit.state(job_id) is (State.CANCELLED if verb == "cancel" else None)
        assert (held(kit), kit.reader.gauges()["default|held"]) == (0, 0)
        assert kit.enqueue(deduplication_key="mine")
        assert audit(kit.store).clean

    def test_they_can_be_purged(self, kit: StoreKit, job_id: str) -> None:
        answer = kit.operator.delete([job_id], seen_in=State.PENDING, counter="purged")
        assert answer[0].code is MoveCode.DONE
        assert held(kit) == 0
        assert audit(kit.store).clean

    def test_they_are_not_run_now(self, kit: StoreKit, job_id: str) -> None:
        assert kit.operator.run_now([job_id])[0].code is MoveCode.WRONG_STATE
        assert held(kit) == 1

    def test_they_keep_their_deduplication_key(self, kit: StoreKit, job_id: str) -> None:
        (answer,) = kit.producer.enqueue([request(deduplication_key="mine")])
        assert answer.duplicate_of == job_id

    def test_a_repeat_of_their_id_makes_nothing(self, kit: StoreKit, job_id: str) -> None:
        (answer,) = kit.producer.enqueue([request(job_id)])
        assert (answer.created, answer.state) == (False, State.PENDING)
        assert held(kit) == 1

    def test_they_are_promoted_but_once(self, kit: StoreKit, job_id: str) -> None:
        record = kit.record(job_id)
        assert kit.keeper.promote(DUTY, kit.lead(), [(job_id, record)]) == [MoveCode.WRONG_STATE]


def test_a_job_that_is_put_apart_between_read_and_script_is_cancelled_there(kit: StoreKit) -> None:
    job_id, worker = kit.enqueue(), kit.worker()
    meddler = Meddler(kit.client)

    def meet() -> None:
        kit.type_pauses.pause("echo")
        assert kit.claim(worker, 5) == []

    meddler.before("cancel", meet)
    operator = Operator(meddler, kit.keys)  # type: ignore[arg-type]
    assert operator.cancel([job_id])[0].code is MoveCode.DONE
    assert held(kit) == 0
    assert audit(kit.store).clean
