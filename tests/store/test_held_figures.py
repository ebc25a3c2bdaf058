"""What people see of held jobs: they are pending, and every count and list has them once."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from jobs.auditor import audit
from jobs.filtering import JobFilter
from jobs.inspection.sources import choose, named
from jobs.inspector import Inspector
from jobs.states import State
from jobs.types import Priority
from tests.support.jobs import StoreKit, completed, released


@pytest.fixture
def inspector(kit: StoreKit) -> Inspector:
    """Give the view of the kit's store."""
    return Inspector(kit.store)


def listed(inspector: Inspector, limit: int = 7, **criteria: Any) -> list[str]:
    """The ids of all jobs that match, page by page."""
    wanted, found, cursor = JobFilter(**criteria), [], ""
    while True:
        page = inspector.jobs(wanted, limit, cursor)
        found += [item.job_id for item in page.items]
        if not page.next_cursor:
            return found
        cursor = page.next_cursor


def test_held_jobs_are_pending_in_every_count(kit: StoreKit, inspector: Inspector) -> None:
    kit.enqueue_many(4, queue="mail")
    kit.enqueue(queue="mail", type="other")
    kit.type_pauses.pause("echo")
    kit.claim(kit.worker(), 1, "mail")
    kit.enqueue_many(2, queue="mail", priority=Priority.LOW)
    (line,) = [line for line in inspector.queues() if line.name == "mail"]
    assert (line.pending, line.held, line.active, sum(line.depth.values())) == (6, 6, 1, 0)
    stats = inspector.stats()
    assert (stats.pending, stats.by_state["pending"], stats.by_state["active"]) == (6, 6, 1)


def test_the_oldest_age_is_that_of_jobs_that_may_run(kit: StoreKit, inspector: Inspector) -> None:
    kit.type_pauses.pause("echo")
    kit.enqueue()
    kit.advance(60_000)
    assert inspector.queues()[0].oldest_age == 0
    kit.enqueue(type="other")
    kit.advance(5000)
    assert 5000 <= inspector.queues()[0].oldest_age < 60_000
    kit.type_pauses.resume("echo")
    assert inspector.queues()[0].oldest_age >= 65_000


def test_a_paused_queue_is_told_from_a_paused_type(kit: StoreKit, inspector: Inspector) -> None:
    kit.type_pauses.pause("echo")
    kit.enqueue()
    assert [line.paused for line in inspector.queues()] == [False]
    assert kit.reader.paused() == {}
    kit.operator.pause("default")
    assert [line.paused for line in inspector.queues()] == [True]
    assert list(kit.reader.paused()) == ["default"]


def test_a_type_says_that_it_is_paused_and_how_many_jobs_it_holds(kit: StoreKit, inspector: Inspector) -> None:
    worker = kit.worker()
    worker.complete([completed(kit.claimed(worker, type="mail"))])
    for job_type in ("mail", "never-seen"):
        kit.type_pauses.pause(job_type)
    kit.enqueue_many(300, type="mail")
    lines = {line.type: (line.paused, line.held, line.completed) for line in inspector.types()}
    assert lines == {"mail": (True, 300, 1), "never-seen": (True, 0, 0)}
    kit.type_pauses.resume("mail", 0.0)
    kit.type_pauses.resume("never-seen")
    assert [(line.type, line.paused, line.held) for line in inspector.types()] == [("mail", False, 300)]
    kit.type_pauses.go_on("mail", 10.0)
    assert [(line.type, line.paused, line.held) for line in inspector.types()] == [("mail", False, 0)]


def test_since_when_a_type_is_paused_is_known_until_its_resume_has_ended(kit: StoreKit) -> None:
    before = kit.reader.now_ms()
    kit.type_pauses.pause("echo")
    kit.enqueue_many(2)
    since = kit.type_pauses.all()["echo"].since
    assert before <= since <= kit.reader.now_ms()
    kit.advance(5000)
    kit.type_pauses.pause("echo")
    kit.type_pauses.resume("echo", 0.0)
    assert kit.type_pauses.all()["echo"].since == since


@pytest.mark.parametrize("criteria", [
    {}, {"states": (State.PENDING,)}, {"states": (State.PENDING,), "queues": ("default",)},
    {"states": (State.PENDING,), "types": ("echo", "other")}, {"states": (State.PENDING, State.DEAD)},
])  # fmt: skip
def test_lists_hold_every_held_job_once_in_its_place(
    kit: StoreKit, inspector: Inspector, criteria: dict[str, Any]
) -> None:
    ids = [kit.enqueue(type=job_type) for _ in range(10) for job_type in ("echo", "other")]
    kit.type_pauses.pause("echo")
    ids += [kit.enqueue(type=job_type) for _ in range(10) for job_type in ("echo", "other")]
    assert kit.type_pauses.all()["echo"].held == 10
    assert listed(inspector, **criteria) == ids[::-1]


def test_a_job_that_is_put_apart_between_two_pages_is_listed_once(kit: StoreKit, inspector: Inspector) -> None:
    ids = kit.enqueue_many(20)
    wanted = JobFilter(states=(State.PENDING,))
    first = inspector.jobs(wanted, 10)
    kit.type_pauses.pause("echo")
    assert kit.claim(kit.worker(), 20) == []
    second = inspector.jobs(wanted, 10, first.next_cursor or "")
    assert [item.job_id for page in (first, second) for item in page.items] == ids[::-1]


def test_lists_find_the_held_jobs_of_one_queue_or_type_only(kit: StoreKit, inspector: Inspector) -> None:
    for job_type in ("echo", "other"):
        kit.type_pauses.pause(job_type)
    made = {pair: kit.enqueue(queue=pair[0], type=pair[1]) for pair in
            ((queue, job_type) for queue in ("default", "mail") for job_type in ("echo", "other"))}  # fmt: skip
    pending = (State.PENDING,)
    assert listed(inspector, states=pending, queues=("mail",)) == [made["mail", "other"], made["mail", "echo"]]
    assert listed(inspector, states=pending, types=("echo",)) == [made["mail", "echo"], made["default", "echo"]]


def test_with_very_many_paused_types_a_list_holds_every_job_once(kit: StoreKit, inspector: Inspector) -> None:
    made = []
    for number in range(100):
        kit.type_pauses.pause(f"type-{number}")
        made.append(kit.enqueue(type=f"type-{number}"))
    wanted = JobFilter(states=(State.PENDING,))
    assert choose(kit.store, wanted).name == "pending"
    assert len(named(kit.store, wanted, "pending").indexes) == 103
    assert listed(inspector, states=(State.PENDING,)) == made[::-1]


def test_an_audit_beside_pauses_and_resumes_finds_nothing(kit: StoreKit) -> None:
    ended, worker = threading.Event(), kit.worker()

    def traffic() -> None:
        while not ended.is_set():
            kit.type_pauses.pause("echo")
            ids = kit.enqueue_many(30)
            kit.enqueue_many(5, type="other")
            claims = kit.claim(worker, 20)
            worker.complete([completed(claim) for claim in claims[:10]])
            worker.release([released(claim) for claim in claims[10:]])
            kit.operator.cancel(ids[::7])
            kit.operator.delete(ids[::5])
            kit.type_pauses.resume("echo")
            kit.enqueue_many(5)

    thread = threading.Thread(target=traffic)
    thread.start()
    try:
        reports = [audit(kit.store) for _ in range(5)]
    finally:
        ended.set()
        thread.join()
    assert [report.findings for report in reports if not report.clean] == []
    assert audit(kit.store).clean
