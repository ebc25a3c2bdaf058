"""Idempotency-Key: a repeated request gets the first answer again, and makes nothing twice."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings

from jobs.ids import derived_id
from jobs.store.producer import Marker

from .call import Call


def marker_of(call: Call[Any, Any]) -> Marker | None:
    """What makes the store remember the answer; None without the header. Raises Problem 422 for a bad key."""
    key = call.idempotency_key
    if not key:
        return None
    body = hashlib.sha256(call.asked.path.encode() + b"\0" + call.asked.body).hexdigest()
    return Marker(_digest(call, key), body, call.config.idempotency_seconds)


def id_of(call: Call[Any, Any], index: int) -> str | None:
    """The job id that comes from the caller's key and the job's place in the request; None without the header.

    The secret is in it so that nobody else can make a job under that id beforehand.
    """
    key = call.idempotency_key
    return derived_id(settings.SECRET_KEY, call.principal.id, key, str(index)) if key else None


def _digest(call: Call[Any, Any], key: str) -> str:
    return hashlib.sha256(f"{call.principal.id}\0{key}".encode()).hexdigest()
