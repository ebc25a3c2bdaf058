"""What people do with schedules: checked, versioned, on record."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from jobs.clock import to_datetime
from jobs.errors import DuplicateJob
from jobs.models import AuditEntry
from schedules import cron, service
from schedules.errors import InvalidSchedule, NoSuchSchedule, ScheduleExists, StaleSchedule, TooManySchedules
from schedules.form import ScheduleForm, form_of
from schedules.models import Schedule, Tick
from schedules.validation import problems

from .office import ANN, HOUR, told

FORM = ScheduleForm(name="report", type="report", cron="0 3 * * *", time_zone="Europe/Berlin")


@pytest.fixture
def create(kit):
    """Return a function that makes a schedule, `FORM` with other fields."""
    return lambda **fields: service.create(msgspec.structs.replace(FORM, **fields), ANN, store=kit.store)


@pytest.fixture
def change(kit):
    """Return a function that changes the schedule `report`."""

    def do(version, **fields):
        form = msgspec.structs.replace(form_of(service.find("report")), **fields)
        return service.change("report", form, version, ANN, reason="because", store=kit.store)

    return do


def first_tick(zone: str, after_ms: int) -> datetime:
    """The first three o'clock of a zone."""
    [tick] = cron.ticks_after("0 3 * * *", zone, after_ms, count=1)
    return to_datetime(tick)


def recorded() -> list[tuple[str, str]]:
    """What was done to which schedule, oldest first."""
    return list(AuditEntry.objects.order_by("id").values_list("action", "target_id"))


def test_a_schedule_is_kept_as_it_was_given(kit, create):
    given = {
        "payload": b'{"a":1.0, "n": [ ] }', "queue": "mail", "priority": "low", "max_retries": 0, "timeout_ms": 1500,
        "tags": ("a", "b", "a"), "overlap": "skip", "missed": "all",
    }  # fmt: skip
    now_ms = kit.reader.now_ms()
    made = create(**given)
    found = service.find("report")
    assert form_of(found) == msgspec.structs.replace(
        FORM, **given | {"payload": '{"a":1.0, "n": [ ] }', "tags": ("a", "b")}
    )
    assert (found.version, found.updated_by, found.paused, found.decided) == (1, "ann", False, None)
    assert abs((found.since - to_datetime(now_ms)).total_seconds()) < 5
    assert found.next_at == first_tick("Europe/Berlin", now_ms)
    assert [each.pk for each in service.listed()] == [made.pk]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_id, entry.actor, entry.detail["cron"]) == (
        "schedule.create", "report", "ann", "0 3 * * *",
    )  # fmt: skip
    assert "payload" not in entry.detail


@pytest.mark.parametrize(("field", "value"), [
    ("name", "new"), ("name", "preview"), ("name", ".."), ("name", "A"), ("name", ""), ("name", "a" * 65),
    ("name", "a\n"), ("type", "not a type"), ("cron", "* * *"), ("cron", "0 0 30 2 *"), ("timeZone", "Berlin"),
    ("payload", b"{"), ("payload", b"NaN"), ("payload", b'{"a":1,"a":2}'), ("payload", "\ud800"), ("queue", "A B"),
    ("priority", "urgent"), ("maxRetries", 101), ("timeout", 0), ("tags", ("",)), ("overlap", "perhaps"),
    ("missed", "some"),
])  # fmt: skip
def test_what_can_never_be_is_refused_at_its_field(kit, create, field, value):
    name = {"timeZone": "time_zone", "maxRetries": "max_retries", "timeout": "timeout_ms"}.get(field, field)
    with pytest.raises(InvalidSchedule) as refused:
        create(**{name: value})
    assert (refused.value.field, list(refused.value.problems)) == (field, [field])
    assert not Schedule.objects.exists()


def test_all_that_is_wrong_is_told_of_at_once(config):
    form = ScheduleForm(name="new", type="report", cron="x", time_zone="y", overlap="z", missed="z", queue="A")
    assert list(problems(form, config)) == ["name", "cron", "timeZone", "overlap", "missed", "queue"]


def test_a_type_that_nobody_knows_is_refused(kit, config):
    store = kit.store
    object.__setattr__(store.config, "accept_unknown_types", False)
    with pytest.raises(InvalidSchedule) as refused:
        service.create(FORM, ANN, store=store)
    assert refused.value.field == "type"


def test_a_name_is_given_once(create):
    create()
    with pytest.raises(ScheduleExists):
        create()
    assert len(recorded()) == 1


def test_there_is_a_most_of_schedules(create, monkeypatch):
    monkeypatch.setattr(service, "MOST_SCHEDULES", 1)
    create()
    with pytest.raises(TooManySchedules):
        create(name="other")


def test_what_is_not_there_is_told(kit):
    for act in (service.find, lambda name: service.pause(name, ANN), lambda name: service.delete(name, ANN)):
        with pytest.raises(NoSuchSchedule):
            act("nothing")
    with pytest.raises(NoSuchSchedule):
        service.run_now("nothing", ANN, store=kit.store)


def test_a_change_makes_the_next_version_and_says_what_changed(create, change):
    create()
    made = change(1, queue="mail", payload=b"[1]")
    assert (made.version, made.queue, made.payload) == (2, "mail", "[1]")
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.reason) == ("schedule.change", "because")
    assert entry.detail == {"version": 2, "changed": {"queue": ["", "mail"]}, "payload": "replaced"}
    with pytest.raises(StaleSchedule) as stale:
        change(1, queue="other")
    assert stale.value.current == 2
    assert service.find("report").queue == "mail"


def test_what_changes_nothing_is_no_change(create, change):
    create()
    assert change(1).version == 1
    assert len(recorded()) == 1


def test_a_schedule_keeps_its_name(kit, create):
    create()
    with pytest.raises(InvalidSchedule):
        service.change("report", msgspec.structs.replace(FORM, name="other"), 1, ANN, store=kit.store)


def test_with_other_times_it_counts_from_now_on(kit, create, change):
    before = create()
    kit.advance(HOUR)
    made = change(1, queue="mail")
    assert (made.since, made.next_at) == (before.since, before.next_at)
    made = change(2, time_zone="UTC")
    assert made.since > before.since
    assert made.next_at == first_tick("UTC", kit.reader.now_ms())


def test_pause_and_resume_may_come_twice(kit, create):
    create()
    for _ in range(2):
        made = service.pause("report", ANN)
        assert (made.paused, made.next_at, made.version) == (True, None, 1)
    kit.advance(HOUR)
    for _ in range(2):
        made = service.resume("report", ANN, store=kit.store)
        assert (made.paused, made.next_at is None, made.version) == (False, False, 1)
    assert [action for action, _ in recorded()] == ["schedule.create", "schedule.pause", "schedule.resume"]


def test_a_paused_schedule_that_gets_other_times_stays_paused(create, change):
    create()
    service.pause("report", ANN)
    made = change(1, cron="@hourly")
    assert (made.paused, made.next_at) == (True, None)


def test_delete_takes_the_record_of_ticks_along(kit, office):
    made = office.make()
    office.pass_to(made)
    office.run()
    service.delete(made.name, ANN)
    assert (Schedule.objects.count(), Tick.objects.count(), len(office.jobs())) == (0, 0, 1)
    assert recorded()[-1] == ("schedule.delete", "report")


def test_a_schedule_of_the_same_name_has_ticks_of_its_own(kit, office):
    first = office.make()
    tick = office.pass_to(first)
    office.run()
    service.delete(first.name, ANN)
    kit.advance(-1000)
    second = office.make()
    assert office.pass_to(second) == tick
    office.run()
    assert len(office.jobs()) == 2
    assert told(second) == [(tick, "enqueued")]


def test_its_job_can_be_run_at_once_beside_its_ticks(kit, office):
    made = office.make()
    service.pause(made.name, ANN)
    answer = service.run_now(made.name, ANN, reason="to see", store=kit.store)
    assert [job_id for job_id, _ in office.jobs()] == [answer.id]
    assert told(made) == []
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.reason, entry.status, entry.detail["jobId"]) == (
        "schedule.run", "to see", "done", answer.id,
    )  # fmt: skip


def test_jobs_that_must_not_overlap_do_not_by_hand_either(kit, office):
    made = office.make(overlap="skip")
    office.pass_to(made)
    office.run()
    with pytest.raises(DuplicateJob):
        service.run_now(made.name, ANN, store=kit.store)


def test_past_ticks_come_latest_first_and_page_by_page(kit, office):
    made = office.make()
    for _ in range(5):
        office.pass_to(made)
        office.run()
    first = service.past_ticks(made, 3)
    rest = service.past_ticks(made, 3, before=first[-1].at)
    assert [each.at for each in first + rest] == sorted((to_datetime(at) for at, _ in told(made)), reverse=True)


def test_next_ticks_are_told_also_of_a_paused_one(kit, create):
    create()
    made = service.pause("report", ANN)
    now_ms = kit.reader.now_ms()
    assert service.next_ticks(made, 3, now_ms) == cron.ticks_after("0 3 * * *", "Europe/Berlin", now_ms, count=3)
