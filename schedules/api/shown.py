"""Schedules and their ticks as the API shows them: also those with something wrong in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from jobs.clock import isoformat, to_instant_ms
from jobs.inspection.wire import opaque
from jobs.redaction import Redactor, Values
from jobs.trail.connection import borrowed
from jobs.types import Priority
from schedules import cron
from schedules.models import Missed, Outcome, Overlap, Schedule, Tick

from .answers import LastTick, ScheduleItem, ScheduleView, TickCounts, TickView

_PRIORITIES: Final = frozenset(priority.label for priority in Priority)


def view_of(row: Schedule, redactor: Redactor | None) -> ScheduleView:
    """A schedule, with everything that `redactor` hides masked."""
    stored = row.payload.encode()
    payload = opaque(stored)
    troubles = ["Its payload is no JSON."] if payload is None else []
    if payload is not None and redactor is not None:
        payload = opaque(redactor.mask_json(stored))
    return ScheduleView(**_facts(row, redactor, known_values(row.payload, redactor), troubles), payload=payload)


def items_of(rows: Sequence[Schedule], redactor: Redactor | None) -> list[ScheduleItem]:
    """Schedules for a list. Payloads are read of those alone whose last tick has words that may be from there."""
    quoting = [row.pk for row in rows if row.last_outcome == Outcome.REFUSED] if redactor else []
    with borrowed() as using:
        payloads = dict(Schedule.objects.using(using).filter(pk__in=quoting).values_list("pk", "payload"))
    return [
        ScheduleItem(**_facts(row, redactor, known_values(payloads.get(row.pk, "{}"), redactor), [])) for row in rows
    ]


def known_values(payload: str, redactor: Redactor | None) -> Values:
    """The values in a payload that `redactor` hides, wherever else they stand."""
    return redactor.hidden_values(payload.encode()) if redactor else frozenset()


def tick_of(tick: Tick, redactor: Redactor | None, known: Values) -> TickView:
    """A tick. `known` are the values in its schedule's payload that `redactor` hides."""
    return TickView(
        at=_time(tick.at),
        outcome=tick.outcome,
        job_id=tick.job_id or None,
        detail=_masked(tick.detail, redactor, known),
        recorded_at=_time(tick.recorded_at),
    )


def _facts(row: Schedule, redactor: Redactor | None, known: Values, troubles: list[str]) -> dict[str, Any]:
    troubles = [*troubles, *_troubles(row)]
    return {
        "name": row.name,
        "type": row.type,
        "queue": row.queue or None,
        "priority": row.priority if row.priority in _PRIORITIES else None,
        "max_retries": row.max_retries,
        "timeout": row.timeout_ms,
        "tags": [tag for tag in row.tags if isinstance(tag, str)] if isinstance(row.tags, list) else [],
        "cron": row.cron,
        "time_zone": row.time_zone,
        "overlap": _word(row.overlap, Overlap.ALLOW),
        "missed": _word(row.missed, Missed.SKIP),
        "paused": row.paused,
        "version": row.version,
        "explained": _explained(row.cron),
        "next_tick": _time(row.next_at) if row.next_at and not row.paused else None,
        "last_tick": _last(row, redactor, known),
        "counts": TickCounts(enqueued=row.enqueued, skipped=row.skipped, missed=row.missed_count, refused=row.refused),
        "trouble": " ".join(troubles) or None,
        "created_at": _time(row.created_at),
        "updated_at": _time(row.updated_at),
    }


def _last(row: Schedule, redactor: Redactor | None, known: Values) -> LastTick | None:
    if row.last_at is None:
        return None
    detail = _masked(row.last_detail, redactor, known)
    return LastTick(at=_time(row.last_at), outcome=row.last_outcome, job_id=row.last_job_id or None, detail=detail)


def _troubles(row: Schedule) -> Iterator[str]:
    """What is wrong with a row that nobody but the service should have written."""
    if _explained(row.cron) is None:
        yield f"Its expression cannot be read: {row.cron}"
    try:
        cron.check_zone(row.time_zone)
    except cron.BadZone:
        yield f"There is no time zone {row.time_zone}."
    for word, kind in ((row.overlap, Overlap), (row.missed, Missed)):
        if word not in kind.values:
            yield f"There is no choice {word}."
    if row.priority and row.priority not in _PRIORITIES:
        yield f"There is no priority {row.priority}."
    if not (isinstance(row.tags, list) and all(isinstance(tag, str) for tag in row.tags)):
        yield "Its tags are no list of texts."


@lru_cache(maxsize=2000)
def _explained(expression: str) -> str | None:
    try:
        return cron.explain(expression)
    except cron.BadExpression:
        return None


def _masked(detail: str, redactor: Redactor | None, known: Values) -> str | None:
    return (redactor.mask_text(detail, known) if redactor else detail) or None


def _word(stored: str, otherwise: Any) -> str:
    """A word of a closed set; what the scheduler takes any other for."""
    return stored if stored in type(otherwise).values else otherwise.value


def _time(moment: datetime) -> str:
    return isoformat(to_instant_ms(moment))
