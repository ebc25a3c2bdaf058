"""Error groups of which many jobs died just now: failing that goes on after the last execution is over."""

from __future__ import annotations

import time
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from jobs.inspection.groups import all_groups
from jobs.store.history import ALL
from jobs.store.reader import Group
from jobs.store.store import Store
from jobs.store.triage import standing

WINDOW_MS: Final = 300_000  # long enough to be seen by who was called, short enough to be about now
MANY: Final = 50  # one in six seconds: more than anybody looks at one by one
SHARE: Final = 0.01  # of all jobs that ended: a big installation always buries some
GROUPS: Final = 50  # the latest groups that are counted
FRESH_SECONDS: Final = 2.0
HISTORY_SECONDS: Final = 10

_known: WeakKeyDictionary[Store, tuple[float, list[Deaths]]] = WeakKeyDictionary()


class Deaths(msgspec.Struct, frozen=True):
    """`count` jobs of an open group that died in the last WINDOW_MS and are still dead."""

    fingerprint: str
    count: int
    group: Group

    @property
    def error(self) -> str:
        """The name of the exception, without its message, which is not for everybody; "" where it has none."""
        name = self.group.summary.partition(":")[0]
        return name if name.replace("_", "").replace(".", "").isalnum() else ""


def deaths_of(store: Store, now_ms: int) -> list[Deaths]:
    """The groups that grew much in the last WINDOW_MS, most deaths first, read every two seconds. Raises StoreError.

    Much: MANY jobs, and SHARE of all that ended. What was retried, deleted, resolved or ignored is no trouble any more.
    """
    found = _known.get(store)
    if found is None or time.monotonic() >= found[0]:
        found = (time.monotonic() + FRESH_SECONDS, _read(store, now_ms - WINDOW_MS))
        _known[store] = found
    return found[1]


def _read(store: Store, since_ms: int) -> list[Deaths]:
    [died] = store.trends.since(since_ms, ())
    if died < MANY:
        return []
    groups, notes = all_groups(store)
    recent = [
        (fingerprint, group)
        for fingerprint, group in sorted(groups.items(), key=lambda pair: -pair[1].last_seen)[:GROUPS]
        if group.last_seen >= since_ms and standing(group, notes.get(fingerprint)) in ("open", "regressed")
    ]
    buckets = store.history.buckets([ALL], HISTORY_SECONDS, WINDOW_MS // 1000 // HISTORY_SECONDS)[ALL]
    completed = sum(each.completed for each in buckets if each.number * HISTORY_SECONDS * 1000 >= since_ms)
    least = max(MANY, SHARE * (completed + died))
    _, *counts = store.trends.since(since_ms, [fingerprint for fingerprint, _ in recent])
    grown = [Deaths(name, count, group) for (name, group), count in zip(recent, counts, strict=True) if count >= least]
    return sorted(grown, key=lambda each: (-each.count, each.fingerprint))
