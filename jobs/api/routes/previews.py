"""How many jobs a bulk operation would be about, before anybody starts it."""

from __future__ import annotations

from typing import Any

from jobs.api.answers import Preview
from jobs.api.bodies.filters import DeadOperationBody, JobsOperationBody, filter_of
from jobs.api.call import Call
from jobs.api.endpoint import must_have
from jobs.api.query import Nothing
from jobs.api.searching import searching
from jobs.api.starting import OPERATING, RIGHT_OF, must_mean, must_take
from jobs.dead_letter import only_dead
from jobs.filtering import JobFilter
from jobs.rights import Right
from jobs.store.operation import Action

from .endpoints import endpoints

MOST_LOOKED_AT = 500


@endpoints.post("/jobs/operations/preview", *OPERATING, body=JobsOperationBody, answers={200: Preview})
def preview_operation(call: Call[JobsOperationBody, Nothing]) -> Preview:
    """Tell how many jobs an operation would be about.

    Takes the body that would start it, and starts nothing.
    """
    wanted = filter_of(call.body.filter)
    must_mean(wanted, call.body.all)
    return _preview(call, wanted)


@endpoints.post("/dlq/operations/preview", Right.RETRY, Right.DELETE, body=DeadOperationBody, answers={200: Preview})
def preview_dead_operation(call: Call[DeadOperationBody, Nothing]) -> Preview:
    """Tell how many dead jobs an operation would be about.

    Takes the body that would start it, and starts nothing.
    """
    wanted = filter_of(call.body.filter)
    must_mean(wanted, call.body.all)
    must_take(call.body.queue, call.body.action)
    return _preview(call, only_dead(wanted))


def _preview(call: Call[Any, Nothing], wanted: JobFilter) -> Preview:
    action = Action(call.body.action)
    must_have(call.principal, RIGHT_OF[action])
    matched = call.store.operations.size_of(action, wanted.seen_through(call.redactor))
    if matched is not None:
        return Preview(matched=matched, at_least=matched)
    with searching(call.inspector.is_search(wanted)):
        found = call.inspector.jobs(wanted, MOST_LOOKED_AT)
    states = {state.label for state in action.states}
    seen = sum(item.status in states for item in found.items)
    return Preview(matched=seen if found.searched.complete else None, at_least=seen)
