"""Schedules and their ticks as the API shows them: also those with something wrong in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from jobs.connections import borrowed
from jobs.inspection.wire import opaque
from jobs.redaction import Redactor, Values
from jobs.types import Priority
from schedules import cron
from schedules.models import Missed, Outcome, Overlap, Schedule, Tick
from schedules.service import alias

from .answers import LastTick, ScheduleItem, ScheduleView, TickCounts, TickView

FEW: Final = 50  # payloads, which may be large, in memory together
_PRIORITIES: Final = frozenset(priority.label for priority in Priority)
_OVERLAPS: Final = frozenset(Overlap.values)
_MISSED: Final = frozenset(Missed.values)


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
    known: dict[int, Values] = {}
    with borrowed(alias()) as using:
        for start in range(0, len(quoting), FEW):
            payloads = Schedule.objects.using(using).filter(pk__in=quoting[start : start + FEW])
            known |= {pk: known_values(payload, redactor) for pk, payload in payloads.values_list("pk", "payload")}
    return [ScheduleItem(**_facts(row, redactor, known.get(row.pk, frozenset()), [])) for row in rows]


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
        # What the scheduler takes any other word for.
        "overlap": row.overlap if row.overlap in _OVERLAPS else Overlap.ALLOW.value,
        "missed": row.missed if row.missed in _MISSED else Missed.SKIP.value,
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
    for word, known in ((row.overlap, _OVERLAPS), (row.missed, _MISSED)):
        if word not in known:
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


def _time(moment: datetime) -> str:
    """A time of the wire, at a fourth of what it costs by way of ms: a list has thousands."""
    return f"{moment.astimezone(UTC).isoformat(timespec='milliseconds')[:23]}Z"
