"""Payloads that people put in place of others."""

from __future__ import annotations

from collections.abc import Callable

from jobs.redaction import MASK, holds_mask
from jobs.rights import Right
from jobs.trail import Action

from .bodies.enqueue import PayloadBody
from .call import Call
from .endpoint import must_have
from .problems import invalid_field
from .query import Nothing


def payload_of(call: Call[PayloadBody, Nothing]) -> bytes | None:
    """The payload that a request brings, None for one that keeps what there is. Raises Problem 403 and 422."""
    given = call.body.given
    if given is not None:
        must_have(call.principal, Right.EDIT_PAYLOAD)
        if holds_mask(given):
            raise invalid_field("payload", f"it holds {MASK}, which stands for a value that was hidden")
    return given


def edited(payload: bytes | None) -> dict[str, bool]:
    """What the audit trail says of a payload that was replaced; not the payload."""
    return {} if payload is None else {"payloadReplaced": True}


def retry(call: Call[PayloadBody, Nothing], job_id: str, act: Callable[[str, bytes | None], None]) -> None:
    """Retry one dead job by `act`, on record."""
    payload = payload_of(call)
    action = Action.JOB_RETRY if payload is None else Action.JOB_EDIT_PAYLOAD
    with call.recorded(action, job_id, reason=call.body.reason, detail=edited(payload)) as entry:
        act(job_id, payload)
        entry.count = 1
