"""What people order for a pool: a number of workers for a while, or a pause."""

from __future__ import annotations

from typing import Annotated, Final, TypeVar

import msgspec

from jobs.clock import MAX_INSTANT_MS
from jobs.store.scaling import Kept

T = TypeVar("T")
MOST: Final = 1_000_000  # workers; an order for more, or of no instant, is none of ours
Instant = Annotated[int, msgspec.Meta(ge=0, le=MAX_INSTANT_MS)]


class ByHand(msgspec.Struct, frozen=True):
    """So many workers until an instant (ms; 0: until somebody resumes), as somebody wished for some reason."""

    workers: Annotated[int, msgspec.Meta(ge=0, le=MOST)]
    until_ms: Instant = 0
    by: str = ""
    reason: str = ""

    def holds(self, now_ms: float) -> bool:
        """Whether it still does."""
        return not self.until_ms or now_ms < self.until_ms


class Paused(msgspec.Struct, frozen=True):
    """No decisions since an instant (ms), as somebody wished for some reason."""

    since_ms: Instant
    by: str = ""
    reason: str = ""


def by_hand(kept: Kept, now_ms: float) -> ByHand | None:
    """The number of workers that holds now by order."""
    found = _read(kept.by_hand, ByHand)
    return found if found and found.holds(now_ms) else None


def paused(kept: Kept) -> Paused | None:
    """The pause that holds now."""
    return _read(kept.paused, Paused)


def write(order: ByHand | Paused) -> bytes:
    """An order as the store keeps it."""
    return msgspec.msgpack.encode(order)


def _read(packed: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.msgpack.decode(packed, type=kind) if packed else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
