"""What is due of which schedule, read from the database in pieces of a bounded size."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

import msgspec
from django.db.models import F, QuerySet
from django.db.models.functions import Length

from jobs.clock import to_datetime, to_instant_ms
from jobs.logs import get_logger
from jobs.words import storable

from . import cron
from .due import Due, Rule, due
from .models import Outcome, Schedule
from .models.schedule import MOST_DETAIL

log = get_logger(__name__)
MOST_SCHEDULES: Final = 250
MOST_TICKS: Final = 250
MOST_BYTES: Final = 8 * 1024 * 1024  # of payloads in memory, of which each tick has its own


class Decision(msgspec.Struct, frozen=True):
    """A schedule as it was read, and what is due of it."""

    schedule: Schedule
    due: Due


def first_due(using: str, but: Collection[int] = ()) -> datetime | None:
    """When the next tick of all schedules is, `but` of some; None where there is none."""
    return _waiting(using, but).values_list("next_at", flat=True).first()


def decide(using: str, now_ms: int, but: Collection[int] = ()) -> Iterator[Decision]:
    """What is due now, the most overdue first, `but` of some schedules: all of it, or a piece of a bounded size.

    A schedule of which nothing can be decided gets no next tick, and does not come again. Raises DatabaseError.
    """
    rows = (
        _waiting(using, but).filter(next_at__lte=to_datetime(now_ms)).defer("payload").annotate(size=Length("payload"))
    )
    ticks = size = 0
    for schedule in rows[:MOST_SCHEDULES]:
        try:
            found = due(_rule(schedule), now_ms)
        except Exception as error:
            set_aside(schedule, using, error)
            continue
        yield Decision(schedule, found)
        ticks, size = ticks + len(found.ticks), size + schedule.size * max(1, len(found.ticks))
        if ticks >= MOST_TICKS or size >= MOST_BYTES:
            return


def with_payloads(decisions: list[Decision], using: str) -> list[Decision]:
    """The same, whose payloads are there: those that are gone, and those without ticks, need none."""
    wanted = [each.schedule.pk for each in decisions if each.due.ticks]
    payloads = dict(Schedule.objects.using(using).filter(pk__in=wanted).values_list("pk", "payload"))
    for each in decisions:
        each.schedule.payload = payloads.get(each.schedule.pk, "null")
    return decisions


def look_ahead(using: str, now_ms: int) -> None:
    """Correct the next ticks of all schedules that are on: rules of time zones may be others than they were.

    Raises DatabaseError.
    """
    for schedule in Schedule.objects.using(using).filter(paused=False).defer("payload"):
        try:
            following = cron.next_tick(schedule.cron, schedule.time_zone, to_instant_ms(schedule.anchor))
        except Exception as error:
            set_aside(schedule, using, error)
            continue
        next_at = None if following is None else to_datetime(following)
        if next_at != schedule.next_at:
            _as_read(schedule, using).update(next_at=next_at)


def set_aside(schedule: Schedule, using: str, error: Exception) -> None:
    """Give a schedule no next tick, and say why. Raises DatabaseError."""
    detail = storable(f"it has no ticks: {error}")[:MOST_DETAIL]
    if schedule.next_at is None and schedule.last_detail == detail:
        return
    log.error("a schedule has no ticks", schedule=schedule.name, error=str(error))
    _as_read(schedule, using).update(
        next_at=None, last_outcome=Outcome.REFUSED, last_detail=detail, refused=F("refused") + 1,
        last_at=schedule.next_at or schedule.anchor, last_job_id="",
    )  # fmt: skip


def _waiting(using: str, but: Collection[int]) -> QuerySet[Schedule]:
    found = Schedule.objects.using(using).filter(next_at__isnull=False, paused=False)
    return (found.exclude(pk__in=but) if but else found).order_by("next_at", "id")


def _as_read(schedule: Schedule, using: str) -> QuerySet[Schedule]:
    """The schedule, unless somebody has begun it anew or decided on it meanwhile."""
    found = Schedule.objects.using(using).filter(pk=schedule.pk, paused=False)
    return found.filter(since=schedule.since, decided=schedule.decided)


def _rule(schedule: Schedule) -> Rule:
    return Rule(schedule.cron, schedule.time_zone, schedule.missed, to_instant_ms(schedule.anchor))
