"""How much the outbox takes: so many jobs, and so many bytes of them."""

from __future__ import annotations

from typing import NamedTuple, Self

from jobs.conf import Config
from jobs.errors import StoreUnavailable
from jobs.words import several


class Held(NamedTuple):
    """What waits: how many entries, and the bytes of their requests."""

    entries: int = 0
    size: int = 0


class Room:
    """What is left between what waits and what may. Every entry that is let in takes its part of it."""

    def __init__(self, entries: int, size: int, held: Held) -> None:
        self.entries = entries
        self.size = size
        self.held = held

    @classmethod
    def of(cls, config: Config, held: Held) -> Self:
        """The room of an installation, with what waits there."""
        return cls(config.outbox_max, config.outbox_max_bytes, held)

    def let_in(self, size: int) -> StoreUnavailable | None:
        """Take the room of one more entry of so many bytes; why there is none, if so."""
        entries, held = self.held
        if entries >= self.entries:
            return _full(f"the outbox holds {several(entries, 'job')} already, as many as OUTBOX_MAX allows")
        if held + size > self.size:
            allowed = f"{self.size:,} bytes that OUTBOX_MAX_BYTES allows in the outbox"
            return _full(f"of the {allowed} {held:,} are taken, which leaves too few for this job of {size:,}")
        self.held = Held(entries + 1, held + size)
        return None


def has_room(config: Config, held: Held) -> bool:
    """Whether one more job would be let in, also one with the largest payload that there may be."""
    return Room.of(config, held).let_in(min(config.max_payload_bytes, config.outbox_max_bytes)) is None


def _full(why: str) -> StoreUnavailable:
    return StoreUnavailable(f"the store is away, and {why}", "outbox_full")
