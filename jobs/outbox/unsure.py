"""Entries that the store may have already: no answer came to the request that brought them there.

They carry no marker of the store's that would make a second sending a no-op once their job has ended and is pruned. So
the store is asked for them first, as soon as it answers, before anything is sent: what it has is out of the outbox long
before anything of it is pruned. Where an enqueue waits for replicas, so does this: until they have a job too a failover
may lose it, and its entry stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Final

from jobs.errors import StoreError
from jobs.models import OutboxEntry
from jobs.partitioning import partition_of_id
from jobs.store.store import Store

from . import table
from .clock import database_ms

MOST: Final = 250  # that are asked for at once
UNDER_WAY_MS: Final = 10_000  # for which a request may still come to the store that nobody waits for any more


def settle_unsure(store: Store, using: str, go_on: Callable[[], bool]) -> None:
    """Delete entries that the store has, while `go_on()`. Those of a partition that cannot be asked are asked for the
    next time. Raises DatabaseError."""
    last, away = 0, set[int]()
    while entries := list(table.unsure(using).filter(pk__gt=last).defer("request")[:MOST]):
        there, missing = _asked(store, entries, go_on, away)
        table.remove(using, there)
        table.are_not_there(using, missing, database_ms(using) - UNDER_WAY_MS)
        if len(entries) < MOST or len(away) == len(store.parts) or not go_on():
            return
        last = entries[-1].pk


def _asked(
    store: Store, entries: list[OutboxEntry], go_on: Callable[[], bool], away: set[int]
) -> tuple[list[int], list[int]]:
    """The keys of those that the store has, and of those that it does not have. Notes partitions that are `away`, and
    asks none of these."""
    places: defaultdict[int, list[OutboxEntry]] = defaultdict(list)
    for entry in entries:
        places[partition_of_id(entry.job_id, len(store.parts))].append(entry)
    there: list[int] = []
    missing: list[int] = []
    for place, some in places.items():
        if not go_on():
            break
        if place in away:
            continue
        try:
            records = store.parts[place].reader.records([entry.job_id for entry in some])
            seen = [entry.job_id for entry, record in zip(some, records, strict=True) if record]
            store.parts[place].producer.secure(seen)
        except StoreError:  # which the sending meets too
            away.add(place)
            continue
        for entry, record in zip(some, records, strict=True):
            (there if record else missing).append(entry.pk)
    return there, missing
