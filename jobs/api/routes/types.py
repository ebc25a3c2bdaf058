"""Job types."""

from __future__ import annotations

from typing import Any

from jobs import trail
from jobs.api.answers import Types
from jobs.api.bodies.filters import ReasonBody
from jobs.api.call import Call, NoBody
from jobs.api.problems import not_found
from jobs.api.query import Nothing
from jobs.inspection.figures import TypeLine
from jobs.rights import Right

from .endpoints import endpoints


@endpoints.get("/types", Right.VIEW, answers={200: Types})
def list_types(call: Call[NoBody, Nothing]) -> Types:
    """List job types."""
    return Types(items=call.inspector.types())


@endpoints.post("/types/{path:job_type}/pause", Right.PAUSE, body=ReasonBody, answers={200: TypeLine}, problems=(409,))
def pause_type(call: Call[ReasonBody, Nothing], job_type: str) -> TypeLine:
    """Pause a job type.

    Workers claim no job of it from any queue; other types go on, what is active finishes, and jobs still come in.
    """
    with call.recorded(trail.Action.TYPE_PAUSE, _known(call, job_type), reason=call.body.reason):
        call.store.type_pauses.pause(job_type)
    return _line(call, job_type)


@endpoints.post("/types/{path:job_type}/resume", Right.PAUSE, body=ReasonBody, answers={200: TypeLine})
def resume_type(call: Call[ReasonBody, Nothing], job_type: str) -> TypeLine:
    """Resume a job type.

    Its jobs go back to their queues in the order that they had; many of them take some seconds for it.
    """
    with call.recorded(trail.Action.TYPE_RESUME, _known(call, job_type), reason=call.body.reason):
        call.store.type_pauses.resume(job_type)
    return _line(call, job_type)


def _known(call: Call[Any, Nothing], job_type: str) -> str:
    if not any(line.type == job_type for line in call.inspector.types()):
        raise not_found("There is no such job type.")
    return job_type


def _line(call: Call[Any, Nothing], job_type: str) -> TypeLine:
    return next(line for line in call.inspector.types() if line.type == job_type)
