"""Idempotency-Key: a repeated request gets the first answer again, and makes nothing twice."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings

from jobs.errors import StoreError
from jobs.ids import derived_id
from jobs.store.markers import Markers
from jobs.store.producer import Marker

from .call import Call

PATIENCE_SECONDS: Final = 1.0  # with a request of the same key that is under way
LOOK_SECONDS: Final = 0.02


def marker_of(call: Call[Any, Any]) -> Marker | None:
    """What makes the store remember the answer; None without the header. Raises Problem 422 for a bad key."""
    key = call.idempotency_key
    if not key:
        return None
    body = hashlib.sha256(call.asked.path.encode() + b"\0" + call.asked.body).hexdigest()
    return Marker(_digest(call, key), body, call.config.idempotency_seconds)


def id_of(call: Call[Any, Any], index: int, deduplication_key: str = "") -> str | None:
    """The job id that comes from the caller's key and the job's place in the request; None without the header.

    The secret is in it so that nobody else can make a job under that id beforehand.
    """
    key = call.idempotency_key
    if not key:
        return None
    caller = (settings.SECRET_KEY, call.principal.id, key)
    return derived_id(*caller, str(index), deduplication_key=deduplication_key, place=_digest(call, key))


def once(markers: Markers, marker: Marker, token: str, act: Callable[[str, bool], bytes]) -> bytes:
    """The first answer to a request for something that is no enqueue: what `act(token, False)` returned.

    A repeat that comes while the first is under way waits for its answer. Where none comes (its process died), the
    repeat finishes what was begun by `act(token, True)` with the token of the first one. What `act` raises is nobody's
    answer, and the key is free again, unless the store fell silent and may have done it.
    """
    answered = marker._replace(key=f"{marker.key}/answer")
    while (kept := markers.keep(marker, token)) != token:
        answer = _awaited(markers, marker, answered)
        if answer is not None:
            return answer.encode()
        if markers.find(marker) is not None:
            break
    if kept == token:
        markers.drop(answered)  # one that outlived its marker
    try:
        answer = act(kept, kept != token).decode()
    except StoreError:
        raise
    except Exception:
        markers.drop(marker)
        raise
    return markers.keep(answered, answer).encode()


def _awaited(markers: Markers, marker: Marker, answered: Marker) -> str | None:
    """The answer that was given first; None when there is none in time, or the first request came to nothing."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (answer := markers.find(answered)) is None:
        if time.monotonic() >= until or markers.find(marker) is None:
            return None
        time.sleep(LOOK_SECONDS)
    return answer


def _digest(call: Call[Any, Any], key: str) -> str:
    return hashlib.sha256(f"{call.principal.id}\0{key}".encode()).hexdigest()
