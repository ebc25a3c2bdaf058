"""Everything a live view shows, over all partitions."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.store.browser import Row
from jobs.store.glance import RATED, Bucket, Figures, Glance
from jobs.store.pace import BUCKET_MS, Pace, pace_of
from jobs.store.queue_view import QueueView

from .reader import SpreadReader
from .spread import Spread, by_name, summed


class SpreadGlance(Glance):
    """A `Glance` over all partitions. Rates are those of the buckets of all of them together.

    Remembers buckets that are over in all of them.
    """

    def __init__(self, spread: Spread, reader: SpreadReader) -> None:
        self._spread = spread
        self._reader = reader
        self._over: dict[int, Bucket] = {}
        self.offset_ms = spread.home.offset_ms

    def figures(self, newest: int = 0) -> Figures:
        """What there is now, with the `newest` latest jobs. Raises StoreError."""
        found = self._spread.everywhere(lambda part: part.glance.figures(newest))
        now = max(figures.now_ms for figures in found)
        current = now // BUCKET_MS
        recent = self._recent(found, current)
        running = summed(_counted(figures, current) for figures in found)
        lines = by_name({view.name: view for view in figures.queues} for figures in found)
        paused = frozenset().union(*(figures.paused for figures in found))
        since = {name: _earliest(name, found) for name in paused}
        return Figures(
            now_ms=now,
            states=summed(figures.states for figures in found),
            totals=summed(figures.totals for figures in found),
            paused=paused,
            recent=recent,
            queues=[
                _view(lines[name], since.get(name), pace_of(name, recent, running, now % BUCKET_MS))
                for name in sorted(lines)
            ],
            rows=self._latest(found, newest) if newest else [],
            running=running,
            since=since,
        )

    def _recent(self, found: Sequence[Figures], current: int) -> list[Bucket]:
        """The last whole buckets before the one with the number `current`, oldest first."""
        wanted = range(current - RATED, current)
        known = self._over  # others may look at the same time, at other buckets
        merged = {
            number: known.get(number) or summed(_counted(figures, number) for figures in found) for number in wanted
        }
        earliest = min(figures.now_ms for figures in found) // BUCKET_MS
        self._over = {number: bucket for number, bucket in merged.items() if number < earliest}
        return [merged[number] for number in wanted]

    def _latest(self, found: Sequence[Figures], newest: int) -> list[Row]:
        """The rows of the jobs that were made last of all."""
        rows = {row.id: row for figures in found for row in figures.rows}
        places = self._reader.walk(self._reader.indexes(None), newest)
        return [rows[place.id] for place in places if place.id in rows]


def _counted(figures: Figures, number: int) -> Bucket:
    """What one partition counted in a bucket: by its own clock that one is over, or runs, or has not begun."""
    back = figures.now_ms // BUCKET_MS - number
    if back == 0:
        return figures.running
    return figures.recent[-back] if 0 < back <= len(figures.recent) else {}


def _earliest(queue: str, found: Sequence[Figures]) -> int:
    """When a queue was paused in the partition that was first to do so; 0 where that is not known."""
    return min((figures.since[queue] for figures in found if queue in figures.since), default=0)


def _view(views: Sequence[QueueView], paused: int | None, pace: Pace) -> QueueView:
    """A queue of which several partitions have a part. It may be paused in one that never had a job of it."""
    return QueueView(
        name=views[0].name,
        depth=summed(view.depth for view in views),
        counts=summed(view.counts for view in views),
        paused=paused is not None,
        paused_since=paused or 0,
        oldest_ms=max(view.oldest_ms for view in views),
        in_per_second=pace.arriving,
        out_per_second=pace.leaving,
        rated=pace.known,
    )
