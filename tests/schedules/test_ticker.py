"""The ticker enqueues each tick once, and puts on record what became of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobs.states import State
from jobs.types import Priority
from schedules import service
from schedules.duty import NAME
from schedules.models import Schedule, Tick
from schedules.recording import KEPT, SLACK

from .office import ANN, MINUTE, counts, moment, told


def test_a_tick_makes_a_job_as_the_schedule_says(kit, office):
    made = office.make(
        payload='{"a": 1.0,  "b":10000000000000000000001}', queue="reports", priority="high", max_retries=7,
        timeout_ms=1234, tags=("daily", "mail"),
    )  # fmt: skip
    office.run()
    assert office.jobs() == []
    tick = office.pass_to(made, 20)
    office.run()
    [(job_id, record)] = office.jobs()
    envelope = kit.envelope(job_id)
    assert (record.queue, record.priority, record.max_retries, record.state) == (
        "reports", Priority.HIGH, 7, State.PENDING,
    )  # fmt: skip
    assert (envelope.payload, envelope.timeout_ms) == (b'{"a": 1.0,  "b":10000000000000000000001}', 1234)
    assert envelope.tags == ("daily", "mail")
    assert told(made) == [(tick, "enqueued")]
    assert counts(made) == (1, 0, 0, 0)
    assert (made.last_outcome, made.last_job_id, made.next_at - made.last_at) == (
        "enqueued", job_id, timedelta(minutes=1),
    )  # fmt: skip


def test_it_says_when_to_look_again(kit, office):
    made = office.make()
    office.run()
    tick = office.pass_to(made, -400)
    again = office.ticker.run_once().again
    assert again is not None
    assert tick - kit.reader.now_ms() - 1 <= again * 1000 <= 400
    office.pass_to(made, -20_000)
    assert 0.0 < (office.ticker.run_once().again or 0.0) <= 1.0


def test_a_tick_is_never_early(kit, office):
    made = office.make()
    office.pass_to(made, -5000)
    assert office.ticker.run_once().done == 0
    assert office.jobs() == []


def test_each_tick_is_enqueued_once_however_often_it_is_looked_at(kit, office):
    made = office.make()
    for _ in range(3):
        office.pass_to(made)
        office.run()
        office.run()
    assert len(office.jobs()) == 3
    assert counts(made) == (3, 0, 0, 0)


@pytest.mark.parametrize(("missed", "outcomes", "figures"), [
    ("skip", ["missed"], (0, 0, 5, 0)),
    ("last", ["missed", "enqueued"], (1, 0, 4, 0)),
    ("all", ["enqueued"] * 5, (5, 0, 0, 0)),
])  # fmt: skip
def test_ticks_that_nobody_saw_are_treated_as_the_schedule_says(kit, office, missed, outcomes, figures):
    made = office.make(missed=missed)
    office.pass_to(made, 4 * MINUTE + 30_000)
    office.run()
    assert [outcome for _, outcome in told(made)] == outcomes
    assert counts(made) == figures
    assert len(office.jobs()) == figures[0]
    if figures[2]:
        missed_tick = Tick.objects.get(schedule=made, outcome="missed")
        assert missed_tick.detail == f"{figures[2]} ticks when no scheduler ran"


def test_a_tick_is_skipped_while_the_job_of_an_earlier_one_is_unfinished(kit, office):
    made = office.make(overlap="skip")
    office.pass_to(made)
    office.run()
    [(first, _)] = office.jobs()
    office.pass_to(made)
    office.run()
    assert counts(made) == (1, 1, 0, 0)
    assert (made.last_outcome, made.last_job_id) == ("skipped", first)
    assert first in made.last_detail
    office.finish()
    office.pass_to(made)
    office.run()
    assert counts(made) == (2, 1, 0, 0)


def test_a_next_tick_that_is_none_is_corrected(kit, office):
    made = office.make(cron="0 3 * * *")
    office.ticker.run_once()
    right = made.next_at
    Schedule.objects.update(next_at=moment(kit.reader.now_ms() - MINUTE))  # as by other rules of time zones
    office.ticker.run_once()
    made.refresh_from_db()
    assert (made.next_at, made.decided, told(made)) == (right, None, [])
    assert office.ticker.run_once().again > 0.0


def test_jobs_may_overlap_where_nothing_else_was_said(kit, office):
    made = office.make()
    for _ in range(2):
        office.pass_to(made)
        office.run()
    assert counts(made) == (2, 0, 0, 0)


def test_a_paused_schedule_enqueues_nothing_and_misses_nothing(kit, office):
    made = office.make(missed="all")
    service.pause(made.name, ANN)
    kit.advance(10 * MINUTE)
    office.run()
    service.resume(made.name, ANN, store=kit.store)
    office.run()
    assert (office.jobs(), counts(made)) == ([], (0, 0, 0, 0))
    office.pass_to(made)
    office.run()
    assert counts(made) == (1, 0, 0, 0)


def test_the_latest_ticks_are_kept(kit, office):
    made = office.make(cron="* * * * * *", missed="all")
    for _ in range(3):
        office.pass_to(made, 120_000)
        office.run()
    enqueued, _, missed, _ = counts(made)
    assert enqueued + missed >= 360
    ticks = told(made)
    assert KEPT <= len(ticks) <= KEPT + SLACK
    assert (ticks[-1][1], ticks[-1][0]) == ("enqueued", int(made.decided.timestamp() * 1000))


def test_the_duty_goes_by_one_name(kit, office):
    assert list(kit.keeper.leaders([NAME])) == ["scheduler"]
