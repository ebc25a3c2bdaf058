"""The store and its time, for those who make and change schedules: also while it is away."""

from __future__ import annotations

from jobs.clock import local_ms
from jobs.conf import get_config
from jobs.errors import StoreError
from jobs.store.store import Store, get_store


def store() -> Store:
    """The store of this process; where there is no server to connect to, one that is away."""
    try:
        return get_store()
    except StoreError as error:
        return Store.absent(get_config(), error)


def now_ms(store: Store) -> int:
    """The store's time in ms. While it cannot be had, this host's: a schedule can be made all the same."""
    try:
        return store.reader.now_ms()
    except StoreError:
        return local_ms()
