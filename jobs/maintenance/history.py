"""Keeps the history behind the charts: closes each ten seconds once they are over, and rolls them up.

The counters come from the hashes that the transitions write themselves and that stay for two hours, so after an outage
they are caught up exactly. Gauges can only be read now: for what nobody looked at they are missing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Final

import msgspec

from jobs.logs import get_logger
from jobs.store.history import ALL, RINGS, Cursor, Mark, Tick
from jobs.store.history_bucket import Gauges, HistoryBucket, merged
from jobs.store.sampler import STEP_MS
from jobs.store.store import Store

from .apart import Apart
from .duty import AT_ONCE, Duty, Result
from .leadership import Leadership

log = get_logger(__name__)
NAME: Final = "history"
PERIOD_SECONDS: Final = 10.0
SLACK_MS: Final = 1000  # after the end of a bucket
KEPT: Final = 710  # buckets whose counters are certainly still there
AHEAD: Final = 360  # buckets by which the cursor may be ahead of the server's clock before it is taken to be wrong
RUN_SECONDS: Final = 0.4
BATCH: Final = 200
FORGET_RELEASE: Final = 6  # buckets without a live worker of it, while there are others
FINE: Final = min(RINGS)
Named = tuple[str, HistoryBucket]


class HistoryKeeper(Duty):
    """Remembers nothing itself: the cursors in the store say what is to be done next."""

    def __init__(self, store: Store, leadership: Leadership) -> None:
        self._history = store.history
        self._sampler = store.sampler
        self._reader = store.reader
        self._leadership = leadership
        self._apart = Apart(NAME)

    def run_once(self) -> Result:
        """Close and roll up what is over, for half a second at most."""
        until = time.monotonic() + RUN_SECONDS
        done = 0
        while self._step():
            done += 1
            if time.monotonic() > until:
                return Result(done, AT_ONCE)
        return Result(done, (STEP_MS - (self._reader.now_ms() - SLACK_MS) % STEP_MS) / 1000)

    def _step(self) -> bool:
        """Append one bucket of one resolution; coarse ones first, before the rings forget what they are made from."""
        cursors = self._history.cursors()
        pairs = zip(reversed(RINGS), [*reversed(RINGS)][1:], strict=False)
        return any(self._roll(cursors, fine, coarse) for coarse, fine in pairs) or self._close(cursors.get(FINE))

    def _close(self, cursor: Cursor | None) -> bool:
        """Close the next ten seconds, if they are over."""
        newest = (self._reader.now_ms() - SLACK_MS) // STEP_MS - 1
        number = self._next(cursor, newest)
        if number > newest:
            return False
        by_queue, in_all = self._sampler.counters(number)
        names = sorted({*self._reader.queue_names(), *by_queue})
        items = [(name, by_queue.get(name, HistoryBucket(number))) for name in names]
        items.append((ALL, in_all))
        gauged = self._apart.run("gauges", partial(self._gauged, names, items), None) if number == newest else None
        if number == newest:
            self._note_releases(number)
        self._append(FINE, cursor, number, gauged or items, Tick(number, 1, gauged is not None))
        return True

    def _next(self, cursor: Cursor | None, newest: int) -> int:
        """The number of the bucket to be closed next."""
        if cursor and cursor.number > newest + AHEAD:
            log.warning("the server's clock went back: history begins anew", seconds=(cursor.number - newest) * 10)
            cursor = None
        oldest = newest - KEPT
        if cursor is None:
            return next(iter(self._sampler.counted(range(oldest, newest + 1))), newest)
        return max(oldest, cursor.number + (cursor.part is None))

    def _gauged(self, names: Sequence[str], items: Sequence[Named]) -> list[Named] | None:
        """The same buckets with what there is now."""
        by_queue, in_all = self._sampler.gauges(names)
        gauges = {**by_queue, ALL: in_all}
        return [(name, msgspec.structs.replace(bucket, gauges=gauges[name])) for name, bucket in items]

    def _roll(self, cursors: dict[int, Cursor], fine: int, coarse: int) -> bool:
        """Make the next bucket of a coarser resolution, if all that goes into it is there."""
        source, cursor = cursors.get(fine), cursors.get(coarse)
        factor = coarse // fine
        ticks = self._ripe(source, cursor, fine, factor) if source else []
        if not source or not ticks:
            return False
        number = ticks[0].number // factor
        tick = Tick(number, sum(each.covered for each in ticks), any(each.gauged for each in ticks))
        names = [*self._reader.queue_names(), ALL]
        found = self._history.buckets(names, fine, source.number - number * factor + 1)
        # Where somebody looked at a queue and there was nothing, it has no bucket.
        nothing = [HistoryBucket(number, gauges=Gauges())] if tick.gauged else []
        parts = {name: [each for each in found[name] if each.number // factor == number] for name in names}
        self._append(coarse, cursor, number, [(name, merged(number, [*nothing, *parts[name]])) for name in names], tick)
        return True

    def _ripe(self, source: Cursor, cursor: Cursor | None, fine: int, factor: int) -> list[Tick]:
        """The ticks that make the next coarser bucket; none while it may get more of them."""
        complete, start = source.number - (source.part is not None), 0
        if cursor and cursor.number * factor <= complete:  # otherwise history has begun anew
            start = (cursor.number + (cursor.part is None)) * factor
        if complete < start + factor - 1:
            return []
        ticks = [tick for tick in self._history.ticks(fine, RINGS[fine]) if start <= tick.number <= complete]
        if not ticks or complete < (ticks[0].number // factor + 1) * factor - 1:
            return []
        return [tick for tick in ticks if tick.number // factor == ticks[0].number // factor]

    def _append(self, seconds: int, cursor: Cursor | None, number: int, items: Sequence[Named], tick: Tick) -> None:
        """Write a bucket of all queues in batches, from where the last attempt at it has stopped. ALL is the last."""
        part = cursor.part if cursor and cursor.number == number else None
        todo = [
            (name, bucket)
            for name, bucket in items
            if not bucket.is_idle and (name == ALL or part is None or name > part)
        ]
        for start in range(0, len(todo) or 1, BATCH):
            batch = todo[start : start + BATCH]
            last = start + BATCH >= len(todo)
            after = Cursor(number, None if last else batch[-1][0])
            token = self._leadership.token
            if not self._history.append(NAME, token, seconds, (cursor, after), batch, tick if last else None):
                return  # it was done before, and its answer got lost
            cursor = after

    def _note_releases(self, number: int) -> None:
        """Put a mark where a worker has a release that none had a minute ago."""
        live = self._sampler.releases()
        if not live:
            return
        known = _known(self._history.known(NAME))
        now = self._reader.now_ms()
        marks = [Mark(now, "deploy", release[:100]) for release in live if known and release not in known]
        kept = {release: seen for release, seen in known.items() if seen > number - FORGET_RELEASE}
        packed = msgspec.json.encode({**kept, **dict.fromkeys(live, number)}, order="sorted")
        self._history.mark(NAME, self._leadership.token, packed, marks)


def _known(packed: bytes) -> dict[str, int]:
    """Releases and the bucket in which each was seen last."""
    try:
        return msgspec.json.decode(packed, type=dict[str, int])
    except msgspec.MsgspecError:
        return {}
