"""Queues."""

from __future__ import annotations

from typing import Any

from jobs import trail
from jobs.api.answers import Queues, Started
from jobs.api.bodies.filters import PurgeBody, ReasonBody
from jobs.api.call import Call, NoBody
from jobs.api.problems import not_found
from jobs.api.query import Nothing
from jobs.api.reply import Answer
from jobs.api.starting import Wish, start
from jobs.filtering import JobFilter
from jobs.inspection.figures import QueueLine
from jobs.rights import Right
from jobs.store.operation import Action

from .endpoints import endpoints


@endpoints.get("/queues", Right.VIEW, answers={200: Queues})
def list_queues(call: Call[NoBody, Nothing]) -> Queues:
    """List queues."""
    return Queues(items=call.inspector.queues())


@endpoints.post("/queues/{name}/pause", Right.PAUSE, body=ReasonBody, answers={200: QueueLine})
def pause_queue(call: Call[ReasonBody, Nothing], name: str) -> QueueLine:
    """Pause a queue.

    Workers claim nothing more from it; what is active finishes, and jobs still come in.
    """
    with call.recorded(trail.Action.QUEUE_PAUSE, _known(call, name), reason=call.body.reason):
        call.store.operator.pause(name)
    return _line(call, name)


@endpoints.post("/queues/{name}/resume", Right.PAUSE, body=ReasonBody, answers={200: QueueLine})
def resume_queue(call: Call[ReasonBody, Nothing], name: str) -> QueueLine:
    """Resume a queue."""
    with call.recorded(trail.Action.QUEUE_RESUME, _known(call, name), reason=call.body.reason):
        call.store.operator.resume(name)
    return _line(call, name)


@endpoints.post(
    "/queues/{name}/purge",
    Right.PURGE,
    body=PurgeBody,
    answers={202: Started},
    idempotent=True,
    located=True,
    problems=(409,),
)
def purge_queue(call: Call[PurgeBody, Nothing], name: str) -> Answer:
    """Delete the jobs that wait in a queue.

    One operation on the server; what is enqueued later is not part of it.
    """
    wanted = JobFilter(queues=(_known(call, name),))
    wish = Wish(Action.PURGE, wanted, call.body.rate_per_second, call.body.reason)
    return start(call, wish, trail.Action.QUEUE_PURGE, name)


def _known(call: Call[Any, Nothing], name: str) -> str:
    if name not in call.store.reader.queue_names():
        raise not_found("There is no such queue.")
    return name


def _line(call: Call[Any, Nothing], name: str) -> QueueLine:
    return next(line for line in call.inspector.queues() if line.name == name)
