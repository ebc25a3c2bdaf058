"""The way of a question to a worker and of its answer back, whatever becomes of either side."""

from __future__ import annotations

import threading
from time import monotonic

import msgspec
import pytest

from jobs.conf import Config
from jobs.errors import JobNotFound, StoreUnavailable, WorkerSilent, WrongState
from jobs.inspection.stack import JobStack, stack_of
from jobs.states import State
from jobs.store.consumer import Consumer
from jobs.store.operator import MOST_ORDERS
from jobs.store.registry import WorkerInfo
from jobs.store.stacks import MOST_WAITING, StackAnswer, StackQuestion
from jobs.types import Claim
from tests.support.jobs import StoreKit, completed, store_kit
from tests.support.polling import wait_until
from tests.support.server import TestServer

SECONDS = 5.0


@pytest.fixture
def worker(kit: StoreKit) -> Consumer:
    """Give a worker that hears orders only when the test says so."""
    return kit.worker("the-worker")


@pytest.fixture
def claim(kit: StoreKit, worker: Consumer) -> Claim:
    """Give a job in its hands, with no wake-up left over."""
    claim = kit.claimed(worker)
    kit.client.call("DEL", kit.keys.wake("default"))
    return claim


class Asking:
    """Somebody who waits for the stack of a job, in a thread."""

    def __init__(self, kit: StoreKit, job_id: str, seconds: float = SECONDS) -> None:
        self.found: JobStack | None = None
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._ask, args=(kit, job_id, seconds))
        self._thread.start()

    def _ask(self, kit: StoreKit, job_id: str, seconds: float) -> None:
        try:
            self.found = stack_of(kit.store, job_id, seconds)
        except Exception as error:
            self.error = error

    def done(self) -> Asking:
        """Wait for its end."""
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self


def hear(kit: StoreKit, worker: Consumer) -> StackQuestion:
    """The question that waits for the worker, as soon as it is there."""
    order = worker.wait(["default"], kit.keys.control("the-worker"), SECONDS)
    word, _, words = order.partition(" ")
    question = StackQuestion.read(words)
    assert word == "stack"
    assert question is not None
    return question


def answer(worker: Consumer, question: StackQuestion, reply: StackAnswer) -> None:
    worker.answer(question.ticket, msgspec.json.encode(reply))


def test_an_answer_reaches_who_asked(kit: StoreKit, worker: Consumer, claim: Claim) -> None:
    asking = Asking(kit, claim.id)
    question = hear(kit, worker)
    assert (question.job_id, question.token) == (claim.id, claim.token)
    answer(worker, question, StackAnswer("running", ["here", "and there"]))
    assert asking.done().found == JobStack(
        job_id=claim.id, type="echo", worker="the-worker", waiting=False, lines=["here", "and there"], source="worker"
    )
    assert kit.client.call("KEYS", kit.keys.mailbox("*")) == []


def test_two_who_ask_at_once_get_an_answer_each(kit: StoreKit, worker: Consumer, claim: Claim) -> None:
    first, second = Asking(kit, claim.id), Asking(kit, claim.id)
    questions = [hear(kit, worker), hear(kit, worker)]
    for question in questions:
        answer(worker, question, StackAnswer("running", [question.ticket]))
    lines = [(asking.done().found or pytest.fail("no answer")).lines[0] for asking in (first, second)]
    assert sorted(lines) == sorted(question.ticket for question in questions)


def test_a_job_that_has_not_started_has_no_lines(kit: StoreKit, worker: Consumer, claim: Claim) -> None:
    asking = Asking(kit, claim.id)
    answer(worker, hear(kit, worker), StackAnswer("waiting"))
    found = asking.done().found
    assert found is not None
    assert (found.waiting, found.lines) == (True, [])


def test_a_worker_that_says_nothing_is_silent(kit: StoreKit, claim: Claim) -> None:
    with pytest.raises(WorkerSilent, match=r"the-worker did not answer within 0\.01 s"):
        stack_of(kit.store, claim.id, 0.01)


def heartbeat(kit: StoreKit, supervisor: str) -> None:
    info = WorkerInfo(
        id="the-worker", incarnation="feed", pool="default", host="h", pid=1, queues=(), types=(), concurrency=1,
        supervisor=supervisor,
    )  # fmt: skip
    kit.store.registry.heartbeat(info)


def ask_supervisor(kit: StoreKit, supervisor: Consumer) -> StackQuestion:
    """The question that came to the supervisor."""
    order = supervisor.wait((), kit.keys.control("the-supervisor"), SECONDS)
    question = StackQuestion.read(order.partition(" ")[2])
    assert question is not None
    return question


def test_the_supervisor_is_asked_when_the_worker_has_said_nothing(
    kit: StoreKit, worker: Consumer, claim: Claim
) -> None:
    heartbeat(kit, "the-supervisor")
    asking = Asking(kit, claim.id, 1.5)
    question = hear(kit, worker)
    supervisor = kit.worker("a-supervisor")
    assert ask_supervisor(kit, supervisor) == question
    answer(supervisor, question, StackAnswer("running", ["there"], "supervisor"))
    assert asking.done().found == JobStack(
        job_id=claim.id, type="echo", worker="the-worker", waiting=False, lines=["there"], source="supervisor"
    )


def test_a_worker_that_answers_late_is_heard_too(kit: StoreKit, worker: Consumer, claim: Claim) -> None:
    heartbeat(kit, "the-supervisor")
    asking = Asking(kit, claim.id, 1.5)
    question = hear(kit, worker)
    ask_supervisor(kit, kit.worker("a-supervisor"))
    answer(worker, question, StackAnswer("running", ["here"]))
    found = asking.done().found
    assert found is not None
    assert (found.source, found.lines) == ("worker", ["here"])


def test_a_worker_that_listens_to_nothing_is_not_waited_for(kit: StoreKit, claim: Claim) -> None:
    heartbeat(kit, "the-supervisor")
    for number in range(MOST_WAITING):
        kit.operator.order("the-worker", f"order {number}")
    asking = Asking(kit, claim.id)
    supervisor = kit.worker("a-supervisor")
    answer(supervisor, ask_supervisor(kit, supervisor), StackAnswer("waiting", [], "supervisor"))
    found = asking.done().found
    assert found is not None
    assert (found.source, found.waiting) == ("supervisor", True)


def test_a_job_that_ended_before_its_supervisor_looked_is_said_to_be_over(
    kit: StoreKit, worker: Consumer, claim: Claim
) -> None:
    heartbeat(kit, "the-supervisor")
    asking = Asking(kit, claim.id, 1.5)
    hear(kit, worker)
    supervisor = kit.worker("a-supervisor")
    question = ask_supervisor(kit, supervisor)
    worker.complete([completed(claim)])
    answer(supervisor, question, StackAnswer("waiting", [], "supervisor"))
    assert isinstance(asking.done().error, WrongState)


@pytest.mark.parametrize("info", [b"\xff", b"{}", b'{"supervisor": 7}'])
def test_a_worker_of_nobody_is_silent(kit: StoreKit, claim: Claim, info: bytes) -> None:
    kit.client.call("HSET", kit.keys.worker_info, "the-worker", info)
    with pytest.raises(WorkerSilent):
        stack_of(kit.store, claim.id, 0.01)


def test_a_store_that_stands_still_is_not_waited_for(config: Config) -> None:
    with TestServer() as server, store_kit(server.url, config) as kit:
        worker = kit.worker("the-worker")
        claim = kit.claimed(worker)
        kit.client.call("DEL", kit.keys.wake("default"))
        asking = Asking(kit, claim.id, 1.0)
        hear(kit, worker)
        wait_until(lambda: b"blocked_clients:1" in kit.client.call("INFO", "clients"))
        with server.away("freeze"):
            begun = monotonic()
            assert isinstance(asking.done().error, StoreUnavailable)
            assert monotonic() - begun < 1.9


def test_a_worker_that_listens_to_nothing_is_asked_nothing_more(kit: StoreKit, worker: Consumer, claim: Claim) -> None:
    control = kit.keys.control("the-worker")
    for _ in range(MOST_WAITING + 2):
        with pytest.raises(WorkerSilent):
            stack_of(kit.store, claim.id, 0.001)
    assert kit.client.call("LLEN", control) == MOST_WAITING
    assert 0 < kit.client.call("PTTL", control) <= 60_000
    kit.operator.order("the-worker", "drain")
    assert worker.orders(control)[-1] == "drain"


def test_a_list_of_orders_has_an_end(kit: StoreKit) -> None:
    for number in range(MOST_ORDERS + 5):
        kit.operator.order("the-worker", f"order {number}")
    kit.operator.order("the-worker", "order 7")
    assert kit.client.call("LLEN", kit.keys.control("the-worker")) == MOST_ORDERS


def test_a_job_that_ends_while_it_is_asked_for_is_said_to_be_over(
    kit: StoreKit, worker: Consumer, claim: Claim
) -> None:
    asking = Asking(kit, claim.id)
    question = hear(kit, worker)
    worker.complete([completed(claim)])
    answer(worker, question, StackAnswer("gone"))
    error = asking.done().error
    assert isinstance(error, WrongState)
    assert error.state == State.COMPLETED.label


def test_a_job_that_goes_while_it_is_asked_for_is_not_found(kit: StoreKit, worker: Consumer, claim: Claim) -> None:
    asking = Asking(kit, claim.id, 0.5)
    hear(kit, worker)
    worker.complete([completed(claim)])
    kit.operator.delete([claim.id])
    assert isinstance(asking.done().error, JobNotFound)


def test_a_job_that_its_worker_does_not_have_is_somewhere_else(kit: StoreKit, worker: Consumer, claim: Claim) -> None:
    asking = Asking(kit, claim.id)
    answer(worker, hear(kit, worker), StackAnswer("gone"))
    assert isinstance(asking.done().error, WorkerSilent)


def test_a_question_that_cannot_be_read_is_none() -> None:
    assert StackQuestion.read("ticket token") is None
    question = StackQuestion("ticket", "token.1", "job:7")
    assert StackQuestion.read(question.order().removeprefix("stack ")) == question
