"""Schedules as their list shows them: all for the order and the counts, whole only those of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
from django.http import QueryDict

from jobs.clock import to_instant_ms
from jobs.connections import borrowed
from jobs.errors import StoreError
from jobs.inspection.status import GRACE_MS
from jobs.redaction import Redactor
from jobs.store.store import Store
from schedules import service
from schedules.api.answers import ScheduleItem
from schedules.api.shown import items_of
from schedules.models import Outcome, Schedule

from . import store_clock
from .excerpt import Excerpt, excerpt
from .overdue import trouble_with_schedules

NEVER: Final = datetime.max.replace(tzinfo=UTC)
NEXT: Final = "next"  # the order that has the soonest first
ON, PAUSED, OVERDUE, UNREADABLE = "on", "paused", "overdue", "unreadable"


class ScheduleRow(msgspec.Struct, frozen=True):
    """A schedule, how it is, when it is due, and the state of the job of its last tick where that is at hand."""

    schedule: ScheduleItem
    state: str
    due: str | None
    job: str = ""

    @classmethod
    def of(cls, schedule: ScheduleItem, jobs: Mapping[str, str]) -> ScheduleRow:
        """The row of a schedule; `jobs`: states of jobs by their ids."""
        last = schedule.last_tick
        job = jobs.get(last.job_id or "", "") if last and last.outcome == Outcome.ENQUEUED else ""
        return cls(schedule, _state(schedule), schedule.next_tick, job)


class Listed(msgspec.Struct, frozen=True):
    """A page of schedules, how many there are by `state` (all, on, paused, trouble), and what holds them up."""

    rows: Excerpt[ScheduleRow]
    counts: dict[str, int]
    trouble: str


class _Brief(NamedTuple):
    """What the place of a schedule in a list depends on. Of a thousand, whole rows would take five times as long."""

    pk: int
    name: str
    type: str
    queue: str
    cron: str
    tags: Any
    paused: bool
    next_at: datetime | None
    last_outcome: str

    @property
    def text(self) -> str:
        """What is looked for a text when somebody looks for schedules."""
        return f"{self.name} {self.type} {self.queue} {self.cron} {self.tags}"

    def is_troubled(self, late: datetime) -> bool:
        """Whether somebody should look: it was due before `late`, never comes, or was refused at its last tick."""
        is_overdue = self.next_at is None or self.next_at < late
        return not self.paused and (is_overdue or self.last_outcome == Outcome.REFUSED)


def listed(store: Store, query: QueryDict, redactor: Redactor | None) -> Listed:
    """What an address asks for: `name` a text, `state` and `order`. The store, asked for jobs alone, may be away."""
    late = datetime.fromtimestamp((store_clock.now_ms() - GRACE_MS) / 1000, UTC)
    with borrowed(service.alias()) as using:
        every = [_Brief(*row) for row in Schedule.objects.using(using).order_by("name").values_list(*_Brief._fields)]
        groups = {
            "all": every,
            ON: [each for each in every if not each.paused],
            PAUSED: [each for each in every if each.paused],
            "trouble": [each for each in every if each.is_troubled(late)],
        }
        page = excerpt(_sorted(groups.get(query.get("state", ""), every), query, late), query, lambda each: each.text)
        found = Schedule.objects.using(using).defer("payload").in_bulk([each.pk for each in page.rows])
    shown = [found[each.pk] for each in page.rows if each.pk in found]  # others were deleted just now
    jobs = job_states(store, (each.last_job_id for each in shown))
    rows = page.with_rows([ScheduleRow.of(item, jobs) for item in items_of(shown, redactor)])
    return Listed(rows, {name: len(group) for name, group in groups.items()}, trouble_with_schedules(store))


def job_states(store: Store, ids: Iterable[str | None]) -> dict[str, str]:
    """The states of jobs that the store still has; none while it is away."""
    wanted = sorted({job_id for job_id in ids if job_id})
    try:
        rows = store.browser.rows(wanted) if wanted else []
    except StoreError:
        return {}
    return {row.id: row.record.state.label for row in rows if row.record is not None}


def _state(schedule: ScheduleItem) -> str:
    if schedule.trouble:
        return UNREADABLE
    if schedule.paused:
        return PAUSED
    due = schedule.next_tick
    is_late = due and store_clock.now_ms() - to_instant_ms(datetime.fromisoformat(due)) > GRACE_MS
    return OVERDUE if is_late else ON


def _sorted(rows: list[_Brief], query: QueryDict, late: datetime) -> list[_Brief]:
    """The soonest first where that is asked for; else those with trouble, each by name as they come."""
    if query.get("order") == NEXT:
        return sorted(rows, key=lambda each: each.next_at or NEVER)
    return sorted(rows, key=lambda each: not each.is_troubled(late))
