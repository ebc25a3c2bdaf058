"""The outbox: jobs that are taken in while the store is away, in the Django database, until it is back.

`outbox.accept(items, config)` puts them down, a `Forwarder` brings them to the store in that order.
"""

from .accepting import accept, accept_in_transaction
from .away import is_away, puts_down
from .bells import ring
from .forwarder import Forwarder
from .item import Item, seen_marker
from .looking import OutboxView, find, view
from .settling import discard, keep_duplicate, keep_refused
from .table import alias

__all__ = [
    "Forwarder",
    "Item",
    "OutboxView",
    "accept",
    "accept_in_transaction",
    "alias",
    "discard",
    "find",
    "is_away",
    "keep_duplicate",
    "keep_refused",
    "puts_down",
    "ring",
    "seen_marker",
    "view",
]
