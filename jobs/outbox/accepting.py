"""Takes jobs into the outbox: by the thread that writes it, or inside the caller's own transaction."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import DatabaseError, InterfaceError, connections, transaction

from jobs.conf import Config
from jobs.errors import QueueFlowError
from jobs.models import OutboxEntry
from jobs.types import Enqueued

from . import table
from .away import closed
from .bells import ring
from .clock import database_ms
from .item import Item, answer_of, entry_of
from .room import Room
from .scribe import scribe


def accept(items: Sequence[Item], config: Config) -> list[Enqueued | QueueFlowError]:
    """What became of each item: the answer for its job, or why it was not put down.

    That is StoreUnavailable (`outbox_full`) and IdempotencyKeyReused. What is put down is committed, unless the caller
    is in a transaction on the same database: then it commits with that. Waits two seconds at most. Raises
    StoreUnavailable (`outbox_away`) when the database cannot take it.
    """
    if connections[table.alias()].in_atomic_block:
        return accept_in_transaction(items, config)
    found = scribe.add([entry_of(item) for item in items], config)
    ring()
    return _answers(found)


def accept_in_transaction(
    items: Sequence[Item], config: Config, *, wake: bool = True
) -> list[Enqueued | QueueFlowError]:
    """Do what `accept` does in the transaction that the calling thread is in on the outbox's database.

    `wake` False: the caller sends it at once, and no forwarder needs to look.
    """
    using, entries = table.alias(), [entry_of(item) for item in items]
    try:
        with transaction.atomic(using=using):
            room = Room.of(config, table.held_by(table.waiting(using)))
            found = table.add(entries, using, room, database_ms(using))
    except (DatabaseError, InterfaceError) as error:
        raise closed(error) from error
    if wake:
        transaction.on_commit(ring, using=using)
    return _answers(found)


def _answers(found: Sequence[OutboxEntry | QueueFlowError]) -> list[Enqueued | QueueFlowError]:
    return [answer_of(each, created=each.pk is None) if isinstance(each, OutboxEntry) else each for each in found]
