"""Puts ticks on record: once each, however often and by whomever it is tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import F

from jobs.clock import to_datetime
from jobs.connections import brief
from jobs.words import several

from .counters import COLUMNS
from .deciding import Decision
from .models import Outcome, Schedule, Tick
from .sending import Sent

KEPT: Final = 200  # ticks of each schedule


def record(decisions: Sequence[Decision], found: Mapping[int, list[Sent]], now_ms: int, using: str) -> None:
    """Write in one transaction what was decided and what became of it, of the schedules that something is found of.

    What somebody else has put on record meanwhile stays as it is, and is not counted again. Raises DatabaseError.
    """
    done = [each for each in decisions if each.schedule.pk in found]
    with brief(using):
        rows = Schedule.objects.using(using).select_for_update().filter(pk__in=[each.schedule.pk for each in done])
        fresh = {row.pk: row for row in rows.defer("payload").order_by("pk")}
        made: list[Tick] = []
        for each in done:
            if row := fresh.get(each.schedule.pk):  # else it was deleted
                made += _record_one(each, row, found[row.pk], now_ms, using)
        Tick.objects.using(using).bulk_create(made)
        for pk in {tick.schedule_id for tick in made}:
            _prune(pk, using)


def _record_one(each: Decision, row: Schedule, sent: list[Sent], now_ms: int, using: str) -> list[Tick]:
    """Count what is new of one schedule and move it on. Returns the ticks that are new."""
    is_same = row.since == each.schedule.since  # else it was begun anew, and is not to be moved on
    new = [_tick(row, tick, now_ms) for tick in sent]
    if is_same and row.anchor == each.schedule.anchor and each.due.missed_ms is not None:
        detail = f"{several(each.due.missed, 'tick')} when no scheduler ran"
        new.append(_tick(row, Sent(each.due.missed_ms, Outcome.MISSED, "", detail), now_ms))
    if is_same:
        new = [tick for tick in new if tick.at > row.anchor]
    there = _there(row, [tick.at for tick in new], using)
    new = [tick for tick in new if tick.at not in there]
    counted = Counter[str]()
    for tick in new:
        counted[COLUMNS[Outcome(tick.outcome)]] += each.due.missed if tick.outcome == Outcome.MISSED else 1
    changes: dict[str, Any] = {name: F(name) + count for name, count in counted.items()}
    if is_same and each.due.decided_ms is not None and (decided := to_datetime(each.due.decided_ms)) > row.anchor:
        following = None if row.paused or each.due.next_ms is None else to_datetime(each.due.next_ms)
        changes |= {"decided": decided, "next_at": following}
    if new:
        changes |= _last(row, max(new, key=lambda tick: tick.at))
    if changes:
        Schedule.objects.using(using).filter(pk=row.pk).update(**changes)
    return new


def _tick(row: Schedule, sent: Sent, now_ms: int) -> Tick:
    return Tick(
        schedule=row, at=to_datetime(sent.at_ms), outcome=sent.outcome, job_id=sent.job_id, detail=sent.detail,
        recorded_at=to_datetime(now_ms),
    )  # fmt: skip


def _there(row: Schedule, instants: list[datetime], using: str) -> set[datetime]:
    found = Tick.objects.using(using).filter(schedule_id=row.pk, at__in=instants)
    return set(found.values_list("at", flat=True)) if instants else set()


def _last(row: Schedule, tick: Tick) -> dict[str, Any]:
    if row.last_at is not None and row.last_at > tick.at:
        return {}
    return {"last_at": tick.at, "last_outcome": tick.outcome, "last_job_id": tick.job_id, "last_detail": tick.detail}


def _prune(pk: int, using: str) -> None:
    ticks = Tick.objects.using(using).filter(schedule_id=pk)
    edge = ticks.order_by("-at").values_list("at", flat=True)[KEPT - 1 : KEPT].first()
    if edge is not None:
        ticks.filter(at__lt=edge).delete()
