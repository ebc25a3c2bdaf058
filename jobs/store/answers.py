"""What the script that enqueues says of one job, in our words."""

from __future__ import annotations

from typing import Any

import msgspec

from jobs.states import State
from jobs.types import Enqueued, JobRecord, JobRequest

from . import codec
from .codes import EnqueueCode


def answer(request: JobRequest, now: int, code: EnqueueCode, detail: Any) -> Enqueued:
    """The answer to a request: `now` in ms of server time, `detail` is what the script says besides the code."""
    due = now + request.delay_ms if request.delay_ms else request.due_ms
    state = State.SCHEDULED if due > now else State.PENDING
    waits = state is State.SCHEDULED
    made = Enqueued(request.id, state, now, due if waits else 0, created=code is EnqueueCode.MADE, request=request)
    if code is not EnqueueCode.DUPLICATE:
        return _as_recorded(made, codec.readable_record(request.id, detail)) if detail else made
    holder, packed = detail[0].decode(errors="replace"), detail[1]
    there = Enqueued(holder, state, now, created=False, duplicate_of=holder, request=request)
    return _as_recorded(there, codec.readable_record(holder, packed))


def _as_recorded(made: Enqueued, record: JobRecord | None) -> Enqueued:
    """The answer as the record of its job tells; as it is where that cannot be read."""
    if record is None:
        return made
    return msgspec.structs.replace(
        made, state=record.state, created_ms=record.created, due_ms=record.ready, record=record, request=None
    )
