"""What becomes of an entry that was sent at once, when its transaction had committed."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError

from jobs.errors import QueueFlowError, StoreError, StoreSpoilt
from jobs.models import OutboxEntry

from . import table
from .bells import ring


def discard(job_id: str) -> None:
    """Remove the entry of a job that the store has. Where the database cannot do it now, the forwarder does."""
    try:
        OutboxEntry.objects.using(table.alias()).filter(job_id=job_id).delete()
    except (DatabaseError, InterfaceError):
        ring()


def keep_refused(job_id: str, error: QueueFlowError) -> None:
    """Keep the entry of a job that the store will never take, as refused; if not now, the forwarder finds it out."""
    using = table.alias()
    try:
        entry = table.waiting(using).filter(job_id=job_id).defer("request").first()
        if entry is not None:
            table.refuse(using, entry, reason_of(error))
    except (DatabaseError, InterfaceError):
        ring()


def keep_duplicate(job_id: str, holder: str) -> None:
    """Let a forwarder end a job whose deduplication key `holder` has, as it ends those that it finds so itself."""
    using = table.alias()
    try:
        entry = table.waiting(using).filter(job_id=job_id).defer("request").first()
        if entry is not None:
            table.hold_duplicate(using, entry, holder)
    except (DatabaseError, InterfaceError):
        pass
    ring()


def reason_of(error: Exception) -> str:
    """Why a job was refused, as it is kept: a code of the API, and words. No addresses of servers."""
    if isinstance(error, StoreError) and not isinstance(error, StoreSpoilt):
        return f"{error.code}: {error.public}"
    return f"{error.code if isinstance(error, QueueFlowError) else 'unreadable'}: {error}"
