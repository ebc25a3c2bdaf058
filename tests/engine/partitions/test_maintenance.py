"""What is done once for the installation, and what is done in each partition by a leader of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.conf import Config
from jobs.maintenance.crew import plans, runners
from jobs.maintenance.mailbox import Mailbox
from jobs.partitioning import Partitions
from jobs.store.partitions.spread import OF_EACH

LOST = {"worker": "gone", "incarnation": "0123456789abcdef"}


def test_whatever_is_done_by_partition_is_a_duty() -> None:
    assert {plan.name for plan in plans(Config())} > OF_EACH


@pytest.mark.parametrize(("partitions", "each"), [(1, 1), (3, 3)])
def test_a_duty_about_jobs_has_a_runner_for_each_partition(partitions: int, each: int) -> None:
    config = replace(Config(), partitions=Partitions(partitions))
    made = {plan.name: len(runners(plan, config, "holder")) for plan in plans(config)}
    assert made == {name: each if name in OF_EACH else 1 for name in made}


class TestReports:
    """Reports of lost workers, each settled partition by partition."""

    def mailbox(self, partitions: int) -> Mailbox:
        """One with a report in it."""
        made = Mailbox(lambda: None, lambda: None, partitions)
        made.deliver({"report": 7, "lost": LOST})
        return made

    def numbers(self, mailbox: Mailbox, partition: int | None = None) -> list[int]:
        """The reports that wait."""
        return [number for number, _ in mailbox.reports(partition)]

    def test_one_is_acknowledged_when_it_is_settled_everywhere(self) -> None:
        mailbox = self.mailbox(3)
        for partition in (2, 0):
            mailbox.settled(7, partition)
            assert self.numbers(mailbox, partition) == []
            assert (self.numbers(mailbox), mailbox.outgoing()) == ([7], [])
        assert self.numbers(mailbox, 1) == [7]
        mailbox.settled(7, 1)
        assert (self.numbers(mailbox), mailbox.outgoing()) == ([], [{"ack": 7}])

    def test_one_that_is_sent_again_meanwhile_is_not_settled_anew(self) -> None:
        mailbox = self.mailbox(2)
        mailbox.settled(7, 0)
        mailbox.deliver({"report": 7, "lost": LOST})
        assert (self.numbers(mailbox, 0), self.numbers(mailbox, 1)) == ([], [7])

    def test_with_one_partition_it_is_acknowledged_at_once(self) -> None:
        mailbox = self.mailbox(1)
        mailbox.settled(7)
        assert (self.numbers(mailbox), mailbox.outgoing()) == ([], [{"ack": 7}])
