"""Each tick is enqueued once whatever happens between: leaders that die, clocks that are put back, nonsense."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from jobs.store.fencing import NotLeading
from schedules import service
from schedules.form import form_of
from schedules.models import Schedule, Tick
from schedules.recording import record
from tests.support.jobs import store_kit

from .office import ANN, HOUR, MINUTE, Office, counts, told


class DiedError(BaseException):
    """The process ends here."""


def die(*arguments):
    raise DiedError


def test_another_leader_meets_the_job_of_one_that_died_before_it_was_on_record(kit, office, monkeypatch):
    made = office.make()
    office.pass_to(made)
    with monkeypatch.context() as patch:
        patch.setattr("schedules.duty.record", die)
        with pytest.raises(DiedError):
            office.ticker.run_once()
    assert (len(office.jobs()), told(made)) == (1, [])
    office.run(office.candidate("successor"))
    assert len(office.jobs()) == 1
    assert counts(made) == (1, 0, 0, 0)


def test_a_job_that_is_pruned_before_its_tick_comes_again_is_not_made_again(kit, office, monkeypatch):
    made = office.make()
    office.pass_to(made)
    with monkeypatch.context() as patch:
        patch.setattr("schedules.duty.record", die)
        with pytest.raises(DiedError):
            office.ticker.run_once()
    [(job_id, _)] = office.jobs()
    office.finish()
    kit.operator.delete([job_id])
    assert office.jobs() == []
    office.run(office.candidate("successor"))
    assert office.jobs() == []
    assert counts(made) == (1, 0, 0, 0)
    assert made.last_job_id == job_id


def test_what_is_remembered_of_a_tick_lasts_minutes_once_it_is_on_record(kit, office):
    made = office.make()
    office.pass_to(made)
    office.run()
    [(job_id, _)] = office.jobs()
    left = kit.client.call("PTTL", kit.keys.idempotency(f"schedule/{job_id}"))
    assert 500_000 < left <= 600_000


def test_who_was_frozen_before_it_wrote_changes_nothing_that_others_have_written(kit, office, monkeypatch):
    made = office.make(missed="all")
    office.pass_to(made, 3 * MINUTE)

    def late(*arguments):
        monkeypatch.undo()
        office.run(other)
        office.pass_to(made, 1)
        office.run(other)
        record(*arguments)

    monkeypatch.setattr("schedules.duty.record", late)
    other = office.candidate("successor")
    office.ticker._leadership._until = float("inf")  # it does not know yet
    office.ticker._leadership._next = float("inf")
    office.ticker.run_once()
    assert counts(made) == (5, 0, 0, 0)
    assert [outcome for _, outcome in told(made)] == ["enqueued"] * 5
    assert len(office.jobs()) == 5


def test_who_leads_no_more_enqueues_nothing(kit, office):
    made = office.make()
    office.pass_to(made)
    office.ticker._leadership.drop()
    with pytest.raises(NotLeading):
        office.ticker.run_once()
    assert office.jobs() == []


def test_a_schedule_of_which_nothing_can_be_made_costs_no_other_its_ticks(kit, office):
    names = ("a", "unreadable", "spoilt", "unknown", "z")
    made = {name: office.make(name) for name in names}
    Schedule.objects.filter(name="unreadable").update(cron="every now and then")
    Schedule.objects.filter(name="spoilt").update(payload="{", tags=[1])
    Schedule.objects.filter(name="unknown").update(queue="NO QUEUE")
    office.pass_to(made["a"])
    office.run()
    assert {name: counts(each) for name, each in made.items()} == {
        "a": (1, 0, 0, 0), "z": (1, 0, 0, 0), "unreadable": (0, 0, 0, 1), "spoilt": (0, 0, 0, 1),
        "unknown": (0, 0, 0, 1),
    }  # fmt: skip
    assert made["unreadable"].next_at is None
    assert "cron expression" in made["unreadable"].last_detail
    assert "queue" in made["unknown"].last_detail
    office.pass_to(made["a"])
    office.run()
    assert counts(made["unknown"]) == (0, 0, 0, 2)
    assert counts(made["unreadable"]) == (0, 0, 0, 1)


def test_a_spoilt_key_costs_the_schedule_that_needs_it_its_tick(kit, office):
    made = {name: office.make(name, overlap="skip") for name in ("good", "odd")}
    kit.client.call("LPUSH", kit.keys.deduplication(made["odd"].deduplication_key), "x")
    office.pass_to(made["good"])
    office.run()
    assert (counts(made["good"]), counts(made["odd"])) == ((1, 0, 0, 0), (0, 0, 0, 1))


def test_a_clock_that_is_put_back_runs_no_tick_again(kit, office):
    made = office.make()
    office.pass_to(made)
    office.run()
    kit.advance(-2 * HOUR)
    office.run()
    office.run(office.candidate("successor"))
    assert counts(made) == (1, 0, 0, 0)
    kit.advance(2 * HOUR)
    office.pass_to(made)
    office.run()
    assert counts(made) == (2, 0, 0, 0)


def test_a_clock_that_is_put_back_and_a_schedule_begun_anew_count_no_tick_twice(kit, office):
    made = office.make()
    tick = office.pass_to(made)
    office.run()
    kit.advance(-MINUTE)
    service.pause(made.name, ANN)
    service.resume(made.name, ANN, store=kit.store)
    assert office.pass_to(made) == tick
    office.run()
    assert (len(office.jobs()), counts(made)) == (1, (1, 0, 0, 0))


def test_a_change_that_comes_while_ticks_are_enqueued_is_not_written_over(kit, office, monkeypatch):
    made = office.make()
    tick = office.pass_to(made)

    def late(*arguments):
        form = form_of(service.find(made.name))
        service.change(made.name, msgspec.structs.replace(form, cron="0 0 1 1 *"), 1, ANN, store=kit.store)
        record(*arguments)

    monkeypatch.setattr("schedules.duty.record", late)
    office.run()
    assert (counts(made), told(made)) == ((1, 0, 0, 0), [(tick, "enqueued")])
    assert made.decided is None
    assert (made.next_at.month, made.next_at.day) == (1, 1)


def test_a_schedule_that_is_deleted_while_its_tick_is_enqueued_leaves_no_record(kit, office, monkeypatch):
    made, other = office.make(), office.make("other")
    office.pass_to(made)

    def late(*arguments):
        service.delete(made.name, ANN)
        record(*arguments)

    monkeypatch.setattr("schedules.duty.record", late)
    office.run()
    assert len(office.jobs()) == 2
    assert counts(other) == (1, 0, 0, 0)
    assert not Tick.objects.exclude(schedule=other).exists()


def test_a_leader_corrects_next_ticks_that_are_not_those_of_today(kit, office):
    made = office.make()
    right = made.next_at
    Schedule.objects.update(next_at=right + timedelta(days=3))
    office.run(office.candidate("successor"))
    made.refresh_from_db()
    assert made.next_at == right


def test_middleware_that_refuses_costs_the_tick_and_nothing_else(kit, office, monkeypatch):
    office.make()
    other = office.make("other", type="other")
    prepare = office.ticker._manager.prepare

    def refuse(spec):
        if spec.type == "report":
            raise RuntimeError("not today")
        return prepare(spec)

    monkeypatch.setattr(office.ticker._manager, "prepare", refuse)
    office.pass_to(other)
    office.run()
    assert counts(other) == (1, 0, 0, 0)
    assert service.find("report").last_detail == "RuntimeError: not today"


def test_a_job_that_too_few_replicas_have_is_a_job_all_the_same(store_url, config, transactional_db):
    lonely = replace(config, accept_unknown_types=True, enqueue_wait_replicas=1, enqueue_wait_ms=5)
    with store_kit(store_url, lonely) as kit:
        office = Office(kit)
        made, other = office.make(), office.make("other", type="report", overlap="skip")
        for _ in range(2):
            office.pass_to(made)
            office.run()
        office.close()
        assert (counts(made), counts(other)) == ((2, 0, 0, 0), (1, 1, 0, 0))
        assert len(office.jobs()) == 3
