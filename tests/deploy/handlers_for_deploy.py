"""The handlers of an image of somebody's own, for the rehearsal."""

from __future__ import annotations

import time

from jobs import handler


@handler("pack")
def pack(payload: dict[str, float]) -> float:
    """Takes as many seconds as it is told."""
    time.sleep(payload["seconds"])  # job body
    return payload["seconds"]


@handler("stamp")
def stamp(payload: None) -> None:
    """What the schedule enqueues."""
