"""What people do to an installation reaches all its partitions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from jobs.inspection.stack import stack_of
from jobs.store.registry import WorkerInfo
from jobs.store.stacks import StackAnswer, StackQuestion
from jobs.store.triage import Verdict, standing
from tests.support.jobs import DUTY, StoreKit
from tests.support.partitions import Installation, said_id

SECONDS = 5.0


def test_a_type_is_paused_and_resumed_everywhere(spread: Installation) -> None:
    for number in range(3 * len(spread.kits)):
        spread.play(("pending", said_id(number % len(spread.kits), number), {"type": "mail"}))
    pauses = spread.store.type_pauses
    assert pauses.pause("mail")
    assert not pauses.pause("mail")
    for kit in spread.kits:
        assert kit.claim(kit.worker(), 10) == []
    [(name, pause)] = pauses.all().items()
    assert (name, pause.resuming, pause.held) == ("mail", False, 3 * len(spread.kits))
    assert spread.store.reader.state_counts()["pending"] == 3 * len(spread.kits)
    assert pauses.resume("mail")
    assert not pauses.resume("mail")
    assert pauses.all() == {}
    for kit in spread.kits:
        assert len(kit.claim(kit.worker(), 10)) == 3


def test_a_type_that_is_still_paused_in_one_partition_is_paused(spread: Installation) -> None:
    for kit in spread.kits:
        kit.type_pauses.pause("mail")
    spread.kits[0].type_pauses.resume("mail")
    assert not spread.store.type_pauses.all()["mail"].resuming
    assert spread.store.type_pauses.pause("mail")
    assert not spread.kits[0].type_pauses.pause("mail")


def test_a_note_on_an_error_of_another_partition_is_kept_at_home(spread: Installation) -> None:
    job_id = said_id(len(spread.kits) - 1, 1)
    spread.play(("dead", job_id, {}))
    [(fingerprint, group)] = spread.store.reader.groups().items()
    triage = spread.store.triage
    assert not triage.note("0" * 16, Verdict.RESOLVED)
    assert triage.note(fingerprint, Verdict.RESOLVED, "ann", "fixed")
    assert spread.kits[0].store.triage.notes() == triage.notes()
    assert standing(group, triage.notes()[fingerprint]) == "resolved"
    assert triage.note(fingerprint, None)
    assert triage.notes() == {}


def test_a_worker_says_where_a_job_of_another_partition_is(spread: Installation) -> None:
    kit = spread.kits[-1]
    worker = kit.worker("the-worker")
    claim = kit.claimed(worker, job_id=said_id(len(spread.kits) - 1, 1))
    kit.client.call("DEL", kit.keys.wake("default"))
    with answering(kit, "the-worker", StackAnswer("running", ["line 1"])):
        assert stack_of(spread.store, claim.id, SECONDS).lines == ["line 1"]


def test_its_supervisor_says_so_at_home(spread: Installation) -> None:
    kit, home = spread.kits[-1], spread.kits[0]
    claim = kit.claimed(kit.worker("the-worker"), job_id=said_id(len(spread.kits) - 1, 1))
    info = WorkerInfo(
        id="the-worker", incarnation="1", pool="main", host="here", pid=1, queues=(), types=(), concurrency=1,
        supervisor="the-supervisor",
    )  # fmt: skip
    spread.store.registry.heartbeat(info)
    with answering(home, "the-supervisor", StackAnswer("running", ["line 2"], "supervisor")):
        assert stack_of(spread.store, claim.id, 1.0).lines == ["line 2"]


@contextmanager
def answering(kit: StoreKit, name: str, reply: StackAnswer) -> Iterator[None]:
    """Let somebody in a partition give an answer to the next question."""
    listener = kit.worker(name)

    def hear() -> None:
        order = listener.wait(["nothing"], kit.keys.control(name), SECONDS)
        question = StackQuestion.read(order.partition(" ")[2])
        assert question is not None
        listener.answer(question.ticket, msgspec.json.encode(reply))

    thread = threading.Thread(target=hear, daemon=True)
    thread.start()
    yield
    thread.join(SECONDS)
    assert not thread.is_alive()


def test_a_duty_about_jobs_is_vacant_where_one_partition_has_no_leader(spread: Installation) -> None:
    duties = ["promoter", "history"]
    for kit in spread.kits[:-1]:
        kit.keeper.lead("promoter", "the-leader", 60_000)
    spread.kits[0].keeper.lead("history", "the-leader", 60_000)
    assert spread.store.keeper.leaders(duties) == {"history": "the-leader"}
    assert spread.store.keeper.vacancies(duties).keys() == {"promoter"}
    spread.kits[-1].keeper.lead("promoter", "another", 60_000)
    assert spread.store.keeper.leaders(duties) == {"promoter": "the-leader", "history": "the-leader"}
    assert spread.store.keeper.vacancies(duties) == {}
    assert spread.store.browser.leads("promoter")
    assert not spread.store.browser.leads(DUTY)
