"""What happened to a job, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from jobs.clock import MAX_INSTANT_MS, isoformat
from jobs.states import State
from jobs.types import Execution, JobRecord

from .wire import OUTCOMES, Time, Wire, about, words

Event = Annotated[
    str, words("JobEvent", {*OUTCOMES, "enqueued", "claimed", "dead", "cancelled", "due", "pending"} - {"running"})
]


class Moment(Wire, frozen=True):
    """One event: when, what, and what is worth knowing of it."""

    at: Annotated[Time, about("When it happened, or will for `due`")]
    event: Annotated[Event, about("What happened; the outcome of an execution is one too")]
    detail: Annotated[str, about("What is worth knowing of it; may be empty")] = ""


def timeline_of(record: JobRecord, history: Sequence[Execution]) -> list[Moment]:
    """From its making to its end, or to what it waits for. A completed or running execution is told by the record.

    What a foreign figure puts into no year at all is left out.
    """
    moments = sorted(_moments(record, history), key=lambda moment: moment[0])
    return [
        Moment(at=isoformat(at), event=event, detail=detail)
        for at, event, detail in moments
        if 0 <= at <= MAX_INSTANT_MS
    ]


def _moments(record: JobRecord, history: Sequence[Execution]) -> Iterator[tuple[int, str, str]]:
    yield record.created, "enqueued", f"on {record.queue}, {record.priority.label}"
    for execution in history:
        yield execution.claimed, "claimed", f"execution {execution.number} on {execution.worker}"
        told = f"{execution.error_type}: {execution.message}" if execution.error_type else execution.message
        what = told.partition("\n")[0][:200]
        yield execution.ended, execution.outcome, what
    if record.state in (State.ACTIVE, State.COMPLETED):
        yield record.claimed, "claimed", f"execution {record.executions} on {record.worker}"
    if record.state.is_settled and record.finished:
        yield record.finished, record.state.label, record.error if record.state is State.CANCELLED else ""
    if record.state in (State.SCHEDULED, State.RETRYING):
        yield record.ready, "due", ""
    if record.state is State.PENDING and record.executions and record.ready:
        yield record.ready, "pending", ""
