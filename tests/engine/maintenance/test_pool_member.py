"""Supervisors learn their share of the pool, and are heard of while they live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from jobs.maintenance.mailbox import Mailbox
from jobs.maintenance.pool_member import PoolMember
from tests.support.jobs import StoreKit


class Member:
    """A supervisor's member of the pool, and what it tells the supervisor."""

    def __init__(self, kit: StoreKit, name: str, most: int) -> None:
        self.mailbox = Mailbox(lambda: None, lambda: None)
        self.duty = PoolMember(kit.store, self.mailbox, "default", name, (0, most))

    def run(self) -> list[dict[str, Any]]:
        """Run once; the messages for the supervisor."""
        self.duty.run_once()
        return self.mailbox.outgoing()


@pytest.fixture
def join(kit: StoreKit) -> Iterator[Callable[..., Member]]:
    """Return a function that makes a supervisor's member of the pool."""
    with ExitStack() as stack:

        def make(name: str, most: int = 10) -> Member:
            member = Member(kit, name, most)
            stack.enter_context(closing(member.duty))
            return member

        yield make


def test_nothing_is_said_while_nothing_is_desired(join):
    assert join("a").run() == []


def test_the_desired_count_is_passed_on_when_it_changes(kit: StoreKit, join):
    member = join("a")
    kit.store.registry.set_desired("default", 4)
    assert member.run() == [{"desired": 4}]
    assert member.run() == []
    kit.store.registry.set_desired("default", 0)
    assert member.run() == [{"desired": 0}]


def test_supervisors_share(kit: StoreKit, join):
    one, two = join("a"), join("b", most=2)
    kit.store.registry.set_desired("default", 7)
    assert one.run() == [{"desired": 7}]
    assert two.run() == [{"desired": 2}]
    assert one.run() == [{"desired": 5}]
    two.duty.leave()
    assert one.run() == [{"desired": 7}]


def test_who_is_not_heard_of_is_left_out(kit: StoreKit, join):
    one, two = join("a"), join("b")
    kit.store.registry.set_desired("default", 4)
    two.run()
    one.run()
    kit.advance(6000)
    assert one.run() == [{"desired": 4}]


def test_an_unreadable_report_is_acknowledged_unread(join):
    member = join("a")
    member.mailbox.deliver({"report": 3, "lost": {"worker": 5}})
    assert member.run() == [{"ack": 3}]


def test_each_status_is_answered_with_a_sign_of_life(join):
    member = join("a")
    for _ in range(2):
        member.mailbox.deliver({"status": {}})
        assert member.mailbox.outgoing() == [{"alive": True}]


def test_a_report_is_acknowledged_when_it_is_settled(join):
    member = join("a")
    member.mailbox.deliver({"report": 7, "lost": {"worker": "w", "incarnation": "f" * 16, "signal": 9, "exit": None}})
    assert member.mailbox.outgoing() == []
    assert member.run() == [{"ack": 7}]
