"""What time it is, for those who make and change schedules."""

from __future__ import annotations

from jobs.clock import local_ms
from jobs.errors import StoreError
from jobs.store.store import Store


def now_ms(store: Store) -> int:
    """The store's time in ms. While it cannot be had, this host's: a schedule can be made all the same."""
    try:
        return store.reader.now_ms()
    except StoreError:
        return local_ms()
