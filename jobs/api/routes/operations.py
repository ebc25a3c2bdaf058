"""Bulk operations: start, follow, abort."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from jobs import trail
from jobs.api.answers import UNKNOWN, Effect, OperationPage, OperationView, Started, operation_view
from jobs.api.bodies.filters import JobsOperationBody, PageQuery, ReasonBody, filter_of
from jobs.api.call import Call, NoBody
from jobs.api.endpoint import must_have
from jobs.api.problems import conflict, not_found
from jobs.api.query import Nothing
from jobs.api.reply import Answer
from jobs.api.starting import OPERATING, RIGHT_OF, Wish, must_mean, start
from jobs.inspection.cursors import Cursor, read_cursor, write_cursor
from jobs.rights import Right
from jobs.store.operation import Action, Operation
from jobs.store.store import Store

from .endpoints import endpoints

SOURCE: Final = "operations"


class _All(msgspec.Struct, frozen=True, tag=SOURCE):
    """The filter of a list that has none: keeps its cursors apart from those of other lists."""


@endpoints.post(
    "/jobs/operations",
    *OPERATING,
    body=JobsOperationBody,
    answers={202: Started},
    idempotent=True,
    located=True,
    problems=(409,),
)
def start_operation(call: Call[JobsOperationBody, Nothing]) -> Answer:
    """Retry, cancel, delete or run now many jobs.

    One operation on the server, frozen now. An empty filter needs `all`.
    """
    body = call.body
    wanted = filter_of(body.filter)
    must_mean(wanted, body.all)
    wish = Wish(Action(body.action), wanted, body.rate_per_second, body.reason)
    return start(call, wish, trail.Action.JOBS_OPERATION)


@endpoints.get("/operations", Right.VIEW, query=PageQuery, answers={200: OperationPage})
def list_operations(call: Call[NoBody, PageQuery]) -> OperationPage:
    """List operations, latest first. Of what cannot be decoded there is only the id."""
    limit = call.query.limit
    before = read_cursor(call.query.cursor, _All()).id if call.query.cursor else ""
    ids = call.store.operations.latest_ids(limit + 1, before)
    more = write_cursor(Cursor(SOURCE, 0, ids[limit - 1], 0), _All()) if len(ids) > limit else None
    redactor = call.redactor
    page = list(zip(ids[:limit], call.store.operations.several(ids[:limit]), strict=True))
    return OperationPage(
        items=[operation_view(operation, redactor) for _, operation in page if operation is not None],
        unreadable=[operation_id for operation_id, operation in page if operation is None],
        next_cursor=more,
    )


@endpoints.get("/operations/{operation_id}", Right.VIEW, answers={200: OperationView})
def get_operation(call: Call[NoBody, Nothing], operation_id: str) -> OperationView:
    """Show how far an operation is."""
    operation = _operation(call, operation_id)
    return operation_view(operation, call.redactor, _effect(call.store, operation))


@endpoints.post(
    "/operations/{operation_id}/abort",
    *OPERATING,
    Right.PURGE,
    body=ReasonBody,
    answers={200: OperationView},
    problems=(409,),
)
def abort_operation(call: Call[ReasonBody, Nothing], operation_id: str) -> OperationView:
    """Abort an operation.

    It ends within about a second; what it has done stays done.
    """
    operation = _operation(call, operation_id)
    must_have(call.principal, RIGHT_OF[operation.action])
    with call.recorded(trail.Action.OPERATION_ABORT, operation.id, reason=call.body.reason) as entry:
        entry.operation_id = operation.id
        if not call.store.operations.abort(operation.id, call.principal.name):
            raise conflict(f"The operation is {operation.status.value}.")
    return operation_view(_operation(call, operation_id), call.redactor)


def _effect(store: Store, operation: Operation) -> Effect:
    if operation.action is not Action.RETRY:
        return UNKNOWN
    return Effect(store.operations.died_since(operation), store.operations.completed_since(operation))


def _operation(call: Call[Any, Nothing], operation_id: str) -> Operation:
    is_id = operation_id.isascii() and operation_id.isalnum()
    found = call.store.operations.get(operation_id) if is_id else None
    if found is None:
        raise not_found("There is no such operation, or what the store holds of it cannot be decoded.")
    return found
