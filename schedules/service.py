"""What people do with schedules, over whichever interface. Each change leaves an entry in the audit trail.

`by` says who, `reason` why. Where a `store` is not given it is this process's own: its clock says what is later, and
this host's while it is away. All but `run_now` is done without it then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, router, transaction

from jobs import connections, trail
from jobs.clock import to_datetime, to_instant_ms
from jobs.conf import Config
from jobs.manager import QueueManager
from jobs.redaction import redactor_of
from jobs.store.store import Store
from jobs.trail import Action, Actor
from jobs.types import Enqueued

from . import cron, present
from .counters import keep_counted
from .errors import InvalidSchedule, NoSuchSchedule, ScheduleExists, StaleSchedule, TooManySchedules
from .form import PLAIN, ScheduleForm, form_of
from .models import Outcome, Overlap, Schedule, Tick
from .models.schedule import MOST_DETAIL
from .validation import checked

MOST_SCHEDULES: Final = 1000
_RULE: Final = frozenset({"cron", "time_zone"})


def find(name: str) -> Schedule:
    """The schedule of a name. Raises NoSuchSchedule."""
    with connections.borrowed(alias()) as using:
        found = Schedule.objects.using(using).filter(name=name).first()
    if found is None:
        raise NoSuchSchedule(name)
    return found


def listed() -> list[Schedule]:
    """All schedules by name. What lists do not show is read only where somebody asks for it."""
    with connections.borrowed(alias()) as using:
        return list(Schedule.objects.using(using).defer("payload", "since", "decided", "updated_by"))


def past_ticks(schedule: Schedule, most: int, before: datetime | None = None) -> list[Tick]:
    """At most `most` ticks on record, latest first, of those before a moment."""
    with connections.borrowed(alias()) as using:
        found = Tick.objects.using(using).filter(schedule_id=schedule.pk)
        return list((found.filter(at__lt=before) if before else found)[:most])


def create(form: ScheduleForm, by: Actor, *, reason: str = "", store: Store | None = None) -> Schedule:
    """Make a schedule. Its first tick is the first one from now on.

    Raises InvalidSchedule, ScheduleExists, TooManySchedules.
    """
    store = store or present.store()
    form, now_ms = checked(form, store), present.now_ms(store)
    made = Schedule(name=form.name, updated_by=by.name[:150])
    _fill(made, form)
    _begin(made, now_ms)
    try:
        with _changing() as using:
            if Schedule.objects.using(using).filter(name=form.name).exists():
                raise ScheduleExists(form.name)
            if Schedule.objects.using(using).count() >= MOST_SCHEDULES:
                raise TooManySchedules(MOST_SCHEDULES)
            made.save(using=using, force_insert=True)
            _note(by, Action.SCHEDULE_CREATE, made, reason, form.facts())
    except IntegrityError as error:  # somebody was faster
        raise ScheduleExists(form.name) from error
    return made


def change(
    name: str, form: ScheduleForm, version: int, by: Actor, *, reason: str = "", store: Store | None = None
) -> Schedule:
    """Make a schedule what a form says. With another expression or time zone it counts from now on.

    Raises InvalidSchedule, NoSuchSchedule, StaleSchedule where it is not of this version any more.
    """
    store = store or present.store()
    if form.name != name:
        raise InvalidSchedule({"name": "a schedule keeps its name"})
    form, now_ms = checked(form, store), present.now_ms(store)
    with _changing() as using:
        found = _locked(name, using)
        if found.version != version:
            raise StaleSchedule(name, found.version)
        before = form_of(found)
        changed = _differences(before.facts(), form.facts())
        payload = {"payload": "replaced"} if before.payload_bytes != form.payload_bytes else {}
        if not changed and not payload:
            return found
        if payload:
            _mask_past(found, store.config, using)
        _fill(found, form)
        if _RULE & changed.keys():
            _begin(found, now_ms)
        found.version, found.updated_by = version + 1, by.name[:150]
        found.save(using=using)
        _note(by, Action.SCHEDULE_CHANGE, found, reason, {"changed": changed, **payload})
    return found


def pause(name: str, by: Actor, *, reason: str = "") -> Schedule:
    """Let it enqueue nothing until it is resumed. Raises NoSuchSchedule."""
    with _changing() as using:
        found = _locked(name, using)
        if not found.paused:
            found.paused, found.next_at, found.updated_by = True, None, by.name[:150]
            found.save(using=using)
            _note(by, Action.SCHEDULE_PAUSE, found, reason, {})
    return found


def resume(name: str, by: Actor, *, reason: str = "", store: Store | None = None) -> Schedule:
    """Let it enqueue again, from now on: what it was paused for is not missed. Raises NoSuchSchedule."""
    now_ms = present.now_ms(store or present.store())
    with _changing() as using:
        found = _locked(name, using)
        if found.paused:
            found.paused, found.updated_by = False, by.name[:150]
            _begin(found, now_ms)
            found.save(using=using)
            _note(by, Action.SCHEDULE_RESUME, found, reason, {})
    return found


def delete(name: str, by: Actor, *, reason: str = "") -> None:
    """Remove a schedule and the record of its ticks; the jobs it made stay. Raises NoSuchSchedule."""
    with _changing() as using:
        found = _locked(name, using)
        _note(by, Action.SCHEDULE_DELETE, found, reason, {"type": found.type, "cron": found.cron})
        keep_counted(found, using)
        found.delete(using=using)


def run_now(name: str, by: Actor, *, reason: str = "", store: Store | None = None) -> Enqueued:
    """Enqueue its job at once, beside its ticks, also while it is paused. Where jobs must not overlap, this is one.

    Raises NoSuchSchedule, and what QueueManager.enqueue raises, like DuplicateJob.
    """
    found = find(name)
    key = found.deduplication_key if found.overlap == Overlap.SKIP else ""
    with trail.entry(actor=by, action=Action.SCHEDULE_RUN, target=name, reason=reason) as entry:
        answer = QueueManager(store).submit(form_of(found).spec(deduplication_key=key))
        entry.count, entry.detail["jobId"] = 1, answer.id
    return answer


def alias() -> str:
    """The database that schedules are in."""
    return router.db_for_write(Schedule)


@contextmanager
def _changing() -> Iterator[str]:
    with connections.borrowed(alias()) as using, transaction.atomic(using=using):
        yield using


def _locked(name: str, using: str) -> Schedule:
    found = Schedule.objects.using(using).select_for_update().filter(name=name).first()
    if found is None:
        raise NoSuchSchedule(name)
    return found


def _fill(schedule: Schedule, form: ScheduleForm) -> None:
    for name in PLAIN:
        setattr(schedule, name, getattr(form, name))
    schedule.tags, schedule.payload = list(form.tags), form.payload_bytes.decode()


def _begin(schedule: Schedule, now_ms: int) -> None:
    """Count from now on."""
    schedule.since, schedule.decided = to_datetime(now_ms), None
    following = None if schedule.paused else cron.next_tick(schedule.cron, schedule.time_zone, now_ms)
    schedule.next_at = None if following is None else to_datetime(following)


def next_ticks(schedule: Schedule, count: int, now_ms: int) -> list[int]:
    """The next ticks (ms) of a schedule, as if it were not paused. Raises BadExpression."""
    return cron.ticks_after(schedule.cron, schedule.time_zone, max(now_ms, to_instant_ms(schedule.anchor)), count=count)


def _differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: [before[name], value] for name, value in after.items() if before[name] != value}


def _mask_past(schedule: Schedule, config: Config, using: str) -> None:
    """Hide in the words of past refusals what was hidden in the payload: with another one nobody can tell any more."""
    if not config.redact_fields:
        return
    redactor = redactor_of(config.redact_fields)
    known = redactor.hidden_values(schedule.payload.encode())
    ticks = list(Tick.objects.using(using).filter(schedule_id=schedule.pk, outcome=Outcome.REFUSED))
    for tick in ticks:
        tick.detail = redactor.mask_text(tick.detail, known)[:MOST_DETAIL]
    Tick.objects.using(using).bulk_update(ticks, ["detail"], batch_size=100)
    if schedule.last_outcome == Outcome.REFUSED:
        schedule.last_detail = redactor.mask_text(schedule.last_detail, known)[:MOST_DETAIL]


def _note(by: Actor, action: Action, schedule: Schedule, reason: str, detail: dict[str, Any]) -> None:
    trail.note(
        actor=by, action=action, target=schedule.name, count=1, reason=reason,
        detail={"version": schedule.version, **detail},
    )  # fmt: skip
