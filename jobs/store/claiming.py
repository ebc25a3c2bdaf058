"""A claim as it travels: the keys that it names, and the jobs that its answer brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from jobs.errors import StoreError, UnreadableRecord
from jobs.types import Claim, Envelope

from . import codec, tables
from .keys import Keys


class Woken(NamedTuple):
    """How a wait for work ended: with an order or "", and with the jobs that were claimed then. `trouble` says why
    there was nothing to wait at; the claim was made at once."""

    order: str
    claims: list[Claim]
    trouble: StoreError | None = None


def keys_of_claim(keys: Keys, reply: str, queues: Sequence[tuple[str, int]]) -> list[str]:
    """The KEYS of a claim from (queue, weight) pairs."""
    ring = [*keys.core, reply, keys.active, keys.turns, keys.dlq, *keys.gate]
    for queue, _ in queues:
        ring += keys.queue_block(queue)
    return ring


def claims_of(token: str, reply: Any) -> list[Claim]:
    """Claimed jobs. One whose record Lua could read and we cannot is left to its lease: the reaper sets it aside."""
    claims = []
    for raw_id, packed, body in zip(reply[1], reply[2], reply[3], strict=True):
        job_id = tables.id_of(raw_id)
        record = codec.readable_record(job_id, packed)
        if record is None or tables.is_foreign(job_id):
            continue
        envelope: Envelope | None
        try:
            envelope = codec.envelope(job_id, body)
        except UnreadableRecord:
            envelope = None
        claims.append(Claim(job_id, token, record, envelope))
    return claims


def order_of(reply: Any, control: str) -> str:
    """The order that a wait brought; "" for a token or nothing."""
    return reply[1].decode(errors="replace") if reply and reply[0] == control.encode() else ""
