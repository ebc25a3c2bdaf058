"""What the scaler itself remembers of a pool between two decisions, in the store."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import msgspec

from .entry import Entry

LONGEST: Final = 1e6  # seconds that anything here takes


class Memo(msgspec.Struct, frozen=True, kw_only=True):
    """`memory` belongs to strategies and guards; `earlier` is what it was when the last decision was made, None where
    that is not known. `queues` and `slots` are those of the workers seen last.

    `startup` is how long workers took to come lately, in seconds, as measured last at the change of `startup_of` (ms).
    `bar` is what stood against carrying the last decision out, `is_trouble` whether that should not be. `goal` is
    the wait goal (s) that the last decision was made by; 0: not known. `untold` are the decisions, the last one among
    them, that the database did not have when it was made. `astray` is since when (s since 1970) the pool has not had
    the workers that it should have, although it had time; 0: it has, or still has time. `since` is when (s since 1970)
    the pool was seen first; 0: not known.
    """

    memory: Mapping[str, float] = {}
    earlier: Mapping[str, float] | None = None
    queues: tuple[str, ...] = ()
    slots: int = 0
    startup: float | None = None
    startup_of: int = 0
    bar: str = ""
    is_trouble: bool = False
    goal: float = 0.0
    astray: float = 0.0
    since: float = 0.0
    untold: tuple[Entry, ...] = ()


def read_memo(packed: bytes) -> Memo:
    """What was kept, without figures that cannot be true; nothing where it cannot be read."""
    try:
        memo = msgspec.msgpack.decode(packed, type=Memo)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Memo()
    return msgspec.structs.replace(
        memo,
        memory=_finite(memo.memory),
        earlier=None if memo.earlier is None else _finite(memo.earlier),
        slots=max(memo.slots, 0),
        startup=memo.startup if memo.startup is not None and _is_time(memo.startup) else None,
        goal=memo.goal if _is_time(memo.goal) else 0.0,
        astray=memo.astray if math.isfinite(memo.astray) else 0.0,
        since=memo.since if math.isfinite(memo.since) else 0.0,
        untold=tuple(entry for entry in memo.untold if entry.seen.is_credible),
    )


def _finite(memory: Mapping[str, float]) -> Mapping[str, float]:
    return {name: value for name, value in memory.items() if math.isfinite(value)}


def _is_time(seconds: float) -> bool:
    return math.isfinite(seconds) and 0 <= seconds <= LONGEST


def write_memo(memo: Memo) -> bytes:
    """The memo as the store keeps it."""
    earlier = None if memo.earlier is None else dict(memo.earlier)
    return msgspec.msgpack.encode(msgspec.structs.replace(memo, memory=dict(memo.memory), earlier=earlier))
