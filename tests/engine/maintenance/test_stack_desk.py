"""Questions that workers did not answer go to their supervisor, and its answers to who asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import msgspec
import pytest

from jobs.maintenance.mailbox import Mailbox
from jobs.maintenance.stack_desk import StackDesk
from jobs.store.stacks import StackAnswer, StackQuestion
from tests.support.jobs import StoreKit

TEXT = 'Thread 0x0000aa (most recent call first):\n  File "/x/b.py", line 3 in f\n  File "/x/a.py", line 9 in g\n'
LINES = ['  File "/x/a.py", line 9, in g', '  File "/x/b.py", line 3, in f']


class Desk:
    """A desk, and a supervisor that answers questions with what the test says, by job."""

    def __init__(self, kit: StoreKit) -> None:
        self._kit = kit
        self.asked: list[dict[str, Any]] = []
        self.replies: dict[str, dict[str, object]] = {}
        self.mailbox = Mailbox(lambda: None, self._answer)
        self.duty = StackDesk(kit.store, self.mailbox, "the-supervisor")

    def put(self, *orders: str) -> None:
        """Somebody asks."""
        for order in orders:
            self._kit.operator.order("the-supervisor", order)

    def found(self, ticket: str) -> StackAnswer | None:
        """What has come for a ticket."""
        reply = self._kit.client.call("LPOP", self._kit.keys.mailbox(ticket))
        return msgspec.json.decode(reply, type=StackAnswer) if reply else None

    def _answer(self) -> None:
        for message in self.mailbox.outgoing():
            asked = message["ask"]
            assert isinstance(asked, dict)
            self.asked.append(asked)
            if reply := self.replies.get(asked["job"]):
                self.mailbox.deliver({"dump": asked["ticket"], **reply})


@pytest.fixture
def desk(kit: StoreKit) -> Iterator[Desk]:
    """Give a desk of its own."""
    desk = Desk(kit)
    with closing(desk.duty):
        yield desk


def order(ticket: str, job: str) -> str:
    return StackQuestion(ticket, "feed.1", job).order()


def test_an_answer_is_shown_as_a_worker_would_show_it(desk: Desk) -> None:
    desk.replies["job"] = {"state": "running", "text": TEXT, "beside": 0}
    desk.put(order("t", "job"))
    assert desk.duty.run_once().done == 1
    assert desk.asked == [{"ticket": "t", "token": "feed.1", "job": "job"}]
    assert desk.found("t") == StackAnswer("running", LINES, "supervisor")


def test_all_who_wait_are_answered_at_once(desk: Desk) -> None:
    desk.replies["runs"] = {"state": "running", "text": TEXT, "beside": 2}
    desk.replies["waits"] = {"state": "waiting"}
    desk.replies["gone"] = {"state": "gone"}
    desk.put(order("a", "runs"), order("b", "waits"), order("c", "gone"))
    assert desk.duty.run_once().done == 3
    title = "The thread of the event loop, on which 2 more jobs run:"
    assert desk.found("a") == StackAnswer("running", [title, *LINES], "supervisor")
    assert desk.found("b") == StackAnswer("waiting", [], "supervisor")
    assert desk.found("c") == StackAnswer("gone", [], "supervisor")


def test_a_supervisor_that_cannot_tell_leaves_who_asked_to_his_patience(desk: Desk) -> None:
    desk.replies["job"] = {"state": "silent"}
    desk.put(order("t", "job"))
    assert desk.duty.run_once().done == 0
    assert desk.found("t") is None


def test_a_supervisor_that_says_nothing_is_not_waited_for(desk: Desk) -> None:
    desk.put(order("t", "job"))
    assert desk.duty.run_once().done == 0
    desk.replies["job"] = {"state": "running", "text": TEXT}
    desk.put(order("u", "job"))
    assert desk.duty.run_once().done == 1
    assert desk.found("u") == StackAnswer("running", LINES, "supervisor")


def test_an_answer_that_comes_late_goes_to_its_own_ticket(desk: Desk) -> None:
    desk.mailbox.deliver({"dump": "early", "state": "waiting"})
    desk.replies["job"] = {"state": "gone"}
    desk.put(order("t", "job"))
    assert desk.duty.run_once().done == 2
    assert desk.found("early") == StackAnswer("waiting", [], "supervisor")
    assert desk.found("t") == StackAnswer("gone", [], "supervisor")


@pytest.mark.parametrize("nonsense", ["stack", "stack a b", "drain", "\ud7ff" * 300])
def test_nonsense_is_passed_over(desk: Desk, nonsense: str) -> None:
    desk.replies["job"] = {"state": "gone"}
    desk.put(nonsense, order("t", "job"))
    assert desk.duty.run_once().done == 1
    assert [asked["ticket"] for asked in desk.asked] == ["t"]


def test_an_answer_that_cannot_be_read_harms_nobody(desk: Desk) -> None:
    desk.mailbox.deliver({"dump": "t", "state": "unheard of"})
    desk.put(order("t", "job"))
    assert desk.duty.run_once().done == 0


def test_a_question_is_heard_while_it_waits(desk: Desk) -> None:
    desk.replies["job"] = {"state": "gone"}
    asker = threading.Timer(0.05, desk.put, (order("t", "job"),))
    asker.start()
    assert desk.duty.run_once().done == 1
    asker.join()
