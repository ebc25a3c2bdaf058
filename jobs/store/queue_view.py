"""One queue as a list of queues shows it."""

from __future__ import annotations

from typing import Final

import msgspec

COUNTED: Final = ("scheduled", "retrying", "active", "dead", "held")


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    """One queue now.

    `depth` and `oldest_ms`, the age of the oldest pending job, leave out those that `counts` calls held: pending jobs
    that wait apart because their type is paused. `counts` has besides: scheduled, retrying, active, dead. Not `rated`:
    the queue has just begun to move, so that its rates are guesses. `paused_since` is in ms; 0: unknown, or not paused.
    """

    name: str
    depth: dict[str, int]
    counts: dict[str, int]
    paused: bool
    paused_since: int = 0
    oldest_ms: int
    in_per_second: float = 0.0
    out_per_second: float = 0.0
    rated: bool = True
