"""Schedules as their list shows them: all for the order and the counts, whole only those of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec
from django.http import QueryDict

from jobs.clock import to_instant_ms
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
    """A page of schedules, and how many there are by `state`: all, on, paused, trouble."""

    rows: Excerpt[ScheduleRow]
    counts: dict[str, int]


def listed(store: Store, query: QueryDict, redactor: Redactor | None) -> Listed:
    """What an address asks for: `name` a text, `state` and `order`. The store, asked for jobs alone, may be away."""
    every = service.listed()
    late = datetime.fromtimestamp((store_clock.now_ms() - GRACE_MS) / 1000, UTC)
    groups = {
        "all": every,
        ON: [each for each in every if not each.paused],
        PAUSED: [each for each in every if each.paused],
        "trouble": [each for each in every if _is_troubled(each, late)],
    }
    chosen = groups.get(query.get("state", ""), every)
    if query.get("order") == NEXT:
        chosen = sorted(chosen, key=lambda each: each.next_at or NEVER)
    else:
        chosen = sorted(chosen, key=lambda each: not _is_troubled(each, late))  # by name within: sorting is stable
    page = excerpt(chosen, query, _text)
    jobs = job_states(store, (each.last_job_id for each in page.rows))
    items = {item.name: item for item in items_of(page.rows, redactor)}
    rows = page.shown_as(lambda each: ScheduleRow.of(items[each.name], jobs))
    return Listed(rows, {name: len(found) for name, found in groups.items()})


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


def _is_troubled(schedule: Schedule, late: datetime) -> bool:
    """Whether somebody should look: it is overdue, never comes, or was refused at its last tick."""
    if schedule.paused:
        return False
    is_overdue = schedule.next_at is None or schedule.next_at < late
    return is_overdue or schedule.last_outcome == Outcome.REFUSED


def _text(schedule: Schedule) -> str:
    """What is looked for a text when somebody looks for schedules."""
    return " ".join((schedule.name, schedule.type, schedule.queue, schedule.cron, *schedule.tags))
