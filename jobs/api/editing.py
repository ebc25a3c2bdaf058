"""Payloads that people put in place of others."""

from __future__ import annotations

from jobs.rights import Right

from .bodies.enqueue import PayloadBody
from .call import Call
from .endpoint import must_have
from .query import Nothing


def payload_of(call: Call[PayloadBody, Nothing]) -> bytes | None:
    """The payload that a request brings, None for one that keeps what there is. Raises Problem 403 and 422."""
    given = call.body.given
    if given is not None:
        must_have(call.principal, Right.EDIT_PAYLOAD)
    return given
