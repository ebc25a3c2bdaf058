"""A resume in batches: it may be interrupted anywhere, anybody goes on with it, and no later job ever starts first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from jobs.auditor import audit
from jobs.errors import StoreUnavailable
from jobs.states import State
from jobs.store.client import Client
from jobs.store.codes import MoveCode
from jobs.store.packing import Arg
from jobs.store.type_pauses import BATCH, TypePause, TypePauses
from jobs.types import Priority
from tests.store.pausing import claim_all
from tests.support.breaking import Losing
from tests.support.jobs import StoreKit, released


class Dying(Losing):
    """A client whose owner dies as soon as a script has moved jobs: it never learns what the script did."""

    def run(self, name: str, keys: Sequence[Arg], args: Sequence[Arg] = ()) -> Any:
        """Run the script."""
        reply = self._inner.run(name, keys, args)
        if name == "resume_type" and reply[1] > 0:
            raise StoreUnavailable("the reply was lost")
        return reply


def begin(kit: StoreKit, job_type: str = "echo") -> None:
    """Resume a type as far as the first batch, and die."""
    pauses = TypePauses(Dying(kit.client), kit.keys)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        pauses.resume(job_type, 10.0)


def pause_of(kit: StoreKit, job_type: str = "echo") -> TypePause:
    """How a type that is not as usual is."""
    return kit.type_pauses.all()[job_type]


def order(kit: StoreKit, job_type: str, batch: int = 40) -> list[str]:
    """The ids of the jobs of a type in the order in which they are claimed, until no token says that there is more."""
    return [claim.id for claim in claim_all(kit, kit.worker(), batch) if claim.record.type == job_type]


def test_a_resume_that_died_is_gone_on_with_by_another(kit: StoreKit) -> None:
    kit.type_pauses.pause("echo")
    ids = kit.enqueue_many(600)
    begin(kit)
    assert (pause_of(kit).resuming, pause_of(kit).held) == (True, 600 - BATCH)
    assert audit(kit.store).clean
    progress = kit.type_pauses.go_on("echo", 10.0)
    assert (progress.moved, progress.more) == (600 - BATCH, False)
    assert kit.type_pauses.all() == {}
    assert order(kit, "echo") == ids
    assert audit(kit.store).clean


def test_nobody_goes_on_with_what_nobody_has_begun(kit: StoreKit) -> None:
    kit.type_pauses.pause("echo")
    kit.enqueue_many(3)
    assert kit.type_pauses.go_on("echo", 10.0).moved == 0
    assert (pause_of(kit).resuming, pause_of(kit).held) == (False, 3)
    assert kit.type_pauses.go_on("never-paused", 10.0).more is False


def test_a_resume_stops_when_its_time_is_over(kit: StoreKit) -> None:
    kit.type_pauses.pause("echo")
    kit.enqueue_many(600)
    assert kit.type_pauses.resume("echo", 0.0)
    assert (pause_of(kit).resuming, pause_of(kit).held) == (True, 600)
    assert order(kit, "echo") == []


def test_while_a_type_resumes_no_later_job_starts_before_an_earlier_one(kit: StoreKit) -> None:
    before = kit.enqueue_many(300)
    kit.type_pauses.pause("echo")
    assert order(kit, "echo") == []
    during = kit.enqueue_many(300)
    begin(kit)
    meanwhile = kit.enqueue_many(10)
    assert order(kit, "echo") == before[:BATCH]
    kit.type_pauses.go_on("echo", 10.0)
    after = kit.enqueue_many(10)
    assert order(kit, "echo") == before[BATCH:] + during + meanwhile + after


def test_jobs_that_no_claim_has_met_wait_for_the_earlier_ones_too(kit: StoreKit) -> None:
    """The first 300 stand apart, the last 300 still in the queue behind others, when the resume begins."""
    first = kit.enqueue_many(300)
    others = kit.enqueue_many(200, type="other")
    last = kit.enqueue_many(300)
    kit.type_pauses.pause("echo")
    worker = kit.worker()
    while pause_of(kit).held < 300:
        others = others[len(kit.claim(worker, 1)) :]
    begin(kit)
    claims = kit.claim(worker, 250)
    assert [claim.id for claim in claims if claim.record.type == "echo"] == first[: len(claims)]
    worker.release([released(claim) for claim in claims])
    kit.type_pauses.go_on("echo", 10.0)
    assert order(kit, "echo") == first + last


def test_a_job_given_back_takes_its_old_place_while_its_type_resumes(kit: StoreKit) -> None:
    worker = kit.worker()
    claim = kit.claimed(worker)
    kit.type_pauses.pause("echo")
    ids = kit.enqueue_many(300)
    begin(kit)
    worker.release([released(claim)])
    assert order(kit, "echo") == [claim.id, *ids[:BATCH]]
    assert audit(kit.store).clean


def test_a_type_can_be_paused_again_while_it_resumes(kit: StoreKit) -> None:
    kit.type_pauses.pause("echo")
    ids = kit.enqueue_many(600)
    begin(kit)
    assert kit.type_pauses.pause("echo")
    assert order(kit, "echo") == []
    assert kit.type_pauses.go_on("echo", 10.0).moved == 0
    assert (pause_of(kit).resuming, pause_of(kit).held) == (False, 600)
    assert audit(kit.store).clean
    kit.type_pauses.resume("echo", 10.0)
    assert order(kit, "echo") == ids


def test_a_resume_comes_to_an_end_though_jobs_keep_coming(kit: StoreKit) -> None:
    """Before each step another job arrives, on one queue after the other."""

    class Busy:
        def __init__(self, client: Client) -> None:
            self._client = client
            self.made: list[str] = []

        def run(self, name: str, keys: Sequence[Arg], args: Sequence[Arg] = ()) -> Any:
            queue = ("default", "mail", "reports")[len(self.made) % 3]
            self.made.append(kit.enqueue(queue=queue, priority=Priority(len(self.made) % 3 + 1)))
            return self._client.run(name, keys, args)

    kit.type_pauses.pause("echo")
    kit.enqueue_many(600)
    busy = Busy(kit.client)
    assert TypePauses(busy, kit.keys).resume("echo", 30.0)  # type: ignore[arg-type]
    assert kit.type_pauses.all() == {}
    assert len(busy.made) <= 20
    assert audit(kit.store).clean


def test_types_on_very_many_queues_resume(kit: StoreKit) -> None:
    kit.type_pauses.pause("echo")
    ids = [kit.enqueue(queue=f"queue-{number}", priority=Priority(number % 3 + 1)) for number in range(700)]
    kit.type_pauses.resume("echo", 30.0)
    assert kit.type_pauses.all() == {}
    claims = kit.worker().claim([(f"queue-{number}", 1) for number in range(700)], 250)
    assert len(claims) == 250
    assert {claim.id for claim in claims} <= set(ids)
    assert audit(kit.store).clean


def test_each_of_several_types_resumes_by_itself(kit: StoreKit) -> None:
    for job_type in ("a", "b"):
        kit.type_pauses.pause(job_type)
    ids = {job_type: kit.enqueue_many(5, type=job_type) for job_type in ("a", "b")}
    kit.type_pauses.resume("a")
    worker = kit.worker()
    assert [claim.id for claim in kit.claim(worker, 20)] == ids["a"]
    assert list(kit.type_pauses.all()) == ["b"]
    kit.enqueue(type="b")
    assert kit.claim(worker, 20) == []


def test_an_unreadable_job_does_not_stop_a_resume(kit: StoreKit) -> None:
    kit.type_pauses.pause("echo")
    ids = kit.enqueue_many(3)
    kit.client.call("HSET", kit.keys.metadata, ids[0], b"\xc1")
    kit.client.call("HDEL", kit.keys.metadata, ids[1])
    kit.type_pauses.resume("echo")
    assert kit.type_pauses.all() == {}
    assert order(kit, "echo") == [ids[2]]
    assert kit.client.call("ZRANGE", kit.keys.dlq, 0, -1) == [ids[0].encode()]
    assert kit.operator.delete([ids[0]])[0].code is MoveCode.DONE


def test_a_step_moves_250_jobs_at_most(kit: StoreKit) -> None:
    steps = []

    class Counting(Losing):
        def run(self, name: str, keys: Sequence[Arg], args: Sequence[Arg] = ()) -> Any:
            reply = self._inner.run(name, keys, args)
            steps.append(reply[1])
            return reply

    kit.type_pauses.pause("echo")
    kit.enqueue_many(5000)
    TypePauses(Counting(kit.client), kit.keys).resume("echo", 60.0)  # type: ignore[arg-type]
    assert steps == [0, *[BATCH] * 20]  # the first one learns which queues they are for
    assert kit.reader.state_counts()["pending"] == 5000


def test_a_job_cancelled_while_its_type_resumes_is_cancelled_wherever_it_stands(kit: StoreKit) -> None:
    kit.type_pauses.pause("echo")
    ids = kit.enqueue_many(400)
    begin(kit)
    assert {moved.code for moved in kit.operator.cancel([ids[0], ids[-1]])} == {MoveCode.DONE}
    kit.type_pauses.go_on("echo", 10.0)
    assert order(kit, "echo") == ids[1:-1]
    assert kit.states([ids[0], ids[-1]]) == [State.CANCELLED] * 2
    assert audit(kit.store).clean
