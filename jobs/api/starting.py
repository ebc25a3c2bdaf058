"""Starts bulk operations, once for each Idempotency-Key."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from jobs import trail
from jobs.access.redacting import on_record
from jobs.filtering import JobFilter
from jobs.rights import Right
from jobs.store.operation import Action, Operation
from jobs.store.operations import TooManyOperations

from .answers import Started
from .call import Call
from .endpoint import must_have
from .idempotency import marker_of
from .problems import conflict, invalid_field
from .reply import Answer

OPERATING: Final = (Right.RETRY, Right.CANCEL, Right.DELETE)
RIGHT_OF: Final = {
    Action.RETRY: Right.RETRY,
    Action.RUN_NOW: Right.RETRY,
    Action.CANCEL: Right.CANCEL,
    Action.DELETE: Right.DELETE,
    Action.PURGE: Right.PURGE,
}


def must_mean(wanted: JobFilter, everything: bool) -> None:
    """Raise Problem for an empty filter that does not say that it means everything."""
    if not wanted.criteria and not everything:
        raise invalid_field("filter", "it is empty: to mean every job, set all to true")


class Wish(msgspec.Struct, frozen=True):
    """A bulk operation that is asked for: what to do, to which jobs, how fast (jobs a second, 0: no limit), why."""

    action: Action
    wanted: JobFilter
    rate: float | None = None
    reason: str = ""


def start(call: Call[Any, Any], wish: Wish, record: trail.Action, target: str = "") -> Answer:
    """The answer to a request for a bulk operation: 202 with its id. `record` and `target` go into the audit trail.

    Raises Problem, 403 without its action's right.
    """
    must_have(call.principal, RIGHT_OF[wish.action])
    operations = call.store.operations
    marker = marker_of(call)
    operation_id = operations.new_id()
    operation = None
    if marker:  # the one that a first request started, unless it got no further than this
        operation_id = call.store.markers.keep(marker, operation_id)
        operation = operations.get(operation_id)
    if operation is None:
        wanted = wish.wanted.seen_through(call.redactor)
        detail = {"action": wish.action.value, "filter": on_record(wanted, call.config)}
        try:
            with call.recorded(record, target, reason=wish.reason, detail=detail) as entry:
                entry.operation_id = operation_id
                operation = _open(call, wish, operation_id)
                entry.count = operation.total
        except Exception:
            if marker:
                call.store.markers.drop(marker)
            raise
    started = Started(operation_id=operation.id, matched=operation.total)
    return Answer(started, headers={"Location": f"/api/operations/{operation.id}"})


def _open(call: Call[Any, Any], wish: Wish, operation_id: str) -> Operation:
    try:
        return call.store.operations.open(
            wish.action,
            wish.wanted.seen_through(call.redactor),
            rate=wish.rate or 0.0,
            reason=wish.reason,
            started_by=f"{call.principal.name} ({call.principal.id})",
            operation_id=operation_id,
        )
    except TooManyOperations as error:
        raise conflict(str(error)) from error
