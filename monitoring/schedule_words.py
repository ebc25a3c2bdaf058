"""What pages say of schedules: times on the clock of their zone, and what their choices mean."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schedules.api.answers import TickCounts, TickView

from . import store_clock

# Each choice in the words of the form, and as a sentence of the page.
OVERLAPS: Final = {
    "allow": ("enqueue all the same", "enqueues each tick, whatever became of the one before"),
    "skip": ("skip the tick", "skips a tick while the job of an earlier one is unfinished"),
}
MISSES: Final = {
    "last": ("enqueue the latest, once", "the latest that no scheduler saw is made up for, once"),
    "skip": ("leave them out", "those that no scheduler saw are left out"),
    "all": ("enqueue each of them", "each that no scheduler saw is made up for, oldest first, the last 100 at most"),
}
# For the list below the field of an expression.
CRONS: Final = (
    ("*/5 * * * *", "every five minutes"),
    ("0 * * * *", "every hour"),
    ("0 3 * * *", "every day at 3"),
    ("30 8 * * MON-FRI", "on weekdays at 8:30"),
    ("0 9 * * MON", "every Monday at 9"),
    ("0 0 1 * *", "on the first day of each month"),
    ("0 23 L * *", "on the last day of each month at 23"),
)


def left_out(counts: TickCounts) -> int:
    """How many ticks enqueued nothing."""
    return counts.skipped + counts.missed + counts.refused


def left_out_words(counts: TickCounts) -> str:
    """Why they did not: "3 skipped, 1 refused"."""
    said = (("refused", counts.refused), ("missed", counts.missed), ("skipped", counts.skipped))
    return ", ".join(f"{count:,} {word}" for word, count in said if count)


def on_its_clock(instant: str, zone: str) -> str:
    """A time of the wire as the clock of a zone shows it: "Mon 2 Mar, 03:00"; year and seconds where they matter."""
    moment = datetime.fromisoformat(instant).astimezone(zone_of(zone))
    now = datetime.fromtimestamp(store_clock.now_ms() / 1000, moment.tzinfo)
    year = f" {moment.year}" if moment.year != now.year else ""
    seconds = f":{moment:%S}" if moment.second else ""
    return f"{moment:%a} {moment.day} {moment:%b}{year}, {moment:%H:%M}{seconds}"


def zone_word(instant: str, zone: str) -> str:
    """What the zone is called then, which tells summer from winter: CET, CEST, UTC, +0430."""
    return datetime.fromisoformat(instant).astimezone(zone_of(zone)).strftime("%Z")


def decided_after(tick: TickView) -> float:
    """How long after a tick was due it was decided on (ms)."""
    due, decided = (datetime.fromisoformat(each) for each in (tick.at, tick.recorded_at))
    return max(0.0, (decided - due).total_seconds() * 1000)


def zone_of(name: str) -> tzinfo:
    """The zone of a name; UTC for one that is not known here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
