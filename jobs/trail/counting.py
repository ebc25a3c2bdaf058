"""Completes the entries of bulk operations with what became of them, once they are over.

Operations are carried out by maintenance, which does not write the Django database. So web processes do it: before
anybody reads the trail, and whenever an operation is started. The store forgets an operation only when a thousand
later ones were started, so none is forgotten uncounted.
"""

from __future__ import annotations

from typing import Any, Final

from jobs.errors import StoreError
from jobs.models import AuditEntry
from jobs.store.operation import Operation
from jobs.store.store import Store

from . import draft
from .connection import borrowed
from .scribe import scribe

MOST: Final = 200  # entries a time, the latest: no more operations than that are open or have just ended


def count_operations(store: Store, *, wait: bool = True) -> None:
    """Write into entries how many jobs their operations changed and had to leave alone, and how they ended.

    Those of operations that go on, or that the store does not know, stay as they are. With `wait` the caller finds
    it written, unless the database takes half a second; while the store cannot answer, nothing is. For plain threads.
    Raises DatabaseError.
    """
    with borrowed() as using:
        waiting = list(AuditEntry.objects.db_manager(using).uncounted()[:MOST])
    try:
        operations = store.operations.several([entry.operation_id for entry in waiting])
    except StoreError:
        return
    figures = [
        (entry.pk, operation.done, _detail(entry, operation))
        for entry, operation in zip(waiting, operations, strict=True)
        if operation is not None and operation.status.is_over
    ]
    if figures:
        scribe.count(figures, wait=wait)


def _detail(entry: AuditEntry, operation: Operation) -> dict[str, Any]:
    return draft.bounded({**entry.detail, "failed": operation.failed, "ended": operation.status.value})
