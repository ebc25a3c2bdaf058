"""The parts of a worker that decide what runs when, each by itself."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from jobs.errors import ConfigError
from jobs.worker.estimate import MOST_AHEAD, Estimate
from jobs.worker.held import Held
from jobs.worker.link import Link
from jobs.worker.losses import Losses
from jobs.worker.options import PoolOptions, parse_queues
from jobs.worker.reports import Reports
from jobs.worker.slots import Slots
from jobs.worker.table import Table
from tests.engine.parts import held
from tests.support.polling import wait_until


class TestEstimate:
    def test_unknown_types_are_not_claimed_ahead(self) -> None:
        estimate = Estimate()
        assert estimate.ahead(5) == 0
        estimate.saw(["new"])
        assert estimate.ahead(5) == 0

    def test_short_jobs_are_claimed_ahead_by_tens_of_milliseconds(self) -> None:
        estimate = Estimate()
        estimate.saw(["short"] * 64)
        estimate.observe("short", 0.001)
        assert 20 <= estimate.ahead(1) <= 30
        estimate.observe("tiny", 1e-7)
        estimate.saw(["tiny"] * 64)
        assert estimate.ahead(1) == MOST_AHEAD
        roomy = Estimate(2 * MOST_AHEAD)
        roomy.observe("tiny", 1e-7)
        roomy.saw(["tiny"] * 64)
        assert roomy.ahead(1) == 2 * MOST_AHEAD

    def test_nothing_is_claimed_ahead_of_long_jobs_or_stuck_slots(self) -> None:
        estimate = Estimate()
        estimate.saw(["long"] * 64)
        estimate.observe("long", 0.5)
        assert estimate.ahead(5) == 0
        estimate.observe("short", 0.0001)
        estimate.saw(["short"] * 64)
        assert estimate.ahead(0) == 0
        estimate.upset("short", 2.0)
        assert estimate.ahead(5) == 0


class TestSlots:
    def test_no_more_than_the_slots_start(self) -> None:
        started: list[Held] = []
        slots = Slots(2, started.append)
        jobs = [held(str(number)) for number in range(4)]
        slots.submit(jobs)
        assert (started, slots.free, slots.waiting) == (jobs[:2], 0, 2)
        assert slots.next(False) is jobs[2]
        assert slots.withdraw(jobs[3])
        assert slots.next(False) is None
        assert slots.next(False) is None
        assert slots.idle

    def test_a_job_of_the_other_kind_changes_executors(self) -> None:
        started: list[Held] = []
        slots = Slots(1, started.append)
        jobs = [held(), held(asynchronous=True), held(asynchronous=True)]
        slots.submit(jobs)
        assert slots.next(False) is None
        assert started == jobs[:2]
        assert slots.next(True) is jobs[2]

    def test_only_old_jobs_are_taken_back(self) -> None:
        slots = Slots(1, lambda job: None)
        jobs = [held(received=float(number)) for number in range(4)]
        slots.submit(jobs)
        assert slots.take_waiting(2.5) == jobs[1:3]
        assert slots.waiting == 1

    def test_an_outcome_has_one_author(self) -> None:
        slots, job = Slots(1, lambda job: None), held()
        slots.entered(job)
        assert slots.left(job)
        assert not slots.left(job)

    def test_room_ends_the_wait(self) -> None:
        slots = Slots(1, lambda job: None)
        slots.submit([held()])
        waiter = threading.Thread(target=slots.wait_for_room, args=(-1, 10.0))
        waiter.start()
        wait_until(lambda: slots._bell is not None)
        slots.next(False)
        waiter.join(2)
        assert not waiter.is_alive()


class TestReports:
    def test_the_last_words_come_with_the_latest_progress(self) -> None:
        reports, job = Reports(), held()
        reports.progress(job, 10, "one")
        reports.progress(job, 99.99999, "two")
        reports.log(job, ["a", "b"])
        assert reports.take_due() == [(job.claim, '{"percent": 100.0, "message": "two"}', ["a", "b"])]
        reports.log(job, ["c"])
        assert reports.take_due() == []  # twice a second is enough
        assert reports.take_last([job, held()]) == [(job.claim, "", ["c"])]
        assert reports.take_last([job]) == []

    def test_only_the_last_two_hundred_lines_stay(self) -> None:
        reports, job = Reports(), held()
        for number in range(500):
            reports.log(job, [f"{number}"])
        ((_, _, lines),) = reports.take_due()
        assert len(lines) == 200
        assert lines[0] == "300"


class TestLosses:
    def test_reports_are_repeated_until_they_are_acknowledged(self) -> None:
        losses, (one, other) = Losses(), Link.pair()
        losses.add({"worker": "a"}, None)
        losses.add({"worker": "b"}, one)
        assert other.receive() == [{"report": 2, "lost": {"worker": "b"}}]
        losses.repeat(one, now=True)
        assert [message["report"] for message in other.receive() or ()] == [1, 2]
        losses.acknowledged(1)
        losses.repeat(one, now=True)
        assert [message["report"] for message in other.receive() or ()] == [2]


class TestOptions:
    def test_queues_have_weights(self) -> None:
        assert parse_queues("a:3, b") == (("a", 3), ("b", 1))

    @pytest.mark.parametrize("text", ["", "a,,b", "a:x", "A", "a,a", "a:-1", "x" * 65, ".", "a,..:2"])
    def test_queues_that_make_no_sense_are_refused(self, text: str) -> None:
        with pytest.raises(ConfigError):
            parse_queues(text)

    @pytest.mark.parametrize(
        "options", [{"least": 2}, {"most": 0, "least": 0}, {"concurrency": 1001}, {"name": "a/b"}, {"name": ".."}]
    )
    def test_options_that_make_no_sense_are_refused(self, options: dict[str, object]) -> None:
        with pytest.raises(ConfigError):
            PoolOptions(**options).checked()  # type: ignore[arg-type]


def test_the_name_of_the_memory_is_visible_in_maps() -> None:
    maps = Path("/proc/self/maps")
    table = Table.create(8)
    # Systems without /proc have no other way to look, so there only the name itself is shown to be one.
    assert table.name in (maps.read_text() if maps.exists() else table.name)
    table.close()
    assert table.name not in (maps.read_text() if maps.exists() else "")
