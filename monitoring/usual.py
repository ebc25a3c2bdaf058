"""How long a job of a queue usually takes, from what history keeps of the last hours."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final
from weakref import WeakKeyDictionary

from jobs.store.store import Store

SECONDS: Final = 600  # of one bucket; the one that is not over is not among them
BUCKETS: Final = 36
FEW: Final = 20  # completed jobs, below which nothing is usual
FRESH_SECONDS: Final = 60.0

_known: WeakKeyDictionary[Store, tuple[float, Mapping[str, float]]] = WeakKeyDictionary()


def usual_ms(store: Store, queues: Sequence[str]) -> Mapping[str, float]:
    """The mean processing time (ms) of the last six hours by queue, read once a minute. Raises StoreError.

    A queue of which little or nothing was recorded is left out.
    """
    found = _known.get(store)
    if found is None or time.monotonic() >= found[0]:
        found = (time.monotonic() + FRESH_SECONDS, _read(store, queues))
        _known[store] = found
    return found[1]


def _read(store: Store, queues: Sequence[str]) -> Mapping[str, float]:
    usual = {}
    for name, buckets in store.history.buckets(queues, SECONDS, BUCKETS).items():
        completed = sum(bucket.completed for bucket in buckets)
        if completed >= FEW:
            usual[name] = sum(bucket.busy_ms for bucket in buckets) / completed
    return usual
