"""What the scaler itself remembers of a pool between two decisions, in the store."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Memo(msgspec.Struct, frozen=True, kw_only=True):
    """`memory` belongs to strategies and guards; `earlier` is what it was when the last decision was made, None where
    that is not known. `queues` and `slots` are those of the workers seen last.

    `startup` is how long workers took to come lately, in seconds, as measured last at the change of `startup_of` (ms).
    `bar` is what stood against carrying the last decision out, `is_trouble` whether that should not be. `goal` is
    the wait goal (s) that the last decision was made by; 0: not known.
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


def read_memo(packed: bytes) -> Memo:
    """What was kept; nothing where that cannot be read."""
    try:
        return msgspec.msgpack.decode(packed, type=Memo)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Memo()


def write_memo(memo: Memo) -> bytes:
    """The memo as the store keeps it."""
    earlier = None if memo.earlier is None else dict(memo.earlier)
    return msgspec.msgpack.encode(msgspec.structs.replace(memo, memory=dict(memo.memory), earlier=earlier))
