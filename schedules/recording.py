"""Puts ticks on record: once each, however often and by whomever it is tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F

from jobs.clock import to_datetime
from jobs.connections import brief
from jobs.words import several

from .counters import COLUMNS
from .deciding import Decision
from .models import Outcome, Schedule, Tick
from .sending import Sent

KEPT: Final = 200  # ticks of each schedule
SLACK: Final = 20  # that there may be more, so that not each new one deletes an old one


def record(decisions: Sequence[Decision], found: Mapping[int, list[Sent]], now_ms: int, using: str) -> None:
    """Write in one transaction what was decided and what became of it, of the schedules that something is found of.

    What somebody else has put on record meanwhile stays as it is, and is not counted again. Raises DatabaseError.
    """
    done = {each.schedule.pk: each for each in decisions if each.schedule.pk in found}
    with brief(using):
        rows = Schedule.objects.using(using).select_for_update().filter(pk__in=done).defer("payload").order_by("pk")
        fresh = list(rows)  # without those that were deleted
        told = {row.pk: _told(done[row.pk], row, found[row.pk], now_ms) for row in fresh}
        there = _there(told, using)
        for row in fresh:
            told[row.pk] = [tick for tick in told[row.pk] if (row.pk, tick.at) not in there]
            if changes := _changes(done[row.pk], row, told[row.pk]):
                Schedule.objects.using(using).filter(pk=row.pk).update(**changes)
        Tick.objects.using(using).bulk_create(tick for ticks in told.values() for tick in ticks)
        _prune(told, using)


def _told(each: Decision, row: Schedule, sent: list[Sent], now_ms: int) -> list[Tick]:
    """The ticks of a schedule that nobody has decided on but us."""
    ticks = [_tick(row, tick, now_ms) for tick in sent]
    if not _is_same(each, row):
        return ticks
    if row.anchor == each.schedule.anchor and each.due.missed_ms is not None:
        detail = f"{several(each.due.missed, 'tick')} when no scheduler ran"
        ticks.append(_tick(row, Sent(each.due.missed_ms, Outcome.MISSED, "", detail), now_ms))
    return [tick for tick in ticks if tick.at > row.anchor]


def _changes(each: Decision, row: Schedule, new: list[Tick]) -> dict[str, Any]:
    """What becomes of a schedule whose new ticks these are: they are counted, and it moves on."""
    counted = Counter[str]()
    for tick in new:
        counted[COLUMNS[Outcome(tick.outcome)]] += each.due.missed if tick.outcome == Outcome.MISSED else 1
    changes: dict[str, Any] = {name: F(name) + count for name, count in counted.items()}
    changes |= _going_on(each, row)
    last = max(new, key=lambda tick: tick.at, default=None)
    if last is not None and (row.last_at is None or row.last_at <= last.at):
        changes |= {"last_at": last.at, "last_outcome": last.outcome}
        changes |= {"last_job_id": last.job_id, "last_detail": last.detail}
    return changes


def _going_on(each: Decision, row: Schedule) -> dict[str, Any]:
    """Where a schedule goes on from, unless somebody has begun it anew or is further already.

    A next tick that is none, like one that was found by other rules of time zones, is corrected: it would be due for
    ever.
    """
    decided = row.anchor if each.due.decided_ms is None else to_datetime(each.due.decided_ms)
    is_further = decided > row.anchor
    was_none = each.due.decided_ms is None and row.anchor == each.schedule.anchor
    if not (_is_same(each, row) and (is_further or was_none)):
        return {}
    following = None if row.paused or each.due.next_ms is None else to_datetime(each.due.next_ms)
    return {"next_at": following} | ({"decided": decided} if is_further else {})


def _is_same(each: Decision, row: Schedule) -> bool:
    """Whether nobody has begun a schedule anew since it was read: then it is not ours to move on."""
    return row.since == each.schedule.since


def _tick(row: Schedule, sent: Sent, now_ms: int) -> Tick:
    return Tick(
        schedule=row, at=to_datetime(sent.at_ms), outcome=sent.outcome, job_id=sent.job_id, detail=sent.detail,
        recorded_at=to_datetime(now_ms),
    )  # fmt: skip


def _there(told: Mapping[int, list[Tick]], using: str) -> set[tuple[int, datetime]]:
    """Which of some ticks are on record: a clock that was put back brings them again."""
    instants = {tick.at for ticks in told.values() for tick in ticks}
    rows = Tick.objects.using(using).filter(schedule_id__in=told, at__in=instants)
    return set(rows.values_list("schedule_id", "at"))


def _prune(pks: Collection[int], using: str) -> None:
    """Delete old ticks of the schedules that have some too many."""
    counted = Tick.objects.using(using).filter(schedule_id__in=pks).order_by().values("schedule_id")
    for row in counted.annotate(count=Count("pk")).filter(count__gt=KEPT + SLACK):
        ticks = Tick.objects.using(using).filter(schedule_id=row["schedule_id"])
        [edge] = ticks.order_by("-at").values_list("at", flat=True)[KEPT - 1 : KEPT]
        ticks.filter(at__lt=edge).delete()
