"""Writes entries: around an action, or beside a change of the same database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.db import connections, transaction
from django.utils import timezone

from jobs.errors import StoreUnavailable
from jobs.models import Action, AuditEntry, Status

from . import connection, draft
from .actor import Actor
from .scribe import scribe

# The store may have done what was asked before it fell silent.
_UNSURE_KINDS: Final = frozenset({"connection", "timeout"})
_INTERNAL: Final = "internal_error"


class Entry:
    """An action under way. What becomes known of it is set here: `count` is how many things it changed,
    `operation_id` the bulk operation that carries it out, `detail` small facts (no payloads)."""

    def __init__(self, pk: int, operation_id: str, detail: Mapping[str, Any]) -> None:
        self.id = pk
        self.count: int | None = None
        self.operation_id = operation_id
        self.detail = dict(detail)

    def ended(self, error: BaseException | None) -> dict[str, Any]:
        """The fields of an entry that ended with `error`, or well."""
        status, code = (Status.DONE, "") if error is None else _outcome(error)
        return {
            "status": status,
            "code": draft.text("code", code),
            "count": draft.whole(self.count),
            "operation_id": draft.text("operation_id", self.operation_id),
            "detail": draft.bounded(self.detail),
            "finished_at": timezone.now(),
        }


@contextmanager
def entry(
    *,
    actor: Actor,
    action: Action,
    target: str = "",
    reason: str = "",
    operation_id: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Iterator[Entry]:
    """Put an action on record: its intent is committed before the block runs, its end after it.

    `target` is the id of what is acted on; its kind is known from the action. What the block raises is raised on, and
    marks the entry failed with the `code` of the exception; where the store fell silent, nobody can tell whether the
    action took effect, and the entry says unknown. An end that cannot be written is tried again in the background and
    changes nothing for the block.

    For plain threads, not for an event loop; it opens no database connection in the calling thread. Raises
    TrailUnavailable, and the block does not run, when the intent is not committed within two seconds. Raises
    TransactionManagementError inside a transaction on SQLite, whose lock the intent would wait for: a change of the
    database itself is put on record by `note`.
    """
    _refuse_deadlock()
    fields = draft.draft(actor, action, target, reason=reason, operation_id=operation_id, detail=detail)
    made = Entry(scribe.add(fields), operation_id, detail or {})
    try:
        yield made
    except BaseException as error:
        scribe.complete(made.id, made.ended(error))
        raise
    scribe.complete(made.id, made.ended(None))


def note(
    *,
    actor: Actor,
    action: Action,
    target: str = "",
    count: int | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Put a change of the Django database on record, in the transaction that makes it: both are kept, or neither.

    Raises TransactionManagementError outside a transaction, and DatabaseError.
    """
    using = connection.alias()
    if not connections[using].in_atomic_block:
        raise transaction.TransactionManagementError("trail.note() belongs into the transaction of the change")
    fields = draft.draft(actor, action, target, reason=reason, detail=detail)
    made = AuditEntry(**fields, status=Status.DONE, count=draft.whole(count), finished_at=fields["at"])
    made.save(using=using)
    return made


def _refuse_deadlock() -> None:
    here = connections[connection.alias()]
    if here.vendor == "sqlite" and here.in_atomic_block:
        raise transaction.TransactionManagementError("trail.entry() cannot work inside a transaction on SQLite")


def _outcome(error: BaseException) -> tuple[Status, str]:
    code = getattr(error, "code", None)
    if isinstance(error, StoreUnavailable) and error.kind in _UNSURE_KINDS:
        return Status.UNKNOWN, error.code
    if not isinstance(error, Exception):  # the process is told to end, somewhere in the middle
        return Status.UNKNOWN, type(error).__name__
    return Status.FAILED, code if isinstance(code, str) else _INTERNAL
