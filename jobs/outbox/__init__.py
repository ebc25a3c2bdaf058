"""The outbox: jobs that are taken in while the store is away, in the Django database, until it is back.

`outbox.accept(items, config)` puts them down, a `Forwarder` brings them to the store in that order.
"""

from .accepting import accept, accept_in_transaction, discard
from .away import is_away, puts_down
from .forwarder import Forwarder
from .item import Item
from .looking import OutboxView, find, view

__all__ = [
    "Forwarder",
    "Item",
    "OutboxView",
    "accept",
    "accept_in_transaction",
    "discard",
    "find",
    "is_away",
    "puts_down",
    "view",
]
