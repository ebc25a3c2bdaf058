"""Starts bulk operations, once for each Idempotency-Key."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import msgspec
from django.db import DatabaseError

from jobs import limits, trail
from jobs.access.redacting import named_on_record, on_record
from jobs.filtering import JobFilter
from jobs.rights import Right
from jobs.store.operation import Action, Operation
from jobs.store.operations import TooManyOperations

from .answers import Started
from .call import Call
from .endpoint import must_have
from .idempotency import marker_of, once
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


def must_take(queue: str | None, action: str) -> None:
    """Refuse a queue that cannot be retried into, or one for another action."""
    if queue and action != "retry":
        raise invalid_field("queue", "it is for retries")
    if queue is not None:
        limits.queue(queue, "queue")


def must_mean(wanted: JobFilter, everything: bool) -> None:
    """Raise Problem for an empty filter that does not say that it means everything."""
    if not wanted.criteria and not everything:
        raise invalid_field("filter", "it is empty: to mean every job, set all to true")


class Wish(msgspec.Struct, frozen=True):
    """A bulk operation that is asked for: what to do, to which jobs, how fast (jobs a second, 0: no limit), why, and
    for a retry the queue to put them on ("": the one that each had)."""

    action: Action
    wanted: JobFilter
    rate: float | None = None
    reason: str = ""
    queue: str = ""


def start(call: Call[Any, Any], wish: Wish, record: trail.Action, target: str = "") -> Answer:
    """The answer to a request for a bulk operation: 202 with its id. `record` and `target` go into the audit trail.

    Raises Problem, 403 without its action's right.
    """
    must_have(call.principal, RIGHT_OF[wish.action])
    marker, operation_id = marker_of(call), call.store.operations.new_id()

    def begin(operation_id: str, is_repeat: bool) -> bytes:
        return msgspec.json.encode(_recorded(call, wish, (record, target), operation_id, is_repeat=is_repeat))

    said = once(call.store.markers, marker, operation_id, begin) if marker else begin(operation_id, False)
    started = msgspec.json.decode(said, type=Started)
    return Answer(started, headers={"Location": f"/api/operations/{started.operation_id}"})


def _recorded(
    call: Call[Any, Any], wish: Wish, what: tuple[trail.Action, str], operation_id: str, *, is_repeat: bool
) -> Started:
    """Open the operation and put it on record; how many jobs it changes is known when it is over. Those of earlier ones
    are counted now."""
    wanted = wish.wanted.seen_through(call.redactor)
    detail: dict[str, Any] = {"action": wish.action.value, "filter": on_record(wanted, call.config)}
    detail |= {"repeated": True} if is_repeat else {}
    with call.recorded(*what, reason=wish.reason, detail=detail, operation_id=operation_id) as entry:
        operation = _open(call, wish, operation_id)
        entry.detail |= {} if operation.total is None else {"matched": operation.total}
        entry.detail |= named_on_record(operation.errors)
    with suppress(DatabaseError):
        trail.count_operations(call.store, wait=False)
    return Started(operation_id=operation.id, matched=operation.total)


def _open(call: Call[Any, Any], wish: Wish, operation_id: str) -> Operation:
    try:
        return call.store.operations.open(
            wish.action,
            wish.wanted.seen_through(call.redactor),
            rate=wish.rate or 0.0,
            reason=wish.reason,
            queue=wish.queue,
            started_by=f"{call.principal.name} ({call.principal.id})",
            operation_id=operation_id,
        )
    except TooManyOperations as error:
        raise conflict(str(error)) from error
