"""How many ticks ended how: which column of a schedule counts what, and the totals of all there ever were."""

from __future__ import annotations

from typing import Final

from django.db.models import F, Sum

from .models import Gone, Outcome, Schedule

COLUMNS: Final = {
    Outcome.ENQUEUED: "enqueued",
    Outcome.SKIPPED: "skipped",
    Outcome.MISSED: "missed_count",
    Outcome.REFUSED: "refused",
}


def totals(using: str) -> dict[Outcome, int]:
    """Ticks of all schedules, also of those that were deleted, by outcome."""
    there = Schedule.objects.using(using).aggregate(**{name: Sum(name) for name in COLUMNS.values()})
    gone = dict(Gone.objects.using(using).values_list("outcome", "count"))
    return {outcome: (there[name] or 0) + gone.get(outcome, 0) for outcome, name in COLUMNS.items()}


def keep_counted(schedule: Schedule, using: str) -> None:
    """Go on counting what was counted of a schedule that is about to be deleted."""
    for outcome, name in COLUMNS.items():
        if count := getattr(schedule, name):
            Gone.objects.using(using).get_or_create(outcome=outcome)
            Gone.objects.using(using).filter(outcome=outcome).update(count=F("count") + count)
